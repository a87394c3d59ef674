/**
 * May this actor start this trigger?
 * By trust and by ids: a name, a display name or `[bot]` in a login decides nothing. What is unknown is not admitted.
 */
import type { EventActor } from '../event/trigger-event.ts'
import { revealed } from '../policy/hidden.ts'
import { either } from '../workflow/summary/line.ts'
import { sayStarter } from '../workflow/summary/triggers.ts'
import type { Trigger } from '../workflow/compiled.ts'

/** handle (as in `user:dana`) -> person id */
export type People = ReadonlyMap<string, string>
export type Admission = { yes: boolean; expected: string; found: string; why: string }

export const admission = (
  actor: EventActor,
  trigger: Pick<Trigger, 'startedBy' | 'ownEvents'>,
  people: People,
): Admission => {
  const answer = (yes: boolean, why: string): Admission => ({
    yes,
    expected: either(trigger.startedBy.map(sayStarter)),
    found: `${revealed(actor.name).replace(/\s+/g, ' ').slice(0, 80).toWellFormed()}, ${standings[actor.trust]}`,
    why,
  })
  // A run's own events are let in or kept out by `own_events` alone; that row says so.
  if (actor.trust === 'self')
    return answer(trigger.ownEvents, trigger.ownEvents ? 'the workflow takes events of runs' : 'a run may not start it')
  const admitting = trigger.startedBy.find((who) => admits(who, actor, people))
  return admitting === undefined
    ? answer(false, refusalOf(actor))
    : answer(true, `${sayStarter(admitting)} may start it`)
}

/** How far somebody is trusted, as people say it. */
const standings = {
  member: 'a member of the workspace',
  collaborator: 'a collaborator, no member',
  source: 'the source itself',
  outsider: 'an outsider',
  bot: 'a program',
  self: 'a run',
  unknown: 'nobody we know',
} as const

const admits = (who: string, actor: EventActor, people: People): boolean => {
  const member = actor.trust === 'member'
  switch (who) {
    case 'members':
      return member
    case 'collaborators':
      return member || actor.trust === 'collaborator'
    case 'source':
      return actor.trust === 'source'
    case 'anyone':
      return member || actor.trust === 'collaborator' || actor.trust === 'outsider'
  }
  const [kind, name] = [who.slice(0, who.indexOf(':')), who.slice(who.indexOf(':') + 1)]
  // A former member keeps the person and the teams, not the trust.
  if (kind === 'team') return member && actor.person !== null && actor.teams.includes(name)
  if (kind === 'user')
    return member && actor.person !== null && (people.get(name) === actor.person || name === actor.person)
  if (kind === 'bots') return actor.trust === 'bot' && name !== '' && name === actor.id
  return false
}

const refusalOf = (actor: EventActor): string => {
  switch (actor.trust) {
    case 'outsider':
      return 'outsiders may not start it'
    case 'bot':
      return `a program may only where its id is named (bots:${actor.id})`
    case 'unknown':
      return 'who did it cannot be told'
    case 'source':
      return 'only people may start it, and no person did'
    default:
      return 'is not among those who may start it'
  }
}
