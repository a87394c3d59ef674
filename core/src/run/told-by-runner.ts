/**
 * What of a look at a pull request is believed when a runner tells of it?
 * A runner steers what it works on itself anyway. To what another runner works on it brings words as anybody outside does: they are
 * read by a person first, and a check is its name and its end. It never says what follows.
 */
import { address } from '../tools/forge-sight.ts'
import { onlyItsEnd } from './check-end.ts'
import type { ForgeAccount, PullSeen } from './pull-seen.ts'
import { pushedHead } from './pull-standing.ts'
import type { RunState } from './state.ts'

/** So many reviews of one pull request are heard of a runner: it could make up any number. */
const heardAtMost = 1_000

/** The look as it counts, told by this runner. What our own code cuts to size and to form at the forge's answer, a runner need not have cut. */
export const asToldBy = (state: RunState, runner: string, seen: PullSeen): PullSeen => {
  const isItsOwn = state.runner === runner
  return {
    ...seen,
    // That the work is over is the last word, and not that of anybody: the run's own runner is asked again, or a person moves the run.
    state: endsByItsWord(state, runner) ? seen.state : (state.pull?.state ?? 'open'),
    by: seen.by && named(seen.by),
    reviews: ((state.pull?.heard.length ?? 0) < heardAtMost ? seen.reviews : []).map((one) => ({
      ...one,
      who: named(one.who),
      url: address(one.url),
      edited: one.edited || !isItsOwn,
      ...(isItsOwn ? {} : { lines: one.lines.map((line) => ({ ...line, path: changedPath(state, line.path) })) }),
    })),
    checks: seen.checks.map((one) => ({ ...one, url: address(one.url), ...(isItsOwn ? {} : onlyItsEnd(one)) })),
    reverted: seen.reverted && { ...seen.reverted, url: address(seen.reverted.url) },
  }
}

/** May this runner end the run by what it tells of the pull request? Of a run that has ended it is what is shown, until somebody tells otherwise who knows better. */
export const endsByItsWord = (state: Pick<RunState, 'runner' | 'finished'>, runner: string): boolean =>
  state.runner === runner || state.finished !== null

const named = (who: ForgeAccount): ForgeAccount => ({
  ...who,
  name: /^@[\w.-]{1,100}$/.test(who.name) ? who.name : 'an account with an unusual name',
})

/** A path is no place for words: one that the change of this run does not have is none. */
const changedPath = (state: RunState, path: string): string => {
  const change = state.pull && pushedHead(state, state.pull.repo)?.change
  return change?.files.some((file) => file.path === path || file.from === path)
    ? path
    : 'a file that the change does not have'
}
