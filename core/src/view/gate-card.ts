/**
 * What does a person need on the card to decide well in ten seconds?
 * A reading of the gate in its run, for one viewer. It never holds bodies, only their references.
 */
import { budgetWarnings, grantedBudget } from '../run/budget.ts'
import { isBareStep } from '../run/bare.ts'
import { mayNot, mayWithdraw } from '../run/decide-gate.ts'
import { textLetBy } from '../run/holds.ts'
import { isDone, runUsage, stepSpec, type GateState, type RunState } from '../run/state.ts'
import type { Decider } from '../run/command.ts'
import type { BodyRef } from '../digest/body.ts'
import type { Names } from './board-row.ts'
import { commandRules } from './command-rules.ts'
import { gateItem, workOf } from './gate-item.ts'
import type { GateCard, Vote } from './shapes.ts'
import { lackOfVoters } from './voters.ts'
import { whatLeaves } from './what-leaves.ts'

/** The card of a gate for one viewer. `held`: the runner that has the bytes; `next`: the viewer's next gate; `voters`: how many may vote and have not; `through`: by the step of an action, by which connection and as whom it goes, where that is worth saying. */
export const gateCard = (
  state: RunState,
  gate: GateState,
  viewer: Decider,
  names: Names,
  held: GateCard['held'],
  next: string | null,
  voters: number,
  through: ReadonlyMap<string, string> = new Map(),
): GateCard => {
  const no = gate.state === 'open' ? mayNot(state, gate, viewer) : null
  const mine = gate.votes.some((v) => v.person === viewer.id)
  const work = { ...gate, step: workOf(state, gate) }
  const step = state.steps[work.step]
  const plan = planOf(state, work)
  const asked = commandRules(state, gate)
  const lack = lackOfVoters(gate, voters)
  return {
    ...gateItem(state, gate, { person: viewer.id, may: no === null }),
    name: gate.name,
    subject: gate.subject,
    digest: gate.digest,
    body: gate.body,
    may: {
      decide: gate.state === 'open' && no === null && !mine,
      why:
        no?.words ??
        (mine
          ? 'You have voted.'
          : gate.state === 'closed'
            ? 'This is decided.'
            : `You are among the approvers: ${gate.approvers
                .filter((p) => viewer.principals.includes(p))
                .map((p) => names.label(p))
                .join(', ')}.`),
    },
    approvers: gate.approvers.map((principal) => ({ principal, label: names.label(principal) })),
    required: gate.required,
    voters,
    votes: votesOf(gate, names),
    excluded: gate.excluded.map((e) => ({ name: names.label(`user:${e.person}`), why: e.why })),
    expiresAt: gate.expiresAt,
    reasons: [
      gate.why,
      ...asked.reasons,
      ...(lack ? [lack] : []),
      ...(isBareStep(state, work.step) ? [advisory] : []),
      ...(gate.state === 'open' ? budgetWarnings(state) : []),
    ],
    rules: asked.rules,
    plannedFiles: plan?.files ?? null,
    planBody: plan?.body ?? null,
    tests: testsOf(state, work),
    previous: previousOf(state, gate, names),
    then: thenOf(state, gate, through),
    leaves: whatLeaves(state, gate),
    isolation: step?.isolation ?? null,
    agentVersion: step?.agent?.version ?? null,
    agentTested: step?.agent?.tested ?? null,
    usage: runUsage(state),
    budgetUsd: grantedBudget(state).usd,
    held,
    pushesRefused: state.counts.pushesRefused,
    choices: gate.subject.kind === 'question' ? gate.subject.choices : [],
    outside: gate.state === 'open' ? textLetBy(state, gate) : null,
    withdrawable: mayWithdraw(state, gate, viewer.id),
    next,
  }
}

const advisory =
  "Advisory: nothing walled the agent off from its runner's machine, nor from a browser or a key of an approver there. This decides what is published, not what the agent could do meanwhile."

/** Votes with names, in order. */
const votesOf = (gate: GateState, names: Names): Vote[] =>
  gate.votes.map((v) => ({
    person: v.person,
    name: names.label(`user:${v.person}`),
    verdict: v.verdict,
    at: v.at,
    digest: v.digest,
    comment: v.comment,
    lines: v.lines,
    answer: v.answer,
    selfApproved: v.selfApproved,
  }))

/** The approved plan that the gate's step carries out. */
const planOf = (state: RunState, gate: Pick<GateState, 'step' | 'kind'>): { files: string[]; body: BodyRef } | null => {
  const spec = stepSpec(state, gate.step)
  const followed = spec?.kind === 'agent' && spec.follows ? state.steps[spec.follows]?.result : undefined
  return followed?.kind === 'plan' ? { files: followed.files, body: followed.body } : null
}

/** The checks that ran on this step's tree: before (the base) and after. */
const testsOf = (state: RunState, gate: Pick<GateState, 'step'>): GateCard['tests'] => {
  const checks = state.spec.workflow.compiled.steps.filter((s) => s.kind === 'run' && s.of === gate.step)
  const spec = checks.at(-1)
  const result = spec ? state.steps[spec.id]?.result : undefined
  return result?.kind === 'checks' && result.found
    ? { before: result.baseline, after: result.commands, passed: result.passed, rounds: result.round }
    : null
}

/** The last earlier gate of the same step and kind: what the viewer may have seen before. */
const previousOf = (state: RunState, gate: GateState, names: Names): GateCard['previous'] => {
  const before = Object.values(state.gates)
    .filter(
      (g) =>
        g.step === gate.step &&
        g.kind === gate.kind &&
        g.openedAt <= gate.openedAt &&
        g.id !== gate.id &&
        g.round < gate.round,
    )
    .at(-1)
  return before
    ? {
        gate: before.id,
        round: before.round,
        digest: before.digest,
        subject: before.subject,
        body: before.body,
        votes: votesOf(before, names),
      }
    : null
}

/** What happens after an approval, as sentences. */
const thenOf = (state: RunState, gate: GateState, through: ReadonlyMap<string, string>): string[] => {
  const who = state.runner ? 'The runner' : 'A runner'
  if (gate.kind === 'question') return ['The run goes on as you answer.']
  if (gate.kind === 'command')
    return gate.subject.kind === 'command' && gate.subject.push
      ? [`${who} pushes ${gate.subject.push.ref.replace('refs/heads/', '')} from its own repository.`]
      : ['The agent goes on with your answer.']
  const sentences: string[] = []
  for (const spec of state.spec.workflow.compiled.steps) {
    if (spec.id === gate.gateStep || isDone(state, spec.id)) continue
    if (spec.kind === 'agent')
      sentences.push(
        `${state.spec.pins.agents[spec.id] ?? 'The agent'} ${spec.mode === 'edit' ? 'implements it' : spec.mode === 'review' ? 'reviews it' : 'reads on'} on ${state.runner ? 'the same runner' : 'a runner'}.`,
      )
    else if (spec.kind === 'run') sentences.push('The checks run.')
    else if (spec.kind === 'gate') sentences.push(`${spec.name} asks again before it leaves.`)
    else if (spec.kind === 'action')
      sentences.push(
        spec.action === 'git.open_change'
          ? `${whatLeaves(state, gate) === 'open' ? `${state.spec.branch.replace('refs/heads/', '')} was pushed already, as approved` : `${who} pushes ${state.spec.branch.replace('refs/heads/', '')}`}; Viewport opens the change.`
          : spec.action === 'git.merge'
            ? `${who} merges it.`
            : `${[spec.action, ...(through.has(spec.id) ? [through.get(spec.id)!] : [])].join(', ')}.`,
      )
    if (sentences.length === 4) break
  }
  return sentences.length ? sentences : ['The run ends.']
}
