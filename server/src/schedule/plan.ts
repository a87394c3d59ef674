/** Which schedules does the clock look after? Rows follow the enabled workflows, in the transaction that saves or enables one. */
import type { Compiled, Trigger } from '@viewportai/core/workflow/compiled'
import type { Tx } from '../database/tenant.ts'
import { nextTime } from './times.ts'

/** What a schedule says, with its defaults. `missed`: what happens after the clock was not looked after for a while. */
export type Schedule = { readonly cron: string; readonly timezone: string; readonly missed: 'once' | 'skip' }

/** The settings of a trigger by the clock. */
export const scheduleOf = ({ where }: Trigger): Schedule => {
  const said = (name: string, otherwise: string): string => {
    const condition = where[name]
    return condition && 'is' in condition ? String(condition.is[0]) : otherwise
  }
  return {
    cron: said('cron', ''),
    timezone: said('timezone', 'UTC'),
    missed: said('missed', 'once') === 'skip' ? 'skip' : 'once',
  }
}

/** Makes the rows of a workflow anew: none when it is not enabled. A schedule that stays keeps its next moment. */
export const planSchedules = async (tx: Tx, workflow: string, compiled: Compiled, enabled: boolean): Promise<void> => {
  const wanted = compiled.triggers.flatMap((trigger, at) =>
    enabled && trigger.tool === 'schedule' ? [{ at, ...scheduleOf(trigger) }] : [],
  )
  await tx.query('delete from vp.schedules where workspace = $1 and workflow = $2 and not trigger = any($3)', [
    tx.workspace,
    workflow,
    wanted.map(({ at }) => at),
  ])
  if (wanted.length === 0) return
  const { rows } = await tx.query<{ now: number }>('select vp.now_ms() as now')
  for (const { at, cron, timezone } of wanted) {
    const next = nextTime(cron, timezone, rows[0]!.now)
    if (next === null) continue // 30 February: readiness said so
    await tx.query(
      `insert into vp.schedules (workspace, workflow, trigger, cron, timezone, next_at) values ($1, $2, $3, $4, $5, $6)
        on conflict (workspace, workflow, trigger) do update set cron = excluded.cron, timezone = excluded.timezone, next_at = excluded.next_at
        where (vp.schedules.cron, vp.schedules.timezone) <> (excluded.cron, excluded.timezone)`,
      [tx.workspace, workflow, at, cron, timezone, next],
    )
  }
}
