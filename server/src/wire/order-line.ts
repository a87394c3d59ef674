/**
 * Which runner looks for orders when?
 * When a nudge names it. What a lost nudge hides is looked for every few seconds, once for all runners of a workspace that wait
 * here; the same look notes that they are there.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { KnownRunner } from './context.ts'
import type { Place } from './waiting.ts'

const lookEveryMillis = 5_000

export type OrderLine = {
  join(known: KnownRunner, wake: () => void): Place
  close(): void
}

export const openOrderLine = (db: Database, failed: (error: unknown) => void): OrderLine => {
  /** By workspace and runner: those who wait. */
  const waiting = new Map<string, Map<string, Set<() => void>>>()
  const wakeOf = (workspace: string, runner: string): void => {
    for (const wake of waiting.get(workspace)?.get(runner) ?? []) wake()
  }
  const off = db.nudges.on(({ workspace, topic, id }) => {
    if (topic === 'order') wakeOf(workspace, id)
    if (topic === 'resync') for (const [of, runners] of waiting) for (const runner of runners.keys()) wakeOf(of, runner)
  })
  const sweep = setInterval(() => {
    for (const [workspace, runners] of waiting)
      withOrders(db, workspace, [...runners.keys()]).then(
        (found) => found.forEach((runner) => wakeOf(workspace, runner)),
        failed,
      )
  }, lookEveryMillis)
  sweep.unref()
  return {
    join({ workspace, runner }, wake) {
      const runners = waiting.get(workspace) ?? new Map<string, Set<() => void>>()
      waiting.set(workspace, runners)
      const wakes = runners.get(runner) ?? new Set()
      runners.set(runner, wakes.add(wake))
      return {
        looked: () => {},
        leave() {
          wakes.delete(wake)
          if (wakes.size === 0) runners.delete(runner)
          if (runners.size === 0) waiting.delete(workspace)
        },
      }
    },
    close() {
      off()
      clearInterval(sweep)
    },
  }
}

/** Those of these runners for whom an order is open; all of them are noted as there. */
const withOrders = (db: Database, workspace: string, runners: readonly string[]): Promise<string[]> =>
  inWorkspace(db, workspace, async (tx) => {
    await tx.query(
      {
        name: 'runners seen',
        text: `update vp.runners set seen_at = vp.now_ms(), online = true where workspace = $1 and runner = any($2) and state <> 'removed' and (not online or seen_at < vp.now_ms() - 5000)`,
      },
      [workspace, runners],
    )
    const { rows } = await tx.query<{ runner: string }>(
      {
        name: 'runners with orders',
        text: 'select distinct runner from vp.orders where workspace = $1 and runner = any($2) and done_at is null and (expires_at is null or expires_at > vp.now_ms())',
      },
      [workspace, runners],
    )
    return rows.map((row) => row.runner)
  })
