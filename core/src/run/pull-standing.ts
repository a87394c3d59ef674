/**
 * How does the pull request stand that a run opened at a forge, and what was said of it?
 * Readings and steps of the fold. It never asks the forge.
 */
import { actionForm } from '../action/actions.ts'
import type { Change } from '../gate/subject.ts'
import { publishedStep } from './action-inputs.ts'
import { onlyItsEnd } from './check-end.ts'
import type { Actor, Fact, FactOf, Receipt } from './facts.ts'
import type { News, PullState } from './pull-state.ts'
import { stepSpec, type IntentState, type RunState } from './state.ts'

/** The pull request after an effect that opened it, or changed it. */
export const withPull = (state: RunState, intent: IntentState, receipt: Receipt, at: number): RunState => {
  const form = actionForm(intent.action)
  const { ref, draft, url } = receipt.observed
  if (!form?.publishes || form.tool === 'git' || typeof ref !== 'string') return state
  const of = intentOf(state, intent)
  if (of === null || !intent.change) return state
  const before = state.pull?.ref === ref ? state.pull : null
  if (!before && form.after.length > 0) return state // it changed one that this run did not open
  const pull: PullState = {
    ...(before ?? {
      step: intent.step,
      of,
      tool: form.tool,
      ref,
      repo: intent.change.repo,
      by: null,
      unsure: false,
      commit: null,
      unapproved: null,
      reverted: null,
      checks: null,
      heard: [],
      openedAt: at,
    }),
    state: before?.state ?? 'open',
    url: typeof url === 'string' ? url : receipt.url,
    draft: draft === true,
    moved: null,
  }
  return { ...state, pull }
}

const intentOf = (state: RunState, intent: IntentState): string | null => {
  const spec = stepSpec(state, intent.step)
  return spec?.kind === 'action' ? publishedStep(state, spec.of) : null
}

/** The commit that this run pushed last to its branch of this repository, and the change it carries. */
export const pushedHead = (
  state: Pick<RunState, 'intents' | 'spec'>,
  repo: string,
): { commit: string; change: Change; at: number } | null => {
  const last = Object.values(state.intents)
    .filter(
      (one) =>
        one.action === 'git.push' &&
        one.state === 'succeeded' &&
        one.params['repo'] === repo &&
        one.params['ref'] === state.spec.branch,
    )
    .toSorted((a, b) => (a.doneAt ?? 0) - (b.doneAt ?? 0))
    .at(-1)
  const commit = last?.receipt?.observed['commit']
  return last?.change && typeof commit === 'string' ? { commit, change: last.change, at: last.doneAt ?? 0 } : null
}

/** The commit that this run pushed last to its branch, of whichever repository it writes. */
export const lastPush = (state: Pick<RunState, 'intents' | 'spec' | 'pull'>): ReturnType<typeof pushedHead> => {
  const repos = state.pull ? [state.pull.repo] : state.spec.pins.repos.map(({ name }) => name)
  return (
    repos
      .flatMap((repo) => pushedHead(state, repo) ?? [])
      .toSorted((a, b) => a.at - b.at)
      .at(-1) ?? null
  )
}

/** Every commit that this run ever pushed there. */
export const pushedHeads = (state: Pick<RunState, 'intents'>, repo: string): Set<unknown> =>
  new Set(
    Object.values(state.intents)
      .filter((one) => one.action === 'git.push' && one.params['repo'] === repo)
      .map((one) => one.receipt?.observed['commit']),
  )

/** Is there nothing to change any more about what the run published: merged, or closed? */
export const isOver = ({ pull, change }: Pick<RunState, 'pull' | 'change'>): boolean =>
  pull ? pull.state !== 'open' : change?.state === 'merged' || change?.state === 'abandoned'

/** The step whose change stands open for others to see, or null. */
export const openFor = (state: RunState): string | null => {
  if (state.pull) return state.pull.state === 'open' ? state.pull.of : null
  if (state.change?.state !== 'open') return null
  const opener = state.spec.workflow.compiled.steps.find((s) => s.kind === 'action' && s.action === 'git.open_change')
  return opener?.kind === 'action' ? publishedStep(state, opener.of) : null
}

/** How the name of a review, or of a head's checks, is kept. */
export const reviewName = ({ review, verdict }: Pick<FactOf<'review.heard'>, 'review' | 'verdict'>): string =>
  `review ${review} ${verdict}`
export const checksName = ({ head, outcome }: Pick<FactOf<'checks.heard'>, 'head' | 'outcome'>): string =>
  `checks ${head} ${outcome}`

const withHeard = (state: RunState, change: (pull: PullState) => Partial<PullState>): RunState =>
  state.pull ? { ...state, pull: { ...state.pull, ...change(state.pull) } } : state

export const reviewHeard = (state: RunState, { data, by }: Fact<'review.heard'>): RunState => {
  const heard = withHeard(state, (pull) => ({ heard: [...pull.heard, reviewName(data)] }))
  if (!data.acted) return heard
  const { text, lines } = data.outside ?? data.given ?? data
  const news: News = {
    because: 'review',
    from: data.name,
    kind: 'comment',
    text: text || (lines.length > 0 ? 'See the comments on the lines.' : 'Changes were requested without a word.'),
    lines,
    body: null,
    ...(data.outside && { outside: true as const }),
    ...(by.kind === 'runner' && !data.outside && { told: { by: by.id } }),
  }
  return { ...heard, pending: [...heard.pending, news] }
}

export const checksHeard = (state: RunState, { data, at, by }: Fact<'checks.heard'>): RunState => {
  const { head, outcome, total, failed, why } = data
  const heard = withHeard(state, (pull) => ({
    heard: [...new Set([...pull.heard, checksName(data)])],
    checks: {
      head,
      outcome,
      total,
      failed: failed.map((one) => one.name),
      changes: pull.checks?.head === head ? pull.checks.changes + 1 : 0,
      ...(why !== undefined && { why }),
      ...(outcome === 'running' && { since: at }),
    },
  }))
  if (!data.acted) return heard
  const words = (one: (typeof failed)[number]) => ({
    from: one.told ? one.name : `${one.name} on ${data.tool}`,
    text: [`${one.name} ended with ${one.conclusion} at ${head.slice(0, 12)}.`, one.url ?? '', one.text]
      .filter((part) => part !== '')
      .join('\n'),
  })
  const news = failed.map((one): News => ({
    because: 'ci',
    kind: 'checks',
    ...words(one),
    lines: [],
    body: null,
    ...(one.told && one.text !== '' && { outside: true as const }),
    ...(by.kind === 'runner' && !one.told && { told: { by: by.id, less: words({ ...one, ...onlyItsEnd(one) }) } }),
  }))
  const told = heard.told?.head === head ? { ...heard.told, acted: true } : heard.told
  return { ...heard, told, pending: [...heard.pending, ...news] }
}

export const pullMerged = (state: RunState, { data, by }: Fact<'pull.merged'>): RunState =>
  over(state, by, {
    state: 'merged',
    commit: data.commit,
    by: data.name,
    unapproved: data.unapproved && data.head !== undefined ? { head: data.head, why: data.unapproved } : null,
  })
export const pullClosed = (state: RunState, { data, by }: Fact<'pull.closed'>): RunState =>
  over(state, by, { state: 'closed', by: data.name, commit: null, unapproved: null })
/** Also where that it was merged is taken back: then nothing of that stands. */
export const pullReopened = (state: RunState): RunState =>
  withHeard(state, (pull) => ({
    state: 'open',
    unsure: false,
    by: null,
    ...(pull.state === 'merged' && { commit: null, unapproved: null, reverted: null }),
  }))
export const pullMoved = (state: RunState, { data }: Fact<'pull.moved'>): RunState =>
  withHeard(state, () => ({ moved: data.head }))
export const pullReverted = (state: RunState, { data }: Fact<'pull.reverted'>): RunState =>
  withHeard(state, () => ({ reverted: { commit: data.commit, url: data.url } }))

/** What waited to be done about it is past. */
const over = (state: RunState, by: Actor, change: Partial<PullState>): RunState => ({
  ...withHeard(state, () => ({ ...change, unsure: by.kind === 'runner' && by.id !== state.runner })),
  pending: [],
})
