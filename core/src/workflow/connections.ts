/**
 * Which names must resolve before a compiled workflow can run?
 * Lists them for readiness; it never knows what exists.
 */
import { actionForm } from '../action/actions.ts'
import { tools } from '../event/tools.ts'
import type { Compiled } from './compiled.ts'

/** A tool connection a workflow needs, and what for: {tool: "linear", for: ["trigger issue_assigned"]}. Built-in tools (manual, api, schedule, webhook, git) need none. */
export type ConnectionNeed = { tool: string; for: string[] }

/** Connections by tool, sorted. */
export const connectionsNeeded = (compiled: Compiled): ConnectionNeed[] => {
  const needs = new Map<string, Set<string>>()
  const add = (tool: string, what: string): void => void needs.set(tool, (needs.get(tool) ?? new Set()).add(what))
  for (const trigger of compiled.triggers)
    if (!tools[trigger.tool]?.builtIn) add(trigger.tool, `trigger ${trigger.event}`)
  for (const step of compiled.steps) {
    const tool = step.kind === 'action' ? (actionForm(step.action)?.tool ?? step.action.split('.')[0]!) : null
    if (tool !== null && tool !== 'git' && tool !== 'webhook')
      add(tool, `action ${(step as { action: string }).action}`)
  }
  return [...needs].map(([tool, what]) => ({ tool, for: [...what].sort() })).sort((a, b) => (a.tool < b.tool ? -1 : 1))
}

/** Every other name, each once and sorted. `sources`: webhook sources a trigger names; `targets`: webhook targets an action sends to. `onCall`: rotations, '' for the one without a name. */
export type NamesNeeded = {
  repos: string[]
  pool: string | null
  agents: string[]
  teams: string[]
  users: string[]
  roles: string[]
  onCall: string[]
  context: string[]
  sources: string[]
  targets: string[]
  codeowners: boolean
  /** agent steps whose agent the workspace chooses, by mode */ agentModes: string[]
}

export const namesNeeded = (compiled: Compiled): NamesNeeded => {
  const approvers = compiled.steps.flatMap((step) =>
    step.kind === 'gate'
      ? [...step.approvers, ...(step.onExpiry === 'reject' ? [] : step.onExpiry.escalate)]
      : step.kind === 'remember'
        ? step.approvers
        : [],
  )
  const people = [
    ...approvers,
    ...compiled.triggers.flatMap((trigger) => trigger.startedBy),
    ...(compiled.team === null ? [] : [`team:${compiled.team}`]),
  ]
  const after = (prefix: string): string[] =>
    unique(people.filter((who) => who.startsWith(prefix)).map((who) => who.slice(prefix.length)))
  const agentSteps = compiled.steps.filter((step) => step.kind === 'agent')
  return {
    repos: unique(compiled.repos.map((repo) => repo.name)),
    pool: compiled.runner.pool,
    agents: unique(agentSteps.flatMap((step) => (step.agent === null ? [] : [step.agent]))),
    agentModes: unique(agentSteps.flatMap((step) => (step.agent === null ? [step.mode] : []))),
    teams: after('team:'),
    users: after('user:'),
    roles: after('role:'),
    onCall: unique(
      approvers.flatMap((who) => (who === 'on-call' ? [''] : who.startsWith('on-call:') ? [who.slice(8)] : [])),
    ),
    context: unique(compiled.context.flatMap((wish) => (wish.kind === 'name' ? [wish.name] : []))),
    sources: unique(
      compiled.triggers.flatMap((trigger) =>
        trigger.tool === 'webhook' && trigger.where['source'] && 'is' in trigger.where['source']
          ? trigger.where['source'].is.map(String)
          : [],
      ),
    ),
    targets: unique(
      compiled.steps.flatMap((step) =>
        step.kind === 'action' && step.action === 'webhook.send' ? [String(step.params['to'])] : [],
      ),
    ),
    codeowners: approvers.includes('codeowners'),
  }
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort()
