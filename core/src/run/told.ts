/** What may a text at an outside tool say of a run: who approved it, how its checks went, where it came from? Facts alone, in our own words. */
import { runTitle, sourceLabel } from '../match/title.ts'
import type { RunState } from './state.ts'
import type { Effect } from '../tools/port.ts'

export const toldOf = (state: RunState): Effect['told'] => ({
  title: runTitle(state.spec.event),
  approvedBy: [
    ...new Set(
      Object.values(state.gates)
        .filter(
          ({ kind, outcome }) => outcome === 'approved' && (kind === 'plan' || kind === 'change' || kind === 'action'),
        )
        .flatMap(({ votes, digest }) =>
          votes.filter((vote) => vote.verdict === 'approve' && vote.digest === digest).map((vote) => vote.name),
        ),
    ),
  ],
  checks: checksOf(state),
  source: { label: sourceLabel(state.spec.event), url: state.spec.event.subject.url },
})

/** The last checks that ran. */
const checksOf = ({ steps }: RunState): string | null => {
  const last = Object.values(steps)
    .flatMap((step) => (step.result?.kind === 'checks' ? [{ result: step.result, at: step.finishedAt ?? 0 }] : []))
    .toSorted((a, b) => a.at - b.at)
    .at(-1)?.result
  if (!last) return null
  if (!last.found) return 'The repository declares no checks.'
  const failed = last.commands.filter((one) => one.exit !== 0).length
  const ran = `${last.commands.length} ${last.commands.length === 1 ? 'command' : 'commands'}`
  return last.passed ? `Checks passed (${ran}).` : `Checks failed (${failed} of ${ran}).`
}
