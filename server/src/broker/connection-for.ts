/**
 * Through which connection does an effect go?
 * The one the event came by when it is of the same tool; else the only one there is. Several and no word which: a clear failure, never a guess.
 */
import type { IntentState, RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { opened, readConnections, type ConnectionRow } from '../tools/connections.ts'
import { withPlaces } from '../tools/places.ts'
import type { Connection } from '../tools/port.ts'

type Chosen = { readonly connection: Connection; readonly home: string | null }
type No = { readonly code: string; readonly summary: string; readonly check: string }

/** By which source the run's event came, and of which tool that is, removed or not. */
const cameBy = {
  name: 'delivery came by',
  text: 'select d.source, s.kind from vp.deliveries d left join vp.sources s on s.workspace = $1 and s.source = d.source and s.connection is not null where d.workspace = $1 and d.delivery = $2',
}

/** What is known of whatever goes out. */
type Going = Pick<IntentState, 'action' | 'target' | 'gate' | 'retry'>

/** Was the connection changed after people approved this at a gate? A person who said "try again" has seen that. */
const changedSince = (row: ConnectionRow, { gates }: RunState, intent: Going): boolean => {
  const approved = intent.gate === null ? null : (gates[intent.gate]?.closedAt ?? null)
  return approved !== null && row.settingsAt > approved && !intent.retry
}

/** The connection with its secrets open, and the team's own place at the tool (`home`). One that a runner holds the credential of is none. */
export const connectionFor = async (
  tx: Tx,
  key: Uint8Array,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<Chosen | No> => {
  const row = await chosenRow(tx, tool, state, intent)
  if ('summary' in row) return row
  if (row.held)
    return {
      code: 'held_by_runner',
      summary: `A runner holds the credential of the connection ${row.name} to ${tool}: the control plane has none to use.`,
      check: 'Start the work again, so that a runner does it; or give the credential to the control plane.',
    }
  return { connection: withPlaces(opened(key, tx.workspace, row), row), home: homeOf(row, state) }
}

/** The connection with its secrets open; or as it stands (`row`), when a runner holds its credential. `key` null: nothing can be opened here, and one that is not held is none. */
export const connectionOrHeld = async (
  tx: Tx,
  key: Uint8Array | null,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<Chosen | { readonly row: ConnectionRow; readonly home: string | null } | No> => {
  const row = await chosenRow(tx, tool, state, intent)
  if ('summary' in row) return row
  if (row.held) return { row, home: homeOf(row, state) }
  return key === null
    ? {
        code: 'not_held',
        summary: `No runner holds the credential of the connection ${row.name} to ${tool} any more.`,
        check: 'Nothing: the control plane does it now.',
      }
    : { connection: withPlaces(opened(key, tx.workspace, row), row), home: homeOf(row, state) }
}

/** A connection whose credential a runner holds, without any secret. */
export const heldConnectionFor = async (
  tx: Tx,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<{ readonly row: ConnectionRow; readonly home: string | null } | No> => {
  const row = await chosenRow(tx, tool, state, intent)
  if ('summary' in row) return row
  if (!row.held)
    return {
      code: 'not_held',
      summary: `When this run began a runner held the credential of the connection ${row.name} to ${tool}; now the control plane does.`,
      check: 'Start the work again: the control plane does it then.',
    }
  return { row, home: homeOf(row, state) }
}

const homeOf = ({ settings }: ConnectionRow, { spec }: RunState): string | null => {
  const { team } = spec.workflow.compiled
  return (team === null ? undefined : settings[`home.${team}`]) ?? settings['home'] ?? null
}

const chosenRow = async (tx: Tx, tool: string, state: RunState, intent: Going): Promise<ConnectionRow | No> => {
  const all = (await readConnections(tx)).filter((one) => one.tool === tool)
  const by = (await tx.query<{ source: string; kind: string | null }>(cameBy, [tx.workspace, state.delivery])).rows[0]
  const named = tool === 'webhook' ? all.filter((one) => one.name === intent.target) : all
  const row =
    named.find((one) => one.source !== null && one.source === by?.source) ?? (named.length === 1 ? named[0] : undefined)
  // What the event named is a thing of that connection's server; another one has other things under the same names.
  if (by?.kind === tool && row?.source !== by.source)
    return {
      code: 'connection_gone',
      summary: `The event came by a connection to ${tool} that is not there any more.`,
      check: 'Start the work again by an event of the connection that is there now.',
    }
  if (row && changedSince(row, state, intent))
    return {
      code: 'connection_changed',
      summary: `The connection ${row.name} to ${tool} was changed after ${intent.action} was approved.`,
      check: 'Look at where it leads now; "try again" takes it as it is.',
    }
  if (row) return row
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
