/**
 * Who did something in Slack, and how far does Slack's word go?
 * By the ids of team and user together: names, handles and e-mail addresses are anybody's to change. Members of the workspace rank as
 * collaborators; guests, and people of other workspaces in a shared channel, as outsiders.
 */
import type { Account } from '@viewportai/core/tools/port'
import type { Somebody } from '../port.ts'
import type { Again } from './again.ts'
import { teamOf } from '@viewportai/core/tools/slack/fields'

type Told = {
  readonly user: string | null
  readonly bot?: string | null
  readonly app?: string | null
  /** The team that the delivery names for this very person. */
  readonly team: string | null
  /** It was in a channel that other companies share: whose team is not told may be of any. */
  readonly shared: boolean
  readonly name?: string | null
}

/** In place of a team that nobody told: an account of it is nobody's. */
const nobody = 'unknown'

export const somebody = (told: Told, account: Account | null, again: Again | null): Somebody => {
  const ours = teamOf(account)
  const who = again?.people.find((one) => one.id === told.user)
  const team = told.team ?? who?.team ?? (told.shared ? null : ours)
  if (told.app !== null && told.app !== undefined && told.app === account?.app)
    return { id: account.id, name: account.name, standing: 'bot' }
  if (told.user === null)
    return told.bot
      ? { id: `${team ?? nobody}/${told.bot}`, name: told.name ?? told.bot, standing: 'bot' }
      : { id: 'nobody', name: 'nobody that Slack names', standing: 'unknown' }
  const standing: Somebody['standing'] =
    told.bot || who?.bot || told.user === 'USLACKBOT'
      ? 'bot'
      : ours !== null && team !== null && team !== ours
        ? 'outsider'
        : who === undefined || team === null
          ? 'unknown'
          : who.guest || who.stranger || who.gone || (ours !== null && who.team !== null && who.team !== ours)
            ? 'outsider'
            : 'collaborator'
  return { id: `${team ?? nobody}/${told.user}`, name: who?.name ?? told.name ?? told.user, standing }
}
