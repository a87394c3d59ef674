/**
 * What does a runner say about a look that it was asked for?
 * Only the runner that was asked may say it, only while it is open and not too old: all others are told that there is no such look.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { LookReport } from '@viewportai/core/wire/look'
import { inWorkspace } from '../database/tenant.ts'
import type { KnownRunner, WireContext } from './context.ts'

/** `POST /wire/looks/:look`. Null: taken. */
export const takeLook = (
  { db }: Pick<WireContext, 'db'>,
  { workspace, runner }: KnownRunner,
  look: string,
  report: LookReport,
): Promise<Refusal | null> =>
  inWorkspace(db, workspace, async (tx) => {
    const { rowCount } = await tx.query(
      `update vp.looks set state = $4, now = $5, found = $6, failure = $7, heard_at = vp.now_ms()
        where workspace = $1 and look = $2 and runner = $3 and state in ('asked', 'looking') and expires_at > vp.now_ms()`,
      [
        tx.workspace,
        look,
        runner,
        report.state,
        report.state === 'looking' ? report.now : null,
        report.state === 'looked' ? JSON.stringify(report.found) : null,
        report.state === 'failed' ? JSON.stringify(report.failure) : null,
      ],
    )
    if (rowCount === 0) return refuse('not_found', { what: 'look', id: look })
    tx.nudge('look', look)
    return null
  })
