/**
 * What do the facts of a run say in rows: for lists, the inbox, the queue of work?
 * Pure: the same state gives the same rows, so that a rebuild from the facts can be compared with what stands there.
 */
import { changeDigest } from '@viewportai/core/gate/subject'
import { runTitle, sourceLabel } from '@viewportai/core/match/title'
import { due, effectIsDue } from '@viewportai/core/run/due'
import { placed } from '@viewportai/core/run/routed'
import { foldVersion } from '@viewportai/core/run/fold-version'
import { isSample, isTaintHeld } from '@viewportai/core/run/holds'
import { pushedHead } from '@viewportai/core/run/pull-standing'
import { runUsage, type GateState, type RunState } from '@viewportai/core/run/state'
import { slotOf } from '@viewportai/core/run/slot'
import { atLeast, type WallLevel } from '@viewportai/core/run/wall-level'
import { boardRow } from '@viewportai/core/view/board-row'
import { gateItem } from '@viewportai/core/view/gate-item'
import type { GateItem } from '@viewportai/core/view/shapes'
import { stuckEffects } from '@viewportai/core/view/stuck-effect'
import { neededWord } from '@viewportai/core/wire/holding'
import { plain } from '../database/plain.ts'

export type RunRow = {
  run: string
  number: number
  seq: number
  /** With which reading of the facts this row was made. */
  fold: number
  state: string
  spec: string
  status: 'waiting' | 'running' | 'finished'
  outcome: string | null
  workflow: string
  workflow_name: string
  workflow_version: number
  title: string
  source: string
  delivery: string | null
  requester: string | null
  waiting: string | null
  pool: string
  runner: string | null
  tainted: boolean
  sample: boolean
  rehearsal: boolean
  started_at: number
  updated_at: number
  waiting_since: number | null
  cancelling_at: number | null
  finished_at: number | null
  input_tokens: number | null
  output_tokens: number | null
  usd_micros: number | null
  /** The row of the board, principals not yet named. */
  shown: string
  slot: string | null
  branch: string
}
export type GateRow = {
  gate: string
  run: string
  kind: string
  name: string
  step: string
  round: number
  state: 'open' | 'closed'
  outcome: string | null
  digest: string
  required: number
  votes: number
  not_by: string[]
  decided_by: string[]
  expires_at: number | null
  remind_at: number | null
  opened_at: number
  closed_at: number | null
  shown: string
}
type ApproverRow = { principal: string; opened_at: number; gate: string }
export type WorkRow = {
  run: string
  key: string
  kind: 'agent' | 'checks' | 'effect'
  step: string
  attempt: number
  round: number
  intent: string | null
  agent: string | null
  mode: string | null
  model: string | null
  pool: string
  isolation: string | null
  requires: string[]
  repos: string[]
  runner: string | null
  workflow: string
}
type ChangeRow = {
  change: string
  run: string
  repo: string
  ref: string
  into_ref: string
  title: string
  state: string
  digest: string
}
type StuckRow = { intent: string; run: string; since: number; shown: string }
type EffectRow = { key: string; run: string }
/** `head`: the commit that the run pushed last. */
type WatchRow = { run: string; tool: string; ref: string; home: string; head: string | null; state: string }

/** Where the state is kept without the spec, which never changes. */
const stateText = (state: RunState): string => JSON.stringify({ ...state, spec: undefined, frozen: undefined })

/** The columns of a run that hold its state. */
export type StateColumns = {
  readonly run: string
  readonly fold: number
  readonly state: Omit<RunState, 'spec' | 'frozen'>
  readonly spec: RunState['spec']
}

/** The state again from its columns. Throws for one made by another version: it has another shape than the code expects. */
export const stateFrom = ({ run, fold, state, spec }: StateColumns): RunState => {
  if (fold !== foldVersion)
    throw new Error(
      `The state of ${run} was made by another version of Viewport (reading ${fold}, here it is ${foldVersion}) and could not be made anew from its facts. The log of the start says why.`,
    )
  return { ...state, ...placed(spec, state.routed) }
}

const openGates = (state: RunState): GateState[] =>
  state.finished ? [] : Object.values(state.gates).filter((gate) => gate.state === 'open')

export const runRow = (state: RunState): RunRow => {
  const { spec } = state
  const open = openGates(state)
  const usage = runUsage(state)
  return {
    run: state.run,
    number: state.number,
    seq: state.seq,
    fold: foldVersion,
    state: stateText(state),
    spec: JSON.stringify(state.frozen ?? spec),
    status: state.finished ? 'finished' : open.length > 0 ? 'waiting' : 'running',
    outcome: state.finished?.outcome ?? null,
    workflow: spec.workflow.id,
    workflow_name: spec.workflow.name,
    workflow_version: spec.workflow.version,
    title: runTitle(spec.event),
    source: sourceLabel(spec.event),
    delivery: state.delivery,
    requester: spec.requester.person,
    waiting: open.length > 0 ? plain(open.map((gate) => gate.name).join(', ')) : null,
    pool: spec.pins.pool,
    runner: state.runner,
    tainted: state.tainted,
    sample: spec.sample,
    rehearsal: spec.rehearsal !== undefined,
    started_at: state.startedAt,
    updated_at: state.lastAt,
    waiting_since: open.length > 0 ? Math.min(...open.map((gate) => gate.openedAt)) : null,
    cancelling_at: state.cancelling?.at ?? null,
    finished_at: state.finished?.at ?? null,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    usd_micros: usage.usdMicros,
    shown: JSON.stringify(boardRow(state)),
    slot: state.held ? null : slotOf(spec), // what waits for a person takes no place of those that need not
    branch: spec.branch,
  }
}

/** A gate as the inbox lists it, and each voter's verdict; who looks at it is filled in when it is shown. */
export type ShownGate = {
  readonly item: GateItem
  readonly verdicts: Readonly<Record<string, string>>
  readonly notByOwner: boolean
}

const shownGate = (state: RunState, gate: GateState): ShownGate => ({
  item: gateItem(state, gate, { person: '', may: false }),
  verdicts: Object.fromEntries(gate.votes.map((vote) => [vote.person, vote.verdict])),
  notByOwner: gate.exclude.includes('runner_owner'),
})

export const gateRow = (state: RunState, gate: GateState): GateRow => ({
  gate: gate.id,
  run: state.run,
  kind: gate.kind,
  name: plain(gate.name),
  step: gate.step,
  round: gate.round,
  state: gate.state,
  outcome: gate.outcome,
  digest: gate.digest,
  required: gate.required,
  votes: gate.votes.length,
  not_by: [...new Set(gate.excluded.map((one) => one.person))].sort(),
  decided_by: [...new Set(gate.votes.map((vote) => vote.person))].sort(),
  expires_at: gate.expiresAt,
  remind_at: gate.remindAt,
  opened_at: gate.openedAt,
  closed_at: gate.closedAt,
  shown: JSON.stringify(shownGate(state, gate)),
})

/** Who is asked: one row per principal while the gate is open. */
export const approverRows = (gate: GateState): ApproverRow[] =>
  gate.state === 'open'
    ? [...new Set(gate.approvers)].map((principal) => ({ principal, opened_at: gate.openedAt, gate: gate.id }))
    : []

/** What runners must do now. */
export const workRows = (state: RunState): WorkRow[] => {
  const { runner, repos } = state.spec.workflow.compiled
  return due(state).flatMap((one) =>
    one.kind !== 'work'
      ? []
      : [
          {
            run: state.run,
            key: one.key,
            kind: one.work,
            step: one.step,
            attempt: one.attempt,
            round: one.round,
            intent: one.intent,
            agent: one.agent,
            mode: one.mode,
            model: one.model,
            pool: one.pool,
            // What is done with a credential alone runs no program: it needs nothing else of a runner.
            isolation: one.credential
              ? null
              : wallFor(state, (one.intent && state.intents[one.intent]?.step) ?? one.step, runner.isolation),
            requires: one.credential ? [neededWord(one.credential)] : runner.requires,
            repos: repos.map((repo) => repo.name),
            runner: one.runner,
            workflow: state.spec.workflow.id,
          },
        ],
  )
}

/** What outside text may steer is held by a sandbox, and so is a rehearsal, of which nothing goes out; whatever the workflow is content with otherwise. */
const wallFor = (state: RunState, step: string, wanted: WallLevel | null): WallLevel | null =>
  (state.spec.rehearsal !== undefined || isTaintHeld(state, step)) &&
  !isSample(state, step) &&
  (wanted === null || !atLeast(wanted).includes('sandbox'))
    ? 'sandbox'
    : wanted

export const changeRow = (state: RunState): ChangeRow | null =>
  state.change && {
    change: state.change.id,
    run: state.run,
    repo: state.change.repo,
    ref: state.change.ref,
    into_ref: state.change.into,
    title: plain(state.change.title),
    state: state.change.state,
    digest: changeDigest(state.change.change),
  }

/** The pull request that is looked at for this run; null when there is nothing to see any more. A merged one may still be reverted. */
export const watchRow = ({ run, pull, ...state }: RunState): WatchRow | null =>
  pull === null || pull.reverted !== null
    ? null
    : {
        run,
        tool: pull.tool,
        ref: pull.ref,
        home: pull.ref.split(/[#!]/)[0]!,
        head: pushedHead(state, pull.repo)?.commit ?? null,
        state: pull.state,
      }

/** Effects that wait for a person. */
export const stuckRows = (state: RunState): StuckRow[] =>
  stuckEffects(state).map((one) => ({
    intent: one.intent,
    run: one.run,
    since: one.since,
    shown: JSON.stringify({ ...one, title: plain(one.title), target: plain(one.target) }),
  }))

/** Effects that the control plane itself must carry out or look for: one durable workflow per attempt, `effect:INTENT:ATTEMPT`. */
export const effectRows = (state: RunState): EffectRow[] =>
  Object.values(state.intents)
    .filter((intent) => intent.at === 'server' && effectIsDue(state, intent))
    .map((intent) => ({ key: `${intent.id}:${intent.attempt + 1}`, run: state.run }))

/** By the attempts before it (ms): a tool may need time, and a flood of looks helps nobody. */
const pauses = [0, 5_000, 30_000, 300_000, 1_800_000]

/** How long a look for what may have happened waits; one that a person asked for does not. */
export const pauseBefore = (state: RunState, { key }: EffectRow): number => {
  const intent = state.intents[key.slice(0, key.indexOf(':'))]
  return !intent || intent.retry ? 0 : (pauses[intent.attempt] ?? pauses.at(-1)!)
}
