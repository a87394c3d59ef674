/**
 * What exactly does a run start with?
 * The workflow version, the event as it was, and pins: repositories, agents, people, pool. Frozen from here on.
 */
import { randomBytes } from 'node:crypto'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { headOf } from '@viewportai/core/match/head'
import { routeOf } from '@viewportai/core/match/route'
import { branchFor } from '@viewportai/core/policy/ref-name'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { RunSpec } from '@viewportai/core/run/spec'
import { atEachPlace } from '@viewportai/core/workflow/at-place'
import { connectionsNeeded, namesNeeded } from '@viewportai/core/workflow/connections'
import { routePlaces } from '@viewportai/core/workflow/route-places'
import { sayPlace } from '@viewportai/core/workflow/summary/route'
import { placeAt } from '../tools/held-by.ts'
import type { StoredVersion } from '../workflows/read.ts'
import { placeless } from '../workflows/where-actions-go.ts'
import { agentFor, holders, type World } from '../workflows/world.ts'

export type Inputs = RunSpec['inputs']
type Matched = {
  readonly stored: StoredVersion
  readonly event: TriggerEvent
  readonly inputs: Inputs
  /** The sample that it is started with: nothing outside is done. */
  readonly rehearsal?: string
}

const cannot = (why: string): Refusal => refuse('run_spec_invalid', { why })

/** The spec, or what cannot be pinned. */
export const specOf = ({ stored, event: told, inputs, rehearsal }: Matched, world: World): RunSpec | Refusal => {
  const { compiled } = stored
  const event = rehearsal === undefined ? told : atDefaultBranch(told, compiled, world)
  const pins = new Map(compiled.repos.map((use) => [use.name, pinOf(use, event, world)]))
  const options = atEachPlace(compiled).map((at) => optionOf(at, pins, world))
  const seen = compiled.route && routeOf(compiled.route, event, inputs)
  // Before a person has said where, nothing begins; what is pinned then is of the first place that there is.
  const open = (seen?.among ?? [0]).filter((at) => options[at]!.lacks === undefined)
  const at = seen ? (seen.chosen ?? open[0] ?? seen.among[0]!) : 0
  const { pool, agents, lacks } = options[at]!
  if (lacks !== undefined)
    return cannot(seen ? `it goes to ${sayPlace(routePlaces(compiled.route!)[at]!)}, and ${lacks}` : lacks)
  // One that another place names and that is gone keeps nothing from this one.
  const repos = [...pins.values()].filter((pin) => typeof pin !== 'string')
  const people = Object.assign({}, ...atEachPlace(compiled).map((at) => pinnedBy(at, world))) as Record<
    string,
    string[]
  >
  const held = heldBy(compiled, world)
  if (isRefusal(held)) return held
  const placelessHere = rehearsal === undefined ? placeless(atEachPlace(compiled)[at]!, world, event.tool) : []
  if (placelessHere.length > 0) return cannot(placelessHere[0]!.why)
  return {
    language: 1,
    workflow: { id: stored.workflow, version: stored.version, name: stored.name, digest: stored.digest, compiled },
    event: withoutMade(event),
    inputs,
    pins: { repos, agents, people, pool, ...(held.length > 0 && { held }) },
    requester: { person: event.actor.person, actor: event.actor.id, name: event.actor.name },
    bodies: world.bodies,
    branch: branchFor(event.subject.title, randomBytes(3).toString('hex')),
    sample: world.sample,
    ...(seen && {
      routing: {
        options: options.map((option, at) => ({ label: sayPlace(routePlaces(compiled.route!)[at]!), ...option })),
        chosen: seen.chosen,
        among: seen.among,
        why: seen.why,
      },
    }),
    ...(rehearsal !== undefined && { rehearsal }),
    ...(world.address === null ? {} : { address: world.address }),
  }
}

/** When its thing was made says which events are one act, and nothing to a run. */
const withoutMade = (event: TriggerEvent): TriggerEvent => {
  const { made: _, ...subject } = event.subject
  return { ...event, subject }
}

/**
 * The connections that actions of the workflow go through and whose credential a runner holds. Several connections to a tool, one of them so
 * held: whether a runner or the control plane acts would only be known later, and it is decided now.
 */
const heldBy = (compiled: StoredVersion['compiled'], world: World): NonNullable<RunSpec['pins']['held']> | Refusal => {
  const found: NonNullable<RunSpec['pins']['held']> = []
  const { targets } = namesNeeded(compiled)
  for (const { tool, for: uses } of connectionsNeeded(compiled)) {
    if (!uses.some((one) => one.startsWith('action '))) continue
    const all = world.connections.filter((one) => one.tool === tool)
    if (!all.some((one) => one.held)) continue
    if (all.length > 1)
      return cannot(
        `there are ${all.length} connections to ${tool}, and a runner holds the credential of ${all.find((one) => one.held)!.name}; with one so held it must be the only one`,
      )
    found.push({ tool, connection: all[0]!.name, at: placeAt(all[0]!) })
  }
  for (const one of world.connections)
    if (one.tool === 'webhook' && one.held && targets.includes(one.name))
      found.push({ tool: 'webhook', connection: one.name, at: placeAt(one) })
  return found
}

type Pin = RunSpec['pins']['repos'][number]

/**
 * A sample as if it told of the default branch: no repository has the branch that it names. It is the event that says so, for a runner holds the
 * beginning against the event and takes nobody's word for another one.
 */
const atDefaultBranch = (event: TriggerEvent, { repos }: StoredVersion['compiled'], world: World): TriggerEvent => {
  const use = repos.find(({ name, fromEvent }) => fromEvent && headOf(event, name) !== null)
  const known = use && world.repositories.find(({ name }) => name === use.name)
  if (!known) return event
  const branch = fullRef(known.defaultBranch).slice('refs/heads/'.length)
  return { ...event, fields: { ...event.fields, branch, ...(event.fields['fork'] === true && { fork: false }) } }
}

/** A repository as this run uses it, or why it cannot (words that follow "and"). */
const pinOf = (use: StoredVersion['compiled']['repos'][number], event: TriggerEvent, world: World): Pin | string => {
  const known = world.repositories.find((one) => one.name === use.name)
  if (!known) return `no repository is called ${use.name}`
  const head = use.fromEvent ? headOf(event, use.name) : null
  // What strangers pushed to a fork may be read; a change that is built on it would be published as ours.
  if (head?.fork && use.access === 'write')
    return `${event.subject.label} comes from a fork, and ${use.name} may be written; let it only be read (\`access: read\`)`
  const ref = head?.ref ?? fullRef(use.ref ?? known.defaultBranch)
  // What lies on another branch is what somebody asks to have merged: only the default branch is the one that an admin means.
  const isBase = known.agentSettings === 'base' && head === null && ref === fullRef(known.defaultBranch)
  return { name: use.name, url: known.url, ref, commit: null, ...(isBase && { agentSettings: 'base' as const }) }
}

/** `lacks`: why nothing can be worked on at this place now. */
type Option = { readonly pool: string; readonly agents: Record<string, string>; readonly lacks?: string }

/** Pool and agents of a workflow at one place. */
const optionOf = (
  compiled: StoredVersion['compiled'],
  pins: ReadonlyMap<string, Pin | string>,
  world: World,
): Option => {
  const pool = compiled.runner.pool ?? world.defaultPool
  const agents: Record<string, string> = {}
  for (const { name } of compiled.repos) {
    const pin = pins.get(name)!
    if (typeof pin === 'string') return { pool, agents, lacks: pin.slice(0, 500) }
  }
  for (const step of compiled.steps) {
    if (step.kind !== 'agent') continue
    const agent = agentFor(world, pool, step)
    if (agent === null)
      return { pool, agents, lacks: `no runner of the pool ${pool} has an agent that can ${step.mode}` }
    agents[step.id] = agent
  }
  return { pool, agents }
}

/** Of a role more need not be told: it only matters whether somebody else could vote. */
const roleKept = 20

/** People behind every principal that the workflow names: teams by slug, `user:…` and `role:…` by themselves. */
const pinnedBy = (compiled: StoredVersion['compiled'], world: World): Record<string, string[]> => {
  const { teams, users, roles } = namesNeeded(compiled)
  const ids = (principal: string): string[] => holders(world, [principal]).map((one) => one.id)
  return Object.fromEntries([
    ...teams.map((slug) => [slug, ids(`team:${slug}`)]),
    ...users.map((handle) => [`user:${handle}`, ids(`user:${handle}`)]),
    ...roles.map((role) => [`role:${role}`, ids(`role:${role}`).slice(0, roleKept)]),
  ])
}

const fullRef = (ref: string): string => (ref.startsWith('refs/') ? ref : `refs/heads/${ref}`)
