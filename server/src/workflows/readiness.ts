/**
 * Can a valid workflow run here, and if not, what is missing and what fixes each thing?
 * Every name is looked up in what exists now. It never changes anything.
 */
import type { AgentStep, Compiled } from '@viewportai/core/workflow/compiled'
import { eventForm, tools as forms } from '@viewportai/core/event/tools'
import { atEachPlace } from '@viewportai/core/workflow/at-place'
import { connectionsNeeded, namesNeeded } from '@viewportai/core/workflow/connections'
import { scheduleOf } from '../schedule/plan.ts'
import { isZone, nextTime } from '../schedule/times.ts'
import { chosen } from '@viewportai/core/wire/holding'
import { placeAt } from '../tools/held-by.ts'
import { holdCommand } from '../tools/keep.ts'
import { actionNamed, toolNamed } from '../tools/table.ts'
import { isWalledFor, lacks, lacksLeave, offersModel } from '../wire/fit.ts'
import { lacking, type Finding, type MissingThing, type Resolved } from './finding.ts'
import { peopleNeeds } from './needed-people.ts'
import { notYet } from './not-yet.ts'
import { unheard } from './unheard.ts'
import { whereActionsGo } from './where-actions-go.ts'
import { agentFor, type World } from './world.ts'

type Readiness = { missing: MissingThing[]; resolved: Resolved[] }

/** Effects that the runner of the run carries out. */
const byRunner = new Set(['git.open_change', 'git.merge'])

/** Of a workflow with a route: at each of its places, each thing once. */
export const readiness = (compiled: Compiled, world: World): Readiness => {
  const [missing, resolved] = [new Map<string, MissingThing>(), new Map<string, Resolved>()]
  for (const at of atEachPlace(compiled)) {
    const found = readyAt(at, world)
    for (const one of found.missing) missing.set(`${one.kind} ${one.name} ${one.why}`, one)
    for (const one of found.resolved) resolved.set(`${one.kind} ${one.name} ${one.to}`, one)
  }
  return { missing: [...missing.values()], resolved: [...resolved.values()] }
}

const readyAt = (compiled: Compiled, world: World): Readiness => {
  const pool = compiled.runner.pool ?? world.defaultPool
  const found: Finding[] = [
    ...repositories(compiled, world),
    ...poolOf(pool, world),
    ...agents(compiled, world, pool),
    ...capabilities(compiled, world, pool),
    ...peopleNeeds(compiled, world),
    ...contexts(compiled),
    ...notYet.flatMap(({ missing }) => missing(compiled)),
    ...sources(compiled, world),
    ...schedules(compiled),
    ...connections(compiled, world),
    ...whereActionsGo(compiled, world),
    ...unheard(compiled, world),
    ...actions(compiled, world, pool),
  ]
  return { missing: found.filter((one) => 'why' in one), resolved: found.filter((one) => 'to' in one) }
}

/** What stands in a refusal: "repository acme/api, agent codex". */
export const missingWords = (missing: readonly MissingThing[]): string =>
  missing.map(({ kind, name }) => `${kind} ${name}`).join(', ')

const repositories = (compiled: Compiled, world: World): Finding[] =>
  namesNeeded(compiled).repos.map((name) => {
    const repo = world.repositories.find((one) => one.name === name)
    return repo
      ? { kind: 'repository', name, to: repo.url }
      : lacking('repository', name, 'no repository has this name', 'Add the repository', {
          href: '/settings/repositories',
          command: `viewport repositories add ${name} URL`,
        })
  })

const poolOf = (pool: string, world: World): Finding[] => {
  const inPool = world.runners.filter((runner) => runner.pool === pool)
  if (inPool.length === 0)
    return [
      lacking('pool', pool, `no runner is in this pool${otherPools(world)}`, 'Pair a runner', {
        href: '/runners/pair',
        command: `vpd pair --worker --pool ${pool}`,
      }),
    ]
  const online = inPool.filter((runner) => runner.online)
  if (online.length === 0)
    return [
      lacking(
        'runner',
        pool,
        `${inPool.map((runner) => runner.name).join(', ')} ${inPool.length === 1 ? 'is' : 'are'} away`,
        'Start the runner',
        { href: '/runners', command: 'vpd worker start --mode persistent --transport polling' },
      ),
    ]
  return [
    {
      kind: 'pool',
      name: pool,
      to: `${online.length} ${online.length === 1 ? 'runner' : 'runners'} online: ${online.map((runner) => runner.name).join(', ')}`,
    },
  ]
}

/** Which pools have runners: a workflow that was copied often names another team's. At most three are named. */
const otherPools = (world: World): string => {
  const pools = [...new Set(world.runners.map((runner) => runner.pool))].toSorted()
  const more = pools.length > 3 ? ` and ${pools.length - 3} more` : ''
  return pools.length === 0 ? '' : `; there are runners in ${pools.slice(0, 3).join(', ')}${more}`
}

const agents = (compiled: Compiled, world: World, pool: string): Finding[] => {
  const inPool = world.runners.filter((runner) => runner.pool === pool)
  if (inPool.length === 0) return [] // the pool is what is missing
  const steps = compiled.steps.filter((step): step is AgentStep => step.kind === 'agent')
  const found = steps.map((step): Finding => {
    const name = agentFor(world, pool, step)
    if (name === null)
      return lacking(
        'agent',
        `to ${step.mode}`,
        `no runner of ${pool} has an agent that can ${step.mode}`,
        'See what the runners have',
        { href: '/runners' },
      )
    const offers = inPool.flatMap((runner) =>
      runner.capabilities.agents
        .filter((agent) => agent.name === name)
        .map((agent) => ({ runner: runner.name, on: runner, agent })),
    )
    const fits = offers.filter(({ agent }) => agent.usable && (agent.modes as string[]).includes(step.mode))
    const held = fits.filter(({ on }) => isWalledFor(name, on))
    const { model } = step
    const given = model === undefined ? held : held.filter(({ agent }) => offersModel(agent.models, model))
    if (fits.length > 0 && held.length === 0)
      return lacking(
        'agent',
        name,
        `on ${fits[0]!.runner} nothing walls agents off from the machine, and no admin accepted it so`,
        'Let a runner hold agents behind a wall (`vpd doctor` on it says how), or accept it without one',
        { href: '/runners', command: `viewport runners change ${fits[0]!.runner} --accept-no-wall` },
      )
    if (model !== undefined && held.length > 0 && given.length === 0) {
      const there = held.find(({ agent }) => agent.models)
      return lacking(
        'capability',
        `model ${model}`,
        there
          ? `${name} on ${there.runner} can be given ${there.agent.models!.slice(0, 8).join(', ') || 'none'}${there.agent.models!.length > 8 ? ` and ${there.agent.models!.length - 8} more` : ''}`
          : `${name} takes no model by name on ${held[0]!.runner}`,
        'Name one of these, or let a runner offer it (`models` or `prices` in its policy)',
        { href: '/runners' },
      )
    }
    if (fits.length > 0)
      return { kind: 'agent', name, to: `on ${[...new Set(given.map(({ runner }) => runner))].join(', ')}` }
    const [near] = offers
    return lacking(
      'agent',
      name,
      near
        ? `on ${near.runner}: ${near.agent.usable ? `it cannot ${step.mode}` : (near.agent.note ?? 'found, not usable')}`
        : `no runner of ${pool} has it`,
      'See what the runners have',
      { href: '/runners', command: 'vpd doctor' },
    )
  })
  return found.filter(
    (one, at) => found.findIndex((other) => other.name === one.name && 'why' in other === 'why' in one) === at,
  )
}

/** Isolation, tools and repositories: of the runners of the pool the one that lacks least. */
const capabilities = (compiled: Compiled, world: World, pool: string): Finding[] => {
  const wanted = {
    kind: 'agent',
    agent: null,
    mode: null,
    model: null,
    isolation: compiled.runner.isolation,
    requires: compiled.runner.requires,
    repos: compiled.repos.map((repo) => repo.name),
    runner: null,
    pool,
  }
  const rated = world.runners
    .filter((runner) => runner.pool === pool)
    .map((runner) => ({ runner, missing: lacks(wanted, runner) }))
  const best = rated.toSorted((a, b) => a.missing.length - b.missing.length)[0]
  const leave = wanted.repos.map((repo) => ({ repo, name: lacksLeave(repo) }))
  return (best?.missing ?? []).map((name) => {
    const repo = leave.find((one) => one.name === name)?.repo
    return repo === undefined
      ? lacking('capability', name, `${best!.runner.name} lacks it`, 'See what the runners have', {
          href: '/runners',
          command: 'vpd doctor',
        })
      : lacking('capability', name, `${best!.runner.name} lacks it`, 'Let the runner use the repository', {
          href: '/runners',
          command: `viewport runners change ${best!.runner.name} --add ${repo}`,
        })
  })
}

const contexts = (compiled: Compiled): Finding[] =>
  namesNeeded(compiled).context.map((name) => ({
    kind: 'context',
    name,
    to: 'looked up by the runner in .viewport/context.yaml of each repository, when a step begins',
  }))

const sources = (compiled: Compiled, world: World): Finding[] =>
  namesNeeded(compiled).sources.map((name) =>
    world.sources.includes(name)
      ? { kind: 'source', name, to: 'takes signed deliveries' }
      : lacking('connection', name, 'no webhook source has this name', 'Make the source', {
          command: `viewport sources add ${JSON.stringify(name)}`,
        }),
  )

/** A zone that the system does not know, or a day that never comes, would start nothing and say nothing. */
const schedules = ({ triggers }: Compiled): Finding[] =>
  triggers.flatMap((trigger): Finding[] => {
    if (trigger.tool !== 'schedule') return []
    const { cron, timezone } = scheduleOf(trigger)
    if (!isZone(timezone))
      return [
        lacking(
          'capability',
          `a time zone called ${timezone}`,
          'the system knows no such time zone',
          'Name one such as Europe/Berlin',
        ),
      ]
    if (nextTime(cron, timezone, Date.now()) === null)
      return [lacking('connection', cron, 'this never comes due', 'Name a day that comes')]
    return [{ kind: 'schedule', name: cron, to: `in ${timezone}` }]
  })

/** Tools that this version can connect, and that this workspace has to. */
const connections = (compiled: Compiled, world: World): Finding[] =>
  connectionsNeeded(compiled)
    .filter(({ tool }) => toolNamed(tool) !== null)
    .map(({ tool, for: uses }): Finding => {
      const names = world.connections.filter((one) => one.tool === tool).map((one) => one.name)
      const title = forms[tool]?.title ?? tool
      return names.length > 0
        ? { kind: 'connection', name: tool, to: [names.join(', '), ...unaskedOf(compiled, tool)].join('; ') }
        : lacking('connection', tool, `${title} is not connected (${uses.join(', ')})`, `Connect ${title}`, {
            href: '/connections',
            command: `viewport connect ${tool}`,
          })
    })

/** What it listens to and asking does not bring: without a webhook nothing of it comes. */
const unaskedOf = ({ triggers }: Compiled, tool: string): string[] => [
  ...new Set(
    triggers.flatMap((one) => {
      const unasked = one.tool === tool ? eventForm(tool, one.event)?.unasked : undefined
      return unasked === undefined ? [] : [`${one.event} needs a webhook there: asking ${unasked}`]
    }),
  ),
]

const actions = ({ steps }: Compiled, world: World, pool: string): Finding[] =>
  steps.flatMap((step): Finding[] => {
    if (step.kind !== 'action') return []
    if (byRunner.has(step.action))
      return [{ kind: 'action', name: step.action, to: 'carried out by the runner of the run' }]
    const held = world.connections.find(
      ({ tool, name, held: isHeld }) =>
        isHeld && tool === step.action.split('.')[0] && (tool !== 'webhook' || name === step.params['to']),
    )
    if (held) return [byHolder(step.action, held, world, pool)]
    if (step.action === 'webhook.send') return [target(String(step.params['to']), world)]
    if (toolNamed(step.action.split('.')[0]!) === null) return [] // the connection is what is missing
    return actionNamed(step.action)
      ? [{ kind: 'action', name: step.action, to: 'carried out by this Viewport' }]
      : [lacking('action', step.action, 'this version of Viewport does not do it', 'Leave the step out')]
  })

/** Done by a runner of the pool that holds the credential: it may be another than the run's own. */
const byHolder = (action: string, held: World['connections'][number], world: World, pool: string): Finding => {
  const needed = { tool: held.tool, connection: held.name, at: placeAt(held), action }
  const rated = world.runners
    .filter((runner) => runner.pool === pool)
    .map(({ name, capabilities: { holds = [] } }) => ({ name, found: chosen(holds, needed) }))
  const able = rated.filter(({ found }) => !('lacks' in found))
  if (able.length > 0)
    return {
      kind: 'action',
      name: action,
      to: `carried out by ${able.map(({ name }) => name).join(' or ')}, with the credential kept there`,
    }
  const near = rated
    .map(({ found }) => ('lacks' in found ? found.lacks : ''))
    .toSorted((a, b) => b.length - a.length)[0]
  return lacking(
    'action',
    action,
    `no runner of ${pool} has ${near ?? `a credential for ${held.tool}`}`,
    'Keep the credential on a runner',
    { href: '/connections', command: holdCommand(held) },
  )
}

const target = (name: string, world: World): Finding =>
  world.connections.some((one) => one.tool === 'webhook' && one.name === name)
    ? { kind: 'action', name: 'webhook.send', to: `to ${name}` }
    : lacking('connection', name, 'no webhook target has this name', 'Add the target', {
        href: '/connections',
        command: `viewport connect webhook --name ${JSON.stringify(name)} --set url=https://…`,
      })
