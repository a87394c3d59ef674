/**
 * Through which connection does an effect go?
 * The one the event came by when it is of the same tool; else the only one there is. Several and no word which: a clear failure, never a guess.
 */
import type { IntentState, RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { opened, readConnections } from '../tools/connections.ts'
import type { Connection } from '../tools/port.ts'

type Chosen = { readonly connection: Connection; readonly home: string | null }
type No = { readonly code: string; readonly summary: string; readonly check: string }

/** The connection with its secrets open, and the team's own place at the tool (`home`). */
export const connectionFor = async (
  tx: Tx,
  key: Uint8Array,
  tool: string,
  state: RunState,
  intent: IntentState,
): Promise<Chosen | No> => {
  const all = (await readConnections(tx)).filter((one) => one.tool === tool)
  const by = (
    await tx.query<{ source: string }>('select source from vp.deliveries where workspace = $1 and delivery = $2', [
      tx.workspace,
      state.delivery,
    ])
  ).rows[0]?.source
  const named = tool === 'webhook' ? all.filter((one) => one.name === intent.target) : all
  const row =
    named.find((one) => one.source !== null && one.source === by) ?? (named.length === 1 ? named[0] : undefined)
  if (row) {
    const connection = opened(key, tx.workspace, row)
    const team = state.spec.workflow.compiled.team
    return {
      connection,
      home: (team === null ? undefined : row.settings[`home.${team}`]) ?? row.settings['home'] ?? null,
    }
  }
  return named.length === 0
    ? {
        code: 'not_connected',
        summary: `${intent.action} needs a connection to ${tool === 'webhook' ? `the webhook target ${intent.target}` : tool}, and there is none any more.`,
        check: `Connect it (\`viewport connect ${tool}\`), then try again.`,
      }
    : {
        code: 'several_connections',
        summary: `There are ${named.length} connections to ${tool} (${named.map((one) => one.name).join(', ')}), and the event came by none of them.`,
        check: 'Remove those that are not meant, then try again.',
      }
}
