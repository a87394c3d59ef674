/**
 * Who were the people behind these approvers when the run started?
 * A reading of the spec's pins, for whom to leave out of a vote. Who else may decide is computed when it is decided.
 */
import type { RunSpec } from './spec.ts'

/** Ids of people. Teams are pinned by slug, other principals (`user:dana`, `role:member`) by themselves; a user that was not pinned is named by id. */
export const pinnedPeople = (spec: Pick<RunSpec, 'pins'>, approvers: readonly string[]): Set<string> =>
  new Set(
    approvers.flatMap((principal) => {
      const name = principal.startsWith('team:') ? principal.slice(5) : principal
      const pinned = Object.hasOwn(spec.pins.people, name) ? spec.pins.people[name] : undefined
      return pinned ?? (principal.startsWith('user:') ? [principal.slice(5)] : [])
    }),
  )

/** Why the person (an id) who asked for the run, or who wrote its event, may not vote at a gate, or null. Alone among the approvers they may. */
export const couldNotVote = (
  spec: RunSpec,
  { approvers, exclude }: { approvers: readonly string[]; exclude: readonly string[] },
  person: string,
): string | null => {
  const alone = [...pinnedPeople(spec, approvers)].every((one) => one === person)
  if (alone) return null
  if (exclude.includes('requester') && spec.requester.person === person) return 'asked for this run'
  return exclude.includes('author') && spec.event.actor.person === person
    ? 'wrote the event that started this run'
    : null
}
