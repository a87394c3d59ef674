/**
 * Which keys does a workflow file have, and what is written below each?
 * The one source of the parser and of the JSON Schema for editors. Form only; meaning is checked by the compiler.
 */
import { z } from 'zod'
import { actionNames } from '../../action/actions.ts'
import { capAtMost } from '../../action/caps.ts'
import { wallLevels } from '../../run/wall-level.ts'
import { moneyForm, tokensForm } from '../amounts.ts'
import { ContextWritten } from './context.ts'
import {
  AgentName,
  Glob,
  Host,
  ModelName,
  PoolName,
  Ref,
  RepoName,
  Requirement,
  TeamName,
  Text,
  WorkflowName,
} from './names.ts'
import { statusTools } from '../status-places.ts'
import { RouteWritten } from './route.ts'
import { formed, keyed, listOf, oneOf, say, wholeNumber } from './say.ts'
import { ActionEntryWritten, ApprovalWritten, CommandsWritten, Duration, StepWritten, VerifyWritten } from './step.ts'
import { TriggerWritten } from './trigger.ts'

const positive = wholeNumber(1, 1_000)

const RepoOptions = keyed('a repository', {
  ref: Ref.optional(),
  from_event: z.boolean(say('true or false')).optional(),
  access: oneOf('a kind of access', ['read', 'write']).optional(),
  write: listOf('paths that may change, such as src/**', Glob).optional(),
  protect: listOf('paths that need one approver more, such as infra/**', Glob).optional(),
})
const RepoEntry = z.union(
  [RepoName, z.record(RepoName, RepoOptions.nullable(), say('repositories with their options'))],
  say('a repository, as owner/name, or owner/name: { ref, from_event, access, write, protect }'),
)

const AgentChoice = z.union(
  [AgentName, keyed('an agent with its model', { agent: AgentName, model: ModelName.optional() })],
  say('an agent, or { agent, model }'),
)
const Agents = keyed('agents by mode', {
  plan: AgentChoice.optional(),
  read: AgentChoice.optional(),
  implement: AgentChoice.optional(),
  edit: AgentChoice.optional(),
  review: AgentChoice.optional(),
})
const Tokens = z.union(
  [
    z.int(say('a number of tokens, such as 2M')).positive(say('a number of tokens above zero, such as 2M')),
    formed('a number of tokens, such as 2M', tokensForm),
  ],
  say('a number of tokens, such as 2M'),
)
const Money = z.union(
  [
    z.number(say('dollars, such as 5')).positive(say('more than nothing, in dollars, such as 5')),
    formed('dollars, such as 5 or $5', moneyForm),
    z.literal('unlimited'),
  ],
  say('dollars, such as 5, or unlimited'),
)
const Concurrency = z.union(
  [
    positive,
    keyed('concurrency', {
      key: Text(500).optional(),
      limit: positive.optional(),
      when_full: oneOf('a way when full', ['queue', 'replace', 'skip']).optional(),
    }),
  ],
  say('how many runs at once, or { key, limit, when_full }'),
)
const Runner = z.union(
  [
    PoolName,
    keyed('a runner', {
      pool: PoolName.optional(),
      isolation: oneOf('a level of isolation', wallLevels).optional(),
      requires: listOf('tools, such as node>=22', Requirement, { max: 30 }).optional(),
    }),
  ],
  say('a pool, or { pool, isolation, requires }'),
)

const Breaker = keyed('a breaker', {
  starts: positive.optional(),
  within: Duration.optional(),
  chain: positive.optional(),
  unchanged: positive.optional(),
  cooldown: Duration.optional(),
})
const count = wholeNumber(0, capAtMost)
const Caps = z.partialRecord(
  z.enum(actionNames as [string, ...string[]], say('an action', actionNames)),
  z.union(
    [count, keyed('a cap', { run: count.optional(), hour: count.optional() })],
    say('how often at most in one run, or { run, hour }'),
  ),
  say('actions with how often they may be done, such as github.comment: 3'),
)
const Hosts = listOf('hosts, such as api.example.com', Host)

/** What stands below each key of the file. `items`: a list whose entries are read one by one; one entry alone is a list of one. */
export const sections = {
  language: z.literal(1, say('1, the version of the language')).describe('Version of the language.'),
  name: WorkflowName.describe('Name of the workflow: small letters, digits, dashes.'),
  description: Text(500).describe('What it is for, in a sentence.'),
  team: TeamName.describe('The team that owns it: default approvers, default channel.'),
  agents: z
    .union([AgentName, Agents], say('an agent, or agents by mode: { plan, implement, review }'))
    .describe('Which agent works, for all modes or by mode; by mode also with which model.'),
  verify: VerifyWritten.describe(
    "Commands that check the change; the repository's own checks when left out; false for none.",
  ),
  budget: keyed('a budget', { usd: Money.optional(), tokens: Tokens.optional(), time: Duration.optional() }).describe(
    'What a run may cost: 5 USD and 45 minutes when left out.',
  ),
  concurrency: Concurrency.describe('How many runs of it at once, by key.'),
  commands: CommandsWritten.describe('Rules on commands for every agent step; deny wins over ask, ask over allow.'),
  route: RouteWritten.describe('Which repository, team, pool and agent an event goes to, chosen from its fields.'),
  runner: Runner.describe('Where it runs.'),
  network: keyed('a network', { agents: Hosts.optional(), checks: Hosts.optional() }).describe(
    'Which hosts its agents and its checks may reach, of those that the runner allows; all of these when left out.',
  ),
  breaker: Breaker.describe(
    'How often one thing may start it, how long a chain of runs that wake each other may be, and how often a step may bring the same change, before a person is asked.',
  ),
  caps: Caps.describe('How often each action may be done at most: in one run, and by this workflow in any hour.'),
  status: z
    .union(
      [z.literal(false), listOf('tools, such as [slack, github]', oneOf('a tool', statusTools))],
      say('tools, such as [slack, github], or false'),
    )
    .describe(
      'Where it is told how a run goes, when its work came from there: Slack when left out; false for nowhere.',
    ),
} as const

export const items = {
  trigger: TriggerWritten.describe('What starts it.'),
  repos: RepoEntry.describe('What it may touch. The first repository that may be written is the one a change goes to.'),
  context: ContextWritten.describe('What the agents are given to read.'),
  approvals: ApprovalWritten.describe('Where a person decides. Both gates when left out; [] for none.'),
  actions: ActionEntryWritten.describe('What it does outside, in order.'),
  steps: StepWritten.describe('The steps, when the usual ones do not do.'),
} as const

export const keys = [
  'language',
  'name',
  'description',
  'team',
  'trigger',
  'repos',
  'route',
  'context',
  'agents',
  'approvals',
  'verify',
  'actions',
  'steps',
  'budget',
  'concurrency',
  'commands',
  'runner',
  'network',
  'breaker',
  'caps',
  'status',
] as const
export type SectionKey = keyof typeof sections
export type ItemsKey = keyof typeof items

const optional = (
  schemas: Readonly<Record<string, z.ZodType>>,
  each: (key: string, schema: z.ZodType) => z.ZodType,
): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, each(key, schema).optional()]))

/** The whole file as one schema: the source of the JSON Schema. */
export const WorkflowDocument = keyed('a workflow', {
  ...optional(sections, (_, schema) => schema),
  ...optional(items, (key, schema) => listOf(key, schema)),
  name: sections.name,
} as Record<string, z.ZodType>)
