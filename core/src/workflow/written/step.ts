/**
 * How is a step written?
 * A word (`verify`), one opened word (`plan_review: {...}`), or a mapping whose key says its kind: mode, run, gate, action, remember.
 */
import { z } from 'zod'
import { actionNames, actions } from '../../action/actions.ts'
import type { ActionForm, ParamForm } from '../../action/form.ts'
import { durationForm } from '../amounts.ts'
import { ContextsWritten } from './context.ts'
import { AgentName, Approvers, Command, CommandPatterns, GateName, ModelName, StepName, Text } from './names.ts'
import { formed, keyed, listOf, oneOf, say, wholeNumber } from './say.ts'

export const Duration = formed('a duration, such as 45m or 24h', durationForm)
export const modes = ['plan', 'read', 'edit', 'implement', 'review'] as const
export const gateWords = ['plan_review', 'pr_approval'] as const
export const excludable = ['requester', 'author', 'runner_owner', 'plan_editor'] as const
/** What `run` means when the repository's own checks are to run. */
export const ownChecks = 'own_checks'

const flag = z.boolean(say('true or false'))
const rounds = wholeNumber(0, 20)
const needs = listOf('ids of steps', StepName, { max: 50 }).optional()
const restart = oneOf('a way to restart', ['ask', 'auto']).optional()

export const CommandsWritten = keyed('rules on commands', {
  allow: CommandPatterns.optional(),
  ask: CommandPatterns.optional(),
  deny: CommandPatterns.optional(),
})

const agentShape = {
  id: StepName.optional(),
  agent: AgentName.optional(),
  model: ModelName.optional(),
  mode: oneOf('a mode', modes),
  prompt: Text(20_000).optional(),
  follows: StepName.optional(),
  of: StepName.optional(),
  commands: CommandsWritten.optional(),
  context: ContextsWritten.optional(),
  restart,
  needs,
}
export const AgentWritten = keyed('an agent step', agentShape)

const verifyOptions = { max_rounds: rounds.optional(), baseline: flag.optional(), restart }
export const RunWritten = keyed('a run step', {
  ...verifyOptions,
  id: StepName.optional(),
  of: StepName.optional(),
  fix_with: StepName.optional(),
  needs,
  run: listOf('commands', Command, { min: 1, max: 50 }),
})

const placed = { id: StepName.optional(), needs }
const gateShape = {
  approvers: Approvers.optional(),
  required: wholeNumber(1, 20).optional(),
  exclude: listOf(
    `those who may not decide: ${excludable.join(', ')}`,
    oneOf('one who can be excluded', excludable),
  ).optional(),
  expires_after: Duration.optional(),
  on_expiry: z
    .union(
      [oneOf('an answer to expiry', ['reject']), keyed('an answer to expiry', { escalate: Approvers })],
      say('reject, or escalate: [those who are asked then]'),
    )
    .optional(),
  on_reject: oneOf('an answer to a rejection', ['stop', 'revise', 'continue']).optional(),
  max_rounds: rounds.optional(),
  remind_after: z.union([Duration, z.literal('never')], say('a duration, such as 24h, or never')).optional(),
}
/** What may be written about a gate below `approvals`; among the steps also its place. */
export const GateOptions = keyed('a gate', gateShape)
const GatePlaced = keyed('a gate', { ...placed, of: StepName.optional(), ...gateShape })
const GateWritten = keyed('a gate', {
  gate: GateName,
  ...placed,
  of: StepName.optional(),
  ...gateShape,
})

const paramWritten = (param: ParamForm): z.ZodType => {
  const schema = {
    template: () => Text(20_000),
    text: () => Text(500),
    flag: () => flag,
    number: () => z.number(say('a number')),
    words: () => oneOf('one of the words', param.words as [string, ...string[]]),
    list: () => listOf('a list of texts', Text(200), { max: 50 }),
    json: () => z.json(),
  }[param.kind]()
  return schema.describe(param.says)
}
const paramsShape = (form: ActionForm) =>
  Object.fromEntries(
    Object.entries(form.params).map(([key, param]) => [
      key,
      param.required ? paramWritten(param) : paramWritten(param).optional(),
    ]),
  )
const placedAction = (form: ActionForm) => ({ ...placed, ...(form.change && { of: StepName.optional() }) })
const byAction = <T>(make: (name: string, form: ActionForm) => T): [string, T][] =>
  actionNames.map((name) => [name, make(name, actions[name]!)])

/** The parameters of each action, as written below its name in `actions`; among the steps also its place. */
const actionOptions = Object.fromEntries(
  byAction((name, form) => keyed(`the action ${name}`, paramsShape(form)).nullable().optional()),
)
const actionPlaced = Object.fromEntries(
  byAction((name, form) =>
    keyed(`the action ${name}`, { ...placedAction(form), ...paramsShape(form) })
      .nullable()
      .optional(),
  ),
)
const actionKeyed = byAction((name, form) =>
  keyed(`the action ${name}`, { action: z.literal(name), ...placedAction(form), ...paramsShape(form) }),
).map(([, schema]) => schema)
const ActionWritten = z.discriminatedUnion(
  'action',
  actionKeyed as [(typeof actionKeyed)[number], ...typeof actionKeyed],
  say('an action', actionNames),
)

export const RememberWritten = keyed('a remember step', {
  remember: Text(2_000),
  approvers: Approvers.optional(),
  id: StepName.optional(),
  needs,
})

const stepWords = ['plan', 'read', 'implement', 'review', 'verify', ...gateWords, ...actionNames] as [
  string,
  ...string[],
]
const gatesPlaced = Object.fromEntries(gateWords.map((name) => [name, GatePlaced.nullable().optional()]))
const Opened = keyed('a step', { ...gatesPlaced, ...actionPlaced } as Record<string, z.ZodType>).refine(
  (held) => Object.keys(held).length === 1,
  say('one gate or action per entry'),
)

export const StepWritten = z.union(
  [AgentWritten, GateWritten, RunWritten, ActionWritten, RememberWritten, Opened, oneOf('a step', stepWords)],
  say('a step: a word, or a mapping with mode, run, gate, action or remember'),
)

/** One entry below `approvals`: a gate, or the name of an action that a person has to see before it is done. */
const gateable = [...gateWords, ...actionNames] as [string, ...string[]]
export const ApprovalWritten = z.union(
  [
    oneOf('a gate', gateable),
    keyed('a gate', Object.fromEntries(gateable.map((name) => [name, GateOptions.nullable().optional()]))).refine(
      (held) => Object.keys(held).length > 0,
      say('a gate'),
    ),
  ],
  say(`a gate: ${gateWords.join(', ')}, or an action that a person has to see first`),
)

/** One entry below `actions`. Actions have an order and the keys of a mapping have none, so each stands alone. */
export const ActionEntryWritten = z.union(
  [
    oneOf('an action', actionNames as [string, ...string[]]),
    keyed('an action', actionOptions).refine(
      (held) => Object.keys(held).length === 1,
      say('one action per entry of a list'),
    ),
  ],
  say('an action', actionNames),
)

export const VerifyWritten = z.union(
  [
    z.literal(false),
    listOf('commands; `verify: false` checks nothing', Command, { min: 1, max: 50 }),
    keyed('a check', {
      run: listOf('commands; `verify: false` checks nothing', Command, { min: 1, max: 50 }).optional(),
      ...verifyOptions,
    }),
  ],
  say('commands, such as ["npm ci", "npm test"], or false'),
)
