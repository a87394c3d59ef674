/**
 * Which names must resolve before a compiled workflow can run?
 * Lists them for readiness; it never knows what exists.
 */
import type { Compiled } from './compiled.ts'

/** A tool connection a workflow needs, and what for: {tool: "linear", for: ["trigger issue_assigned"]}. Built-in tools (manual, api, schedule, webhook, git) need none. */
export type ConnectionNeed = { tool: string; for: string[] }

export const connectionsNeeded = (_compiled: Compiled): ConnectionNeed[] => {
  throw new Error('connectionsNeeded is being written')
}

/** Every other name: repositories, pool, agents, people, context, webhook sources. */
export type NamesNeeded = { repos: string[]; pool: string | null; agents: string[]; teams: string[]; users: string[]; roles: string[]; onCall: string[]; context: string[]; sources: string[]; codeowners: boolean }

export const namesNeeded = (_compiled: Compiled): NamesNeeded => {
  throw new Error('namesNeeded is being written')
}
