/** What is said about steps, gates and actions. */
import { actionForm } from '../../action/actions.ts'
import { tools } from '../../event/tools.ts'
import { sayDuration } from '../amounts.ts'
import type { ActionStep, AgentStep, Compiled, GateStep, Step } from '../compiled.ts'
import { defaults } from '../defaults.ts'
import { isDraftFirst } from '../../run/draft-first.ts'
import { either, line, lineAbout, sameList, type Line } from './line.ts'

/** Agent and run steps; gates and actions have their own groups. */
export const sayStep = (step: Step, compiled: Compiled): Line[] => {
  if (step.kind === 'agent') return sayAgent(step, compiled)
  if (step.kind === 'remember') return [lineAbout(step.id, `proposes to remember: ${sayValue(step.text)}.`)]
  if (step.kind !== 'run') return []
  return [
    step.commands === null
      ? lineAbout(
          step.id,
          `the repository's own checks${onlyOf(step.of, 'edit', compiled)}; when there are none, a person is asked.`,
          true,
        )
      : lineAbout(step.id, `${step.commands.join(', ')}${onlyOf(step.of, 'edit', compiled)}.`),
    step.fixWith === null
      ? lineAbout(step.id, 'red checks are not repaired; a person is asked.')
      : lineAbout(
          step.id,
          `red checks go back to ${step.fixWith}, at most ${times(step.maxRounds)}; then a person is asked.`,
          step.maxRounds === defaults.repairRounds,
        ),
    step.baseline
      ? lineAbout(step.id, 'the base is checked too, so that red before and green after are seen.', true)
      : lineAbout(step.id, 'only the change is checked, not its base.'),
  ]
}

/** ` on implement`, where more than one step could be meant. */
const onlyOf = (id: string, mode: AgentStep['mode'], { steps }: Pick<Compiled, 'steps'>, word = 'on'): string =>
  steps.filter((step) => step.kind === 'agent' && step.mode === mode).length > 1 ? ` ${word} ${id}` : ''

const verbs = { plan: 'reads and plans', read: 'reads', edit: 'changes code', review: 'reviews' } as const

const sayAgent = (step: AgentStep, compiled: Compiled): Line[] => {
  const about = (text: string, isDefault = false): Line => lineAbout(step.id, text, isDefault)
  const after = step.follows === null ? '' : ` after the plan${onlyOf(step.follows, 'plan', compiled, 'of')}`
  const of = step.of === null ? '' : ` ${step.of}`
  const beside = compiled.steps
    .filter((other) => other !== step && other.needs.length > 0 && sameList(other.needs, step.needs))
    .map((other) => other.id)
  const { allow, ask, deny } = step.commands
  const rules = [
    ...(allow.length > 0 ? [`${allow.join(', ')} allowed`] : []),
    ...(ask.length > 0 ? [`${ask.join(', ')} asked`] : []),
    ...(deny.length > 0 ? [`${deny.join(', ')} denied`] : []),
  ]
  return [
    about(
      `${step.agent ?? "the workspace's choice of agent"}${step.model === undefined ? '' : ` with the model ${step.model}`} ${verbs[step.mode]}${of}${after}${beside.length === 0 ? '' : `, beside ${beside.join(', ')}`}.`,
      step.agent === null,
    ),
    ...(step.prompt === null ? [] : [about(`it is told: ${sayValue(step.prompt)}`)]),
    ...(step.context === null
      ? []
      : [about(`it is given ${step.context.length} of the ${compiled.context.length} contexts.`)]),
    ...(rules.length === 0 ? [] : [about(`commands: ${either(rules, 'and')}.`)]),
    about(
      'other commands are asked, unless they only read and a sandbox holds the agent. vpd holds every push; the rest is held only by an agent that asks before it runs a command.',
      true,
    ),
    step.restart === 'ask'
      ? about('when its runner is lost, a person is asked.', step.mode === 'edit')
      : about('when its runner is lost, it starts again.', step.mode !== 'edit'),
  ]
}

const excluded = {
  requester: 'who asked for the run',
  author: 'the author of what started it',
  runner_owner: 'the owner of the runner',
  plan_editor: 'who edited the plan',
} as const

export const sayGate = (gate: GateStep, compiled: Pick<Compiled, 'steps'>): Line[] => {
  const about = (text: string, isDefault = false): Line => lineAbout(gate.name, text, isDefault)
  return [
    about(
      `${gate.required === 1 ? 'one' : gate.required} of ${either(gate.approvers.map(sayApprover))} for ${sayTarget(gate, compiled)}.`,
      sameList(gate.approvers, ['role:member']) && gate.required === 1,
    ),
    gate.exclude.length === 0
      ? about('nobody is excluded.')
      : about(
          `never ${either(gate.exclude.map((who) => excluded[who]))}${gate.exclude.includes('requester') ? ', unless alone; it is then marked as self-approved' : ''}.`,
          sameList(gate.exclude, defaults.exclude),
        ),
    gate.expiresAfterSeconds === null
      ? about('it does not expire.', true)
      : about(
          `after ${sayDuration(gate.expiresAfterSeconds)} ${gate.onExpiry === 'reject' ? 'it is rejected' : `${either(gate.onExpiry.escalate.map(sayApprover), 'and')} are asked too`}; waiting never approves.`,
        ),
    gate.remindAfterSeconds === null
      ? about('no reminder.')
      : about(
          `a reminder in the timeline after ${sayDuration(gate.remindAfterSeconds)}.`,
          gate.remindAfterSeconds === defaults.remindAfterSeconds,
        ),
    gate.gate === 'action'
      ? about('a rejection leaves the action undone and ends the run.', true)
      : about(
          `a rejection ${{ stop: 'ends the run', revise: 'sends the step back', continue: 'is noted, and the run goes on' }[gate.onReject]}; changes can be requested ${times(gate.maxRounds)}, then a person is asked.`,
          gate.onReject === 'stop' && gate.maxRounds === defaults.gateRounds,
        ),
  ]
}

const sayTarget = (gate: GateStep, compiled: Pick<Compiled, 'steps'>): string => {
  const target = compiled.steps.find((step) => step.id === gate.of)
  if (target?.kind === 'action') return `the action ${target.action}`
  return gate.gate === 'plan'
    ? `the plan${onlyOf(gate.of, 'plan', compiled, 'of')}`
    : `the change${onlyOf(gate.of, 'edit', compiled, 'of')}`
}

export const sayApprover = (who: string): string => {
  if (who === 'codeowners') return 'the owners of the paths'
  if (who === 'role:member') return 'the members of the workspace'
  return who.replace(/^(team|user|role|on-call):/, '$1 ')
}

/** Where an action is done: in Viewport itself, at whoever takes its webhooks, else on the tool. */
const sayPlace = (tool: string): string =>
  tool === 'git' ? 'in Viewport' : tool === 'webhook' ? 'to another system' : `on ${tools[tool]?.title ?? tool}`

/** What opening a draft before the decision means, in words. */
const sayDraftFirst = (step: ActionStep, steps: readonly Step[]): Line[] =>
  isDraftFirst(steps, step)
    ? [
        lineAbout(
          step.id,
          'the draft is opened before anybody decides, so whoever sees the repository sees the change, and the checks of the forge run it with what they hold; protected paths are asked about first. The decision waits for these checks.',
        ),
      ]
    : []

export const sayAction = (step: ActionStep, steps: readonly Step[]): Line[] => {
  const form = actionForm(step.action)
  if (!form) return [line(`${step.action}: not understood.`)]
  const target = form.targetParam === null ? null : step.params[form.targetParam]
  const where =
    typeof target === 'string'
      ? ` on ${target}`
      : form.target === 'source'
        ? ', on what started it or what this run opened'
        : form.target === 'source_or_team'
          ? ", in the thread it came from, else in the team's channel"
          : ''
  const changed = Object.entries(step.params).filter(
    ([name, value]) =>
      name !== form.targetParam && !isDefault(form.params[name]?.default, value) && !form.params[name]?.repo,
  )
  const repo = Object.keys(form.params).flatMap((name) =>
    form.params[name]!.repo && typeof step.params[name] === 'string' ? [String(step.params[name])] : [],
  )
  return [
    line(`${form.says} ${sayPlace(form.tool)}${repo.length === 0 ? '' : ` for ${repo.join(', ')}`}${where}.`),
    ...changed.map(([name, value]) => lineAbout(step.id, `${name} is ${sayValue(value)}.`)),
    ...sayDraftFirst(step, steps),
    ...Object.entries(form.params).flatMap(([name, param]) =>
      param.default !== null && !Array.isArray(param.default) && isDefault(param.default, step.params[name])
        ? [lineAbout(step.id, `${name} is ${sayValue(param.default)}.`, true)]
        : [],
    ),
  ]
}

const sayValue = (value: unknown): string =>
  typeof value === 'string' ? `“${cut(value)}”` : cut(JSON.stringify(value))
const isDefault = (fallback: unknown, value: unknown): boolean =>
  Array.isArray(fallback) && Array.isArray(value) ? sameList(fallback, value) : fallback === value
const times = (n: number): string => (n === 0 ? 'never' : n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`)
const cut = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}…` : text)
