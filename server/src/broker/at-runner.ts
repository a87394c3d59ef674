/**
 * What does the control plane add when a runner carries an effect out with a credential of its own, and may it begin?
 * The settings of the connection, which are no secret; and right before it begins what its own broker would ask too: is the connection the
 * one that people approved, and is there room in the hour?
 */
import { actingAt } from '@viewportai/core/tools/acting'
import { placeOf } from '@viewportai/core/wire/holding'
import type { Failure } from '@viewportai/core/run/facts'
import { credentialFor } from '@viewportai/core/run/held-tools'
import { isOnlyLookedFor } from '@viewportai/core/run/due'
import type { IntentState, RunState } from '@viewportai/core/run/state'
import type { Job } from '@viewportai/core/wire/job'
import type { Tx } from '../database/tenant.ts'
import { settingsThere } from '../tools/places.ts'
import { heldConnectionFor } from './connection-for.ts'
import { capReached, hourCapReached } from './hour-cap.ts'

/** The job with what the connection says. Where there is none that fits, it stays as it is: it is said when the effect is to begin. */
export const withConnection = async (tx: Tx, state: RunState, job: Job): Promise<Job> => {
  if (job.kind !== 'effect' || !job.outside) return job
  const found = await heldConnectionFor(tx, job.outside.tool, state, state.intents[job.intent]!)
  if ('summary' in found) return job
  const { row, home } = found
  return {
    ...job,
    outside: {
      ...job.outside,
      home,
      connection: {
        ...job.outside.connection,
        id: row.connection,
        settings: settingsThere(row),
      },
    },
  }
}

/** Why this effect of a runner may not be done now; null: it may, and it has its place in the hour. */
export const hindrance = async (tx: Tx, state: RunState, intent: IntentState): Promise<Failure | null> => {
  const needed = credentialFor(state.spec, intent)
  if (!needed) return null
  const found = await heldConnectionFor(tx, needed.tool, state, intent)
  if ('summary' in found) return failing(found)
  const at = found.row.settings[actingAt(needed.tool)!.at] ?? ''
  if (placeOf(at) !== placeOf(needed.at))
    return failing({
      code: 'connection_changed',
      summary: `The connection ${found.row.name} to ${needed.tool} led to ${needed.at} when this run began, and leads to ${at} now.`,
      check: 'Start the work again: it goes where the connection leads now.',
    })
  const capped = isOnlyLookedFor(state, intent) ? null : await hourCapReached(tx, state, intent)
  return capped === null ? null : capReached(capped)
}

const failing = (no: { readonly code: string; readonly summary: string; readonly check: string }): Failure => ({
  ...no,
  class: 'effect',
  retrySafe: true,
  started: false,
})
