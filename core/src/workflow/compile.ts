/**
 * Is this text a workflow, and what does it mean with every default written out?
 * Text in, compiled workflow (or every error at once) out. It never asks whether names resolve: that is readiness, on the server.
 */
import { atLeast } from '../run/wall-level.ts'
import { readDuration, readMoney, readTokens } from './amounts.ts'
import { Compiled } from './compiled.ts'
import { defaults } from './defaults.ts'
import { workflowDigest } from './digest.ts'
import { graphOf, type StepGraph } from './graph.ts'
import { readSource } from './located.ts'
import { commandRules, noRules } from './lower/commands.ts'
import { lowerContext } from './lower/context.ts'
import { deriveSteps } from './lower/derive.ts'
import { lowerBreaker } from './lower/breaker.ts'
import { draftOf, type StepDraft } from './lower/draft.ts'
import { orderSteps } from './lower/order.ts'
import type { AgentChoice, Surroundings } from './lower/place.ts'
import { lowerRepos } from './lower/repos.ts'
import { lowerRoute, namesTeams } from './lower/route.ts'
import { lowerSteps } from './lower/steps.ts'
import { lowerTriggers } from './lower/triggers.ts'
import type { WorkflowError } from './mistake.ts'
import { collectMistakes, type Mistakes } from './mistakes.ts'
import { many, readDocument, type Written } from './read-document.ts'
import { checkWhole } from './rules.ts'
import { defaultStatus, statusTools, type StatusTool } from './status-places.ts'
import { summarize, type Summary } from './summary.ts'
import { sameList } from './summary/line.ts'
import { checkTemplates } from './template-check.ts'

export type CompileResult =
  | { ok: true; compiled: Compiled; digest: string; summary: Summary; graph: StepGraph }
  | { ok: false; errors: WorkflowError[] }

/** Compiles a workflow file's text. `file` only names it in errors. Never throws on any text. */
export const compileWorkflow = (source: string, file = 'workflow.yaml'): CompileResult => {
  const mistakes = collectMistakes()
  const { value, readable, spotOf } = readSource(source, mistakes)
  const written = readable ? readDocument(value, mistakes) : null
  const compiled = written && lowerDocument(written, mistakes)
  if (!compiled || mistakes.count() > 0) return { ok: false, errors: mistakes.sorted(source, file, spotOf) }
  return {
    ok: true,
    compiled,
    digest: workflowDigest(compiled),
    summary: summarize(compiled),
    graph: graphOf(compiled),
  }
}

/** The compiled form; null when a part that it cannot be without is wrong. Its schema is the last word: what it refuses is a fault of this compiler. */
const lowerDocument = (written: Written, mistakes: Mistakes): Compiled | null => {
  const triggers = lowerTriggers(written.list('trigger'), mistakes)
  const route = lowerRoute(
    written.section('route'),
    {
      triggers: triggers.map(({ trigger }) => trigger),
      triggersBroken: written.broken('trigger'),
      team: written.section('team') ?? null,
    },
    mistakes,
  )
  const repos = lowerRepos(written.list('repos'), mistakes, route)
  const context = lowerContext(written.list('context') ?? [], repos, written.broken('repos'), mistakes)
  const around: Surroundings = {
    // Whichever team the route leads to decides where nobody is named.
    team: route && namesTeams(route) ? 'routed' : (written.section('team') ?? null),
    agents: agentsOf(written, mistakes),
    commands: commandRules(noRules, written.section('commands'), ['commands'], mistakes),
    context,
    contextBroken: written.broken('context'),
    repos,
    reposBroken: written.broken('repos'),
    triggers: triggers.map(({ trigger }) => trigger),
    triggersBroken: written.broken('trigger'),
  }
  const explicit = written.has('steps')
  const drafts = explicit ? explicitSteps(written, mistakes) : deriveSteps(written, mistakes)
  const unread = ['steps', 'approvals', 'actions', 'verify'].some((key) => written.broken(key))
  const order = orderSteps(drafts, unread, mistakes)
  const steps = lowerSteps(order, around, mistakes)
  const approvals = written.list('approvals')
  checkWhole(
    {
      triggers,
      repos,
      steps,
      order,
      explicit,
      approvalsSaid: approvals === null ? 'unsaid' : approvals.length === 0 ? 'none' : 'listed',
      reposBroken: around.reposBroken,
    },
    mistakes,
  )
  const concurrency = concurrencyOf(written)
  checkTemplates(steps, order, around.triggers, concurrency?.key ?? null, around.triggersBroken, mistakes)
  const budget = budgetOf(written, mistakes)
  const network = networkOf(written)
  const breaker = lowerBreaker(written, mistakes)
  const caps = capsOf(written)
  const status = statusOf(written)
  const runner = runnerOf(written, network !== null, mistakes)
  if (mistakes.count() > 0) return null
  return Compiled.parse({
    language: 1,
    name: written.section('name'),
    description: written.section('description') ?? null,
    team: written.section('team') ?? null,
    triggers: around.triggers,
    repos,
    context,
    budget,
    concurrency,
    steps,
    runner,
    ...(network && { network }),
    ...(breaker && { breaker }),
    ...(caps && { caps }),
    ...(status && { status }),
    ...(route && { route }),
  } satisfies Record<Exclude<keyof Compiled, 'network' | 'breaker' | 'caps' | 'status' | 'route'>, unknown>)
}

const explicitSteps = (written: Written, mistakes: Mistakes): StepDraft[] => {
  for (const key of ['approvals', 'actions', 'verify'] as const) {
    if (!written.has(key) || (key === 'approvals' && written.list('approvals')?.length === 0)) continue
    mistakes.add({
      code: 'contradiction',
      path: [key],
      at: 'key',
      message: `\`${key}\` is for workflows without \`steps\`; write it among the steps${key === 'approvals' ? ', as `- { gate: … }`' : key === 'actions' ? ', as `- { action: … }`' : ', as `- { run: … }`'}.`,
      expected: 'one of steps, approvals, actions, verify',
    })
  }
  const items = written.list('steps') ?? []
  if (items.length === 0)
    mistakes.add({
      code: 'wrong_value',
      path: ['steps'],
      message: '`steps` is empty; leave it out for the usual steps.',
      found: 'an empty list',
      expected: 'at least one step',
    })
  return items.flatMap(({ value, path }) => (value === undefined ? [] : [draftOf(value, path)]))
}

const agentsOf = (written: Written, mistakes: Mistakes): Surroundings['agents'] => {
  const agents = written.section('agents')
  if (typeof agents === 'string') {
    const same = { agent: agents, model: null }
    return { plan: same, read: same, edit: same, review: same }
  }
  if (agents?.edit !== undefined && agents.implement !== undefined)
    mistakes.add({
      code: 'duplicate',
      path: ['agents', 'edit'],
      at: 'key',
      message: '`edit` and `implement` are two words for one mode.',
      expected: 'one of them',
    })
  return {
    plan: choiceOf(agents?.plan),
    read: choiceOf(agents?.read),
    edit: choiceOf(agents?.implement ?? agents?.edit),
    review: choiceOf(agents?.review),
  }
}

const choiceOf = (written: string | { agent: string; model?: string | undefined } | undefined): AgentChoice =>
  typeof written === 'object'
    ? { agent: written.agent, model: written.model ?? null }
    : { agent: written ?? null, model: null }

const budgetOf = (written: Written, mistakes: Mistakes): Compiled['budget'] => {
  const budget = written.section('budget') ?? {}
  const usd = budget.usd === undefined ? defaults.budget.usd : budget.usd === 'unlimited' ? null : readMoney(budget.usd)
  const tokens = budget.tokens === undefined ? defaults.budget.tokens : readTokens(budget.tokens)
  const seconds = budget.time === undefined ? defaults.budget.seconds : readDuration(budget.time)
  const wrong = (key: string, expected: string): void =>
    mistakes.add({
      code: 'wrong_value',
      path: ['budget', key],
      message: `\`${key}\` must be ${expected}.`,
      found: String(budget[key as 'usd']),
      expected,
    })
  if (usd === null && budget.usd !== 'unlimited') wrong('usd', 'more than nothing, in dollars and cents, such as 5')
  if (tokens === null && budget.tokens !== undefined) wrong('tokens', 'a number of tokens above zero, such as 2M')
  if (seconds === null || seconds > 7 * 86_400) wrong('time', 'a duration of at most 7 days, such as 45m')
  return { usd, tokens, seconds: seconds ?? defaults.budget.seconds }
}

const concurrencyOf = (written: Written): Compiled['concurrency'] => {
  const concurrency = written.section('concurrency')
  if (concurrency === undefined) return null
  if (typeof concurrency === 'number') return { ...defaults.concurrency, limit: concurrency }
  return {
    key: concurrency.key ?? defaults.concurrency.key,
    limit: concurrency.limit ?? defaults.concurrency.limit,
    whenFull: concurrency.when_full ?? defaults.concurrency.whenFull,
  }
}

const networkOf = (written: Written): NonNullable<Compiled['network']> | null => {
  const network = written.section('network')
  if (network?.agents === undefined && network?.checks === undefined) return null
  const hosts = (named: string | string[]): string[] => [...new Set(many(named))].toSorted()
  return {
    ...(network.agents !== undefined && { agents: hosts(network.agents) }),
    ...(network.checks !== undefined && { checks: hosts(network.checks) }),
  }
}

const capsOf = (written: Written): NonNullable<Compiled['caps']> | null => {
  const said = Object.entries(written.section('caps') ?? {})
    .map<readonly [string, { run?: number | undefined; hour?: number | undefined }]>(
      ([action, cap]) => [action, typeof cap === 'number' ? { run: cap } : (cap ?? {})] as const,
    )
    .filter(([, cap]) => cap.run !== undefined || cap.hour !== undefined)
  if (said.length === 0) return null
  return Object.fromEntries(
    said
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([action, { run, hour }]) => [
        action,
        { ...(run !== undefined && { run }), ...(hour !== undefined && { hour }) },
      ]),
  )
}

/** Null: as usual, also when that is what is written: one meaning, one digest. */
const statusOf = (written: Written): StatusTool[] | null => {
  const said = written.section('status')
  if (said === undefined) return null
  const tools = said === false ? [] : statusTools.filter((tool) => many(said).includes(tool))
  return sameList(tools, defaultStatus) ? null : tools
}

/** Only a sandbox holds the network: a workflow that names hosts needs one, so that no runner takes it that would let its steps reach others. */
const runnerOf = (written: Written, namesHosts: boolean, mistakes: Mistakes): Compiled['runner'] => {
  const section = written.section('runner')
  const runner = typeof section === 'string' ? { pool: section } : (section ?? {})
  const isolation = 'isolation' in runner ? runner.isolation : undefined
  if (namesHosts && isolation !== undefined && !atLeast(isolation).includes('sandbox'))
    mistakes.add({
      code: 'contradiction',
      path: ['runner', 'isolation'],
      message: `\`network\` names hosts, and steps behind \`isolation: ${isolation}\` reach all of them.`,
      found: isolation,
      expected: 'sandbox or container',
    })
  return {
    pool: runner.pool ?? null,
    isolation: isolation ?? (namesHosts ? 'sandbox' : null),
    requires: 'requires' in runner ? [...new Set(many(runner.requires))] : [],
  }
}
