/**
 * Through which connection is the pull request of a run looked at?
 * The one that opened it, as its effect says. Where that was removed, another one at the same server that holds it: its name means another thing elsewhere.
 */
import type { RunState } from '@viewportai/core/run/state'
import { placeIn, placeSettings, type Places } from '@viewportai/core/tools/place'
import { connectionOrHeld } from '../broker/connection-for.ts'
import type { Tx } from '../database/tenant.ts'
import type { ConnectionRow } from '../tools/connections.ts'
import type { Connection, Tool } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'

type By = { readonly tool: Tool; readonly name: string }
/** `row`: a runner holds the credential, and looks. */
export type OpenedBy =
  | (By & { readonly connection: Connection })
  | (By & { readonly row: ConnectionRow })
  | { readonly problem: string }

/** `key`: opens secrets; null: only one that a runner holds is asked for. */
export const openedBy = async (tx: Tx, key: Uint8Array | null, state: RunState): Promise<OpenedBy> => {
  const pull = state.pull!
  const tool = toolNamed(pull.tool)
  if (!tool?.sight) return { problem: `This version of Viewport does not look at what stands open at ${pull.tool}.` }
  const intent = Object.values(state.intents).find((one) => one.receipt?.observed['ref'] === pull.ref)
  if (!intent) return { problem: `No receipt names ${pull.ref}.` }
  // A new token is no other server; that it is the same one the address of the pull request says.
  const chosen = await connectionOrHeld(tx, key, pull.tool, state, { ...intent, retry: true })
  if ('summary' in chosen) return { problem: `${chosen.summary} ${chosen.check}` }
  // The repository that it was opened in, by the number that its receipt holds: also where the connection was saved anew since.
  const place = placeIn(intent.receipt?.observed ?? {})
  const known: Places = place ? { [place.name.toLowerCase()]: place.number } : {}
  return 'row' in chosen
    ? { tool, name: pull.tool, row: { ...chosen.row, places: { ...chosen.row.places, ...known } } }
    : { tool, name: pull.tool, connection: knowing(chosen.connection, known) }
}

const knowing = (connection: Connection, places: Places): Connection => ({
  ...connection,
  settings: { ...connection.settings, ...placeSettings(places) },
})
