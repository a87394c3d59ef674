/**
 * What becomes of a report of CI that comes before the receipt of the push it is about?
 * CI may be faster than the runner that pushed, which may be cut off as well. The report is kept while a push is under way, and is judged
 * once its receipt says which commit was pushed. It never counts for another commit.
 */
import type { Receipt } from './facts.ts'
import { lastPush } from './pull-standing.ts'
import type { IntentState, RunState } from './state.ts'
import { bookKey, emptyBook, furtherJobs, inBook, type Book, type Told } from './told-book.ts'

/** The push under way of which this may be told, by its intent; null: there is none, or this run has pushed the commit before. */
export const pushAwaited = (state: RunState, commit: string): string | null => {
  const known = Object.values(state.intents).some(({ action, receipt }) => {
    const pushed = action === 'git.push' ? receipt?.observed['commit'] : null
    return typeof pushed === 'string' && pushed.startsWith(commit)
  })
  const awaited = Object.values(state.intents).findLast(isAwaited)
  return known ? null : (awaited?.id ?? null)
}

/** One that failed may have arrived all the same, and is looked for when it is tried again. */
const isAwaited = ({ action, state, settled }: IntentState): boolean =>
  action === 'git.push' && settled === null && ['approved', 'executing', 'unknown', 'failed'].includes(state)

/** What was kept for this push so far. */
export const earlyBook = ({ toldEarly }: Pick<RunState, 'toldEarly'>, push: string): Book =>
  toldEarly?.push === push && toldEarly.head === null ? toldEarly : emptyBook

/** The fold of a report that waits for the receipt of `early`. */
export const keptEarly = (state: RunState, data: Told, early: string): RunState => ({
  ...state,
  toldEarly: { push: early, head: null, ...inBook(earlyBook(state, early), data) },
})

/** The fold of a receipt: what was told of the commit that it names is left, to be heard. */
export const pushKnown = (state: RunState, intent: IntentState, receipt: Receipt): RunState => {
  const { commit } = receipt.observed
  if (intent.action !== 'git.push' || !state.toldEarly) return state
  if (state.toldEarly.push !== intent.id || typeof commit !== 'string') return { ...state, toldEarly: null }
  const of = Object.values(state.toldEarly.checks).filter(
    ({ head, job }) => job === furtherJobs || commit.startsWith(head),
  )
  const checks = Object.fromEntries(of.map((one) => [bookKey(one), one]))
  return { ...state, toldEarly: of.length === 0 ? null : { ...state.toldEarly, head: commit, checks } }
}

/** What was told too early of the commit that is now known to be the last push, as it is told of that commit. */
export const heardNow = (state: RunState): Told[] => {
  const { toldEarly } = state
  if (toldEarly === null || toldEarly.head === null || lastPush(state)?.commit !== toldEarly.head) return []
  const { head, checks } = toldEarly
  return Object.values(checks).map(({ early: _early, takesBack: _back, ...one }) => ({ ...one, head }))
}
