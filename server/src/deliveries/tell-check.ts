/**
 * How does what CI tells of a run's own commit come back into that run?
 * As a check of it, whether or not a workflow listens: a failure sends the work back as a failed check of the forge does, once the pull request was looked at.
 */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { whyNoCheck } from '@viewportai/core/run/told-check'
import type { Tx } from '../database/tenant.ts'
import { actIn } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
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
  const before = await loadRun(tx, own.run)
  const why = before && whyNoCheck(before, commit)
  if (why !== null) return `That run ${why ?? 'is gone.'}`
  const count = (value: unknown): number | null => (typeof value === 'number' ? value : null)
  const [acted] = await actIn(tx, [
    {
      run: own.run,
      command: {
        do: 'tellCheck',
        told: {
          connection,
          commit,
          name: [typeof job === 'string' ? job : 'build', typeof leg === 'string' ? leg : ''].filter(Boolean).join(' '),
          state,
          url: subject.url,
          // The first words are the title, which our own reader made of the name of the job.
          text: state === 'failed' && text.includes('\n\n') ? text.slice(text.indexOf('\n\n') + 2) : '',
          number: count(number),
          attempt: count(attempt),
        },
      },
    },
  ])
  if (!acted!.facts.some(({ type }) => type === 'check.told')) return 'That run had heard so before.'
  const pull = acted!.state?.pull
  if (pull) await lookNow(tx, pull.tool, [pull.ref])
  return state === 'failed'
    ? 'It counts there as a failed check.'
    : 'It takes back a failure that CI told before of the same job, and opens nothing.'
}
