/**
 * How does what CI tells of a run's own commit come back into that run?
 * As a check of it, whether or not a workflow listens: a failure sends the work back as a failed check of the forge does, once the pull request was looked at.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { FactOf } from '@viewportai/core/run/facts'
import { furtherJobs, type Telling } from '@viewportai/core/run/told-book'
import { toldEntry } from '@viewportai/core/run/told-check'
import type { Tx } from '../database/tenant.ts'
import { actIn } from '../ledger/act.ts'
import { lookNow } from '../watches/look.ts'
import type { OwnBranch } from './own-branch.ts'

type From = { readonly id: string; readonly name: string }

const ends = new Map([
  ['build_failed', 'failed'],
  ['build_passed', 'passed'],
  ['build_fixed', 'passed'],
] as const)

/** What became of it in the run, a sentence; null: it is no build that CI told of. `connection`: to CI, by which it came. */
export const tellCheck = async (
  tx: Tx,
  { event, subject, fields, text, tool }: TriggerEvent,
  own: OwnBranch,
  connection: From,
): Promise<string | null> => {
  const state = ends.get(event as 'build_failed')
  const { commit, job, leg, number, attempt } = fields
  if (tool !== 'ci' || state === undefined || typeof commit !== 'string') return null
  const word = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  const count = (value: unknown): number | null => (typeof value === 'number' ? value : null)
  const told: Telling = {
    connection,
    commit,
    job: word(job),
    leg: word(leg),
    of: own.where,
    state,
    url: subject.url,
    // The first words are the title, which our own reader made of the name of the job.
    text: state === 'failed' && text.includes('\n\n') ? text.slice(text.indexOf('\n\n') + 2) : '',
    number: count(number),
    attempt: count(attempt),
  }
  const [acted] = await actIn(tx, [{ run: own.run, command: { do: 'tellCheck', told } }])
  const after = acted!.state
  if (after === null) return 'That run is gone.'
  const heard = acted!.facts.find(({ type }) => type === 'check.told')
  if (heard?.type !== 'check.told') {
    // No fact, so the state is still the one that it was held against.
    const entry = toldEntry(after, told)
    return 'why' in entry ? entry.why : 'That run did not take it.'
  }
  if (heard.data.early === undefined && after.pull) await lookNow(tx, after.pull.tool, [after.pull.ref])
  return heardWords(heard.data)
}

const heardWords = ({ early, state, takesBack, job }: FactOf<'check.told'>): string => {
  if (early !== undefined)
    return 'That run pushes just now, and does not know yet which commit it pushed: this is kept, and counts once that is known to be its commit.'
  if (state === 'failed')
    return job === furtherJobs
      ? 'It counts there as a failed check, without its name: more jobs of this connection failed than are kept by name.'
      : 'It counts there as a failed check.'
  return takesBack
    ? 'It takes back a failure that CI told before of the same job, of an earlier build or attempt, and opens nothing.'
    : 'No failure of that job was told before, so it takes nothing back; it opens nothing.'
}
