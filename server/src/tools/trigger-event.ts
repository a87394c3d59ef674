/**
 * How does what a tool said become a trigger event?
 * Who did it is decided by account ids of this workspace; a tool's own word (collaborator, bot) only ranks those nobody here knows.
 * Only what our own account did is `self`, and its texts are outside text like any program's: a run may have quoted a stranger in them.
 */
import { fieldsFor } from '@viewportai/core/event/fields'
import type { EventActor, TriggerEvent } from '@viewportai/core/event/trigger-event'
import { address } from '@viewportai/core/tools/forge-sight'
import type { Account } from '@viewportai/core/tools/port'
import { accountName } from './account-name.ts'
import { eventText } from './event-text.ts'
import type { ByAccount, Said, Somebody } from './port.ts'
import { shortened } from './shortened.ts'

type From = {
  readonly tool: string
  readonly account: Account | null
  /** Accounts (`Account.id`) of the workspace's other connections to the same server: what they did is ours, too. */
  readonly others?: ReadonlySet<string>
  /** `Tool.accountsAt`. */
  readonly accountsAt?: string | null
  readonly receivedAt: number
}

/** The event. Text written by anybody below member makes it outside text. */
export const triggerEvent = (said: Said, from: From, byAccount: ByAccount): TriggerEvent => {
  const { tool, receivedAt } = from
  const judged = (somebody: Somebody): EventActor => actorOf(somebody, from, byAccount)
  const who = judged(said.actor)
  const actor = who.trust === 'self' ? who : said.ours ? unsure(who) : said.fork === true ? ofFork(who) : who
  const url = address(said.subject.url)
  const writers = [who, ...said.authors.map(judged)]
  return {
    tool,
    event: said.event,
    id: shortened(said.id, 200),
    at: said.at ?? receivedAt,
    actor,
    subject: {
      label: shortened(said.subject.label, 120),
      title: shortened(said.subject.title, 300),
      url,
      ref: shortened(said.subject.ref, 500),
      ...(isMillis(said.subject.made) && { made: said.subject.made }),
    },
    fields: fieldsFor(tool, said.event, said.fields),
    text: eventText(said.text, url),
    outsideText: writers.some((one) => one.trust !== 'member'),
  }
}

/** A marker of ours can be copied: it takes the right to start something, and gives none. */
const unsure = (who: EventActor): EventActor => ({ ...who, trust: 'unknown' })

/** No account has this id, so that nobody is ever taken for a member by it, also not when it is asked again later. */
const ofFork = ({ id, name }: EventActor): EventActor => ({
  id: `${shortened(id, 190)}/fork`,
  name: shortened(`a fork, by ${name}`, 200),
  trust: 'outsider',
  person: null,
  teams: [],
})

const actorOf = (
  somebody: Somebody,
  { tool, account: us, others, accountsAt = null }: From,
  byAccount: ByAccount,
): EventActor => {
  const id = shortened(accountName(tool, accountsAt, somebody.id), 200)
  const name = shortened(somebody.name, 200)
  if ((us !== null && us.id === somebody.id) || others?.has(somebody.id) === true)
    return { id, name, trust: 'self', person: null, teams: [] }
  const known = byAccount(id)
  return known
    ? { id, name: known.name, trust: 'member', person: known.person, teams: known.teams }
    : { id, name, trust: somebody.standing, person: null, teams: [] }
}

const isMillis = (made: number | null | undefined): made is number =>
  typeof made === 'number' && Number.isSafeInteger(made) && made >= 0
