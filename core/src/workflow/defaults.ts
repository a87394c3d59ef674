/**
 * What holds when a workflow says nothing?
 * Every default of the language, written out once; the compiler writes them into the compiled form, the summary marks them.
 */
import { alwaysProtected } from '../policy/protected.ts'

export const defaults = {
  budget: { usd: 5, tokens: null, seconds: 2_700 },
  /** Rounds of repair after red checks, and of *request changes* at a gate. */
  repairRounds: 2,
  gateRounds: 3,
  required: 1,
  exclude: ['requester'],
  remindAfterSeconds: 86_400,
  concurrency: { key: 'all', limit: 1, whenFull: 'queue' },
  breaker: { starts: 12, withinSeconds: 3_600, chain: 3, unchanged: 2, cooldownSeconds: 3_600 },
  write: ['**'],
  protect: alwaysProtected,
  /** The gates of a workflow without `approvals`. */
  approvals: ['plan_review', 'pr_approval'],
} as const

/** Who decides when nobody is named: the workflow's team, else any member of the workspace. */
export const defaultApprovers = (team: string | null): string[] => [team === null ? 'role:member' : `team:${team}`]
