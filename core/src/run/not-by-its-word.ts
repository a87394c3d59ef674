/**
 * What did a runner tell of a pull request that does not follow by its word?
 * That it was merged or closed, or that its checks passed, where it does not work on the run (docs/decisions/026). A sentence for people, with what
 * they can do. It changes nothing.
 */
import { waitsForChecks } from './hear.ts'
import type { PullSeen } from './pull-seen.ts'
import type { RunState } from './state.ts'
import { endsByItsWord } from './told-by-runner.ts'

/** The sentences, or null: all that it told counts. `name`: of the runner. */
export const notByItsWord = (
  state: RunState,
  { id, name }: { readonly id: string; readonly name: string },
  seen: PullSeen,
): string | null => {
  if (endsByItsWord(state, id) || state.pull?.state !== 'open') return null
  const { steps } = state.spec.workflow.compiled
  const isWaitedFor = steps.some((one) => one.kind === 'gate' && waitsForChecks(state, one.id))
  const hasPassed = seen.checks.length > 0 && seen.checks.every((one) => one.state === 'passed')
  const told = seen.state !== 'open' ? `it was ${seen.state}` : isWaitedFor && hasPassed ? 'its checks passed' : null
  if (told === null) return null
  return `${name} says of ${state.pull.ref} that ${told}. It does not work on this run, so nothing follows from that alone: the runner that does is asked once it is online. If that one is gone, move the run to ${name}.`
}
