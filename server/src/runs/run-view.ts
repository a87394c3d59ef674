/**
 * What does the page of a run show?
 * A reading of its state; what no fact tells (who is online, what was served) is passed in.
 */
import { heldAt } from '@viewportai/core/run/held-tools'
import type { z } from 'zod'
import type { RunView } from '@viewportai/core/api/runs'
import { changeIn } from '@viewportai/core/gate/subject'
import { budgetWarnings, grantedBudget } from '@viewportai/core/run/budget'
import { changeOf, type RunState } from '@viewportai/core/run/state'
import { boardRow, namedRow, type Names } from '@viewportai/core/view/board-row'
import { changeView } from './change-view.ts'
import { stepView } from './step-view.ts'

type View = z.infer<typeof RunView>
/** What the rows beside the facts say. */
export type Beside = {
  readonly hash: string
  readonly why: string | null
  readonly unfit: View['unfit']
  readonly runner: { runner: string; name: string; pool: string; online: boolean; lastSeen: number | null } | null
  readonly left: Pick<View['left'], 'factBytes' | 'bodiesStored' | 'served' | 'servedBytes'>
  /** The last look at its pull request. */
  readonly watch: { readonly seenAt: number | null; readonly problem: string | null }
  readonly now: number
}

export const runView = (state: RunState, names: Names, beside: Beside): View => {
  const { spec } = state
  const { compiled } = spec.workflow
  const ran = Object.values(state.steps).filter((step) => step.startedAt !== null)
  const plan = ran.findLast((step) => step.result?.kind === 'plan')?.result
  const change = ran.findLast((step) => changeOf(step) !== null)?.result
  return {
    ...namedRow({ ...boardRow(state), why: beside.why }, names),
    unfit: beside.unfit,
    workflowVersion: spec.workflow.version,
    workflowDigest: spec.workflow.digest,
    specDigest: state.specDigest,
    team: compiled.team,
    delivery: state.delivery,
    requester: spec.requester.person ? names.label(`user:${spec.requester.person}`) : spec.requester.name,
    steps: compiled.steps.map((step) => stepView(state, step, names)),
    gates: Object.keys(state.gates),
    outcome: state.finished?.outcome ?? null,
    outcomeWhy: state.finished?.why ?? null,
    waitedMillis: waited(state, beside.now),
    runsOn: beside.runner && {
      ...beside.runner,
      isolation: ran.findLast((step) => step.isolation !== null)?.isolation ?? null,
    },
    budget: grantedBudget(state),
    budgetWarnings: state.finished ? [] : budgetWarnings(state),
    plan: plan?.kind === 'plan' ? plan.body : null,
    patch: change?.kind === 'change' ? change.patch : null,
    latest: change?.kind === 'change' ? change.change : null,
    plannedFiles: plan?.kind === 'plan' ? plan.files : null,
    contextItems: state.context.map(({ step, item, use }) => ({ ...item, step, use })),
    contextMissing: [...new Map(state.contextMissing.map((one) => [`${one.step} ${one.wish}`, one])).values()],
    receipts: Object.values(state.intents).flatMap((intent) =>
      intent.receipt && intent.doneAt !== null
        ? [
            {
              intent: intent.id,
              action: intent.action,
              target: intent.target,
              receipt: intent.receipt,
              at: intent.doneAt,
              reconciled: intent.reconciled,
            },
          ]
        : [],
    ),
    change: changeView(state),
    pull: pullView(state, beside.watch),
    left: { facts: state.seq, paths: pathsIn(state).size, ...beside.left },
    head: { count: state.seq, hash: beside.hash },
    canCancel: !state.finished && !state.cancelling,
  }
}

const pullView = ({ pull, resumed, spec }: RunState, watch: Beside['watch']): View['pull'] => {
  if (!pull) return null
  const { tool, ref, url, state, draft, by, commit, unapproved, reverted, moved, checks } = pull
  return {
    tool,
    ref,
    url,
    state,
    draft,
    by,
    commit,
    unapproved,
    reverted,
    moved,
    checks: checks && {
      head: checks.head,
      outcome: checks.outcome,
      total: checks.total,
      failed: checks.failed,
      ...(checks.why !== undefined && { why: checks.why }),
    },
    rounds: resumed,
    ...watch,
    byRunner: heldAt(spec, tool, '') !== null,
  }
}

/** How long people were waited for, in milliseconds: gates that were open side by side count once. */
const waited = (state: RunState, now: number): number => {
  const spans = Object.values(state.gates)
    .map((gate) => [gate.openedAt, gate.closedAt ?? state.finished?.at ?? now] as const)
    .sort(([a], [b]) => a - b)
  let sum = 0
  let until = 0
  for (const [from, to] of spans) {
    sum += Math.max(0, to - Math.max(from, until))
    until = Math.max(until, to)
  }
  return sum
}

/** Paths of files that the facts of the run name. */
const pathsIn = (state: RunState): Set<string> => {
  const paths = new Set<string>()
  for (const step of Object.values(state.steps)) {
    if (step.result?.kind === 'plan') for (const path of step.result.files) paths.add(path)
    for (const file of changeOf(step)?.files ?? []) paths.add(file.path)
  }
  for (const { subject } of Object.values(state.gates)) {
    for (const file of changeIn(subject)?.files ?? []) paths.add(file.path)
  }
  for (const { item } of state.context) paths.add(item.path)
  return paths
}
