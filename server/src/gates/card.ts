/** What stands on the card of a gate, for this viewer, now? */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { gateCard } from '@viewportai/core/view/gate-card'
import type { GateCard } from '@viewportai/core/view/shapes'
import { whoActs } from '../broker/who-acts.ts'
import type { Tx } from '../database/tenant.ts'
import { loadRun } from '../ledger/read.ts'
import { readNames } from '../people/read.ts'
import { deciderOf } from './decider.ts'
import { nextFor } from './inbox.ts'
import { votersOf } from './voters.ts'

/** The run a gate belongs to, or null. */
export const runOfGate = async (tx: Tx, gate: string): Promise<string | null> =>
  (
    await tx.query<{ run: string }>(
      { name: 'run of gate', text: 'select run from vp.gates where workspace = $1 and gate = $2' },
      [tx.workspace, gate],
    )
  ).rows[0]?.run ?? null

/** The card, or not_found. */
export const readCard = async (
  tx: Tx,
  id: string,
  viewer: Parameters<typeof deciderOf>[1],
): Promise<GateCard | Refusal> => {
  const run = await runOfGate(tx, id)
  const state = run === null ? null : await loadRun(tx, run)
  const gate = state?.gates[id]
  if (!state || !gate) return refuse('not_found', { what: 'gate', id })
  const decider = await deciderOf(tx, viewer, state.run)
  const next = await nextFor(
    tx,
    { person: viewer.person, principals: decider.principals },
    { openedAt: gate.openedAt, gate: id },
  )
  const held = await holderOf(tx, state.runner)
  const through = gate.state === 'open' ? await whoActs(tx, state) : undefined
  return gateCard(state, gate, decider, await readNames(tx), held, next, await votersOf(tx, state, gate), through)
}

/** The runner that has the bytes, and whether it is there. */
export const holderOf = async (tx: Tx, runner: string | null): Promise<GateCard['held']> => {
  if (runner === null) return null
  const { rows } = await tx.query<{ runner: string; name: string; online: boolean; lastSeen: number | null }>(
    {
      name: 'holder',
      text: `select runner, name, online and state <> 'removed' as online, seen_at as "lastSeen" from vp.runners where workspace = $1 and runner = $2`,
    },
    [tx.workspace, runner],
  )
  return rows[0] ?? null
}
