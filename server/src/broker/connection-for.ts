/**
 * Through which connection does an effect go?
 * What the run has used and what is there now is read here; which of them it is, `core/src/run/choose-connection.ts` says.
 */
import { chooseConnection, type No, type Used } from '@viewportai/core/run/choose-connection'
import type { Through } from '@viewportai/core/run/facts'
import { heldAt } from '@viewportai/core/run/held-tools'
import { shownSince } from '@viewportai/core/run/shown-since'
import type { IntentState, RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { opened, readConnections, readEver, type ConnectionRow } from '../tools/connections.ts'
import { withPlaces } from '../tools/places.ts'
import type { Connection } from '../tools/port.ts'
import { withOldSending } from '../tools/sending.ts'

type Chosen = { readonly connection: Connection; readonly home: string | null; readonly through: Through }

/** By which connection to this tool the run's event came, removed or not. */
const cameBy = {
  name: 'delivery came by',
  text: 'select d.source, s.connection from vp.deliveries d join vp.sources s on s.workspace = $1 and s.source = d.source and s.connection is not null and s.kind = $3 where d.workspace = $1 and d.delivery = $2',
}

/** What is known of whatever goes out. */
export type Going = Pick<IntentState, 'action' | 'target' | 'params' | 'gate' | 'retry'> &
  Partial<Pick<IntentState, 'state' | 'tried' | 'through'>>

/** When each connection to this tool that there was since was made, changed or removed last. */
const changes = {
  name: 'connections changed',
  text: `select connection, name, greatest(created_at, settings_at, coalesce(removed_at, 0)) as at from vp.connections
    where workspace = $1 and tool = $2 and (removed_at is null or removed_at > $3) and ($4::text is null or name = $4)`,
}

/**
 * Which connection was made, changed or removed since people may have been shown through which one this goes, so that their word may be for another one? Its name, or null.
 * Where there was one alone, a card says none: then only what changed after the first approval counts. `isBound`: the run itself says which, so that no other could take its place.
 * A person who said "try again" has seen it.
 */
const changedSince = async (
  tx: Tx,
  tool: string,
  row: ConnectionRow,
  state: RunState,
  { intent, isBound }: { readonly intent: Going; readonly isBound: boolean },
): Promise<string | null> => {
  const since = shownSince(state, intent.gate)
  if (since === null || intent.retry) return null
  const { rows } = await tx.query<{ connection: string; name: string; at: number }>(changes, [
    tx.workspace,
    tool,
    since.shown,
    tool === 'webhook' ? intent.target : null,
  ])
  const from = rows.length > 1 ? since.shown : since.voted
  const changed = rows.filter(({ connection, at }) => at > from && (!isBound || connection === row.connection))
  return (changed.find(({ connection }) => connection === row.connection) ?? changed[0])?.name ?? null
}

/** The connection with its secrets open, and the team's own place at the tool (`home`). One that a runner holds the credential of is none. */
export const connectionFor = async (
  tx: Tx,
  key: Uint8Array,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<Chosen | No> => {
  const chosen = await chosenRow(tx, tool, state, intent)
  if ('summary' in chosen) return chosen
  const { row } = chosen
  if (row.held)
    return {
      code: 'held_by_runner',
      summary: `A runner holds the credential of the connection ${row.name} to ${tool}: the control plane has none to use.`,
      check: 'Start the work again, so that a runner does it; or give the credential to the control plane.',
    }
  return openedFor(tx, key, state, chosen)
}

/** The connection with its secrets open; or as it stands (`row`), when a runner holds its credential. `key` null: nothing can be opened here, and one that is not held is none. */
export const connectionOrHeld = async (
  tx: Tx,
  key: Uint8Array | null,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<Chosen | { readonly row: ConnectionRow; readonly home: string | null } | No> => {
  const chosen = await chosenRow(tx, tool, state, intent)
  if ('summary' in chosen) return chosen
  const { row } = chosen
  if (row.held) return { row, home: homeOf(row, state) }
  return key === null
    ? {
        code: 'not_held',
        summary: `No runner holds the credential of the connection ${row.name} to ${tool} any more.`,
        check: 'Nothing: the control plane does it now.',
      }
    : openedFor(tx, key, state, chosen)
}

/** A connection whose credential a runner holds, without any secret. */
export const heldConnectionFor = async (
  tx: Tx,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<{ readonly row: ConnectionRow; readonly home: string | null } | No> => {
  const chosen = await chosenRow(tx, tool, state, intent)
  if ('summary' in chosen) return chosen
  const { row } = chosen
  if (!row.held)
    return {
      code: 'not_held',
      summary: `When this run began a runner held the credential of the connection ${row.name} to ${tool}; now the control plane does.`,
      check: 'Start the work again: the control plane does it then.',
    }
  return { row, home: homeOf(row, state) }
}

const openedFor = async (tx: Tx, key: Uint8Array, state: RunState, { row, instead }: Row): Promise<Chosen> => ({
  connection: await withOldSending(tx, key, withPlaces(opened(key, tx.workspace, row), row)),
  home: homeOf(row, state),
  through: {
    connection: row.connection,
    name: row.name,
    account: row.account?.id ?? null,
    ...(instead !== null && { instead }),
  },
})

const homeOf = ({ settings }: ConnectionRow, { spec }: RunState): string | null => {
  const { team } = spec.workflow.compiled
  return (team === null ? undefined : settings[`home.${team}`]) ?? settings['home'] ?? null
}

type Row = { readonly row: ConnectionRow; readonly instead: string | null }

/** The connection as it is stored, and the one that it stands in for. */
export const chosenRow = async (tx: Tx, tool: string, state: RunState, intent: Going): Promise<Row | No> => {
  const all = (await readConnections(tx)).filter((one) => one.tool === tool)
  const candidates = tool === 'webhook' ? all.filter((one) => one.name === intent.target) : all
  // Where a runner held the credential when the run began, the run goes by that connection and no other.
  const pin = heldAt(state.spec, tool, intent.target)
  const pinned = pin && candidates.find((one) => one.name === pin.connection)
  const known = await usedBefore(tx, tool, state, intent)
  const chosen = pinned
    ? { one: pinned, instead: null, sameAccount: false }
    : chooseConnection({
        tool,
        action: intent.action,
        about: {
          target: intent.target,
          params: intent.params,
          repos: state.spec.pins.repos.map(({ name, url }) => ({ name, url })),
        },
        candidates,
        ...known,
        again: intent.retry,
      })
  if ('summary' in chosen) return chosen
  const { one: row, instead, sameAccount } = chosen
  // Who stands in as the same account at the same server is who people approved.
  const isBound = Boolean(pinned) || known.bound?.connection === row.connection
  const changed = sameAccount ? null : await changedSince(tx, tool, row, state, { intent, isBound })
  if (changed !== null)
    return {
      code: 'connection_changed',
      summary: `The connection ${changed} to ${tool} was made, changed or removed after people were asked about ${intent.action}, so what they approved may be another one than ${row.name}${row.account === null ? '' : ` (${row.account.name})`}, through which it would go now.`,
      check: `Look at where ${row.name} leads now; "try again" takes it as it is.`,
    }
  return { row, instead }
}

/** The connections that this run has used: the one its event came by, and those that effects went through. */
const usedBefore = async (
  tx: Tx,
  tool: string,
  state: RunState,
  intent: Going,
): Promise<{ readonly bound: Used | null; readonly used: readonly Used[] }> => {
  const came = (
    await tx.query<{ source: string; connection: string | null }>(cameBy, [tx.workspace, state.delivery, tool])
  ).rows[0]
  const earlier = Object.values(state.intents)
    .filter((one) => one.through && one.action.startsWith(`${tool}.`))
    .toReversed()
  const ids = [...(intent.through ? [intent.through] : []), ...earlier.map((one) => one.through!)].map(
    ({ connection }) => connection,
  )
  const known = await readEver(tx, tool, ids, came?.source ?? null)
  const of = (id: string | null | undefined): Used[] => {
    if (!id) return []
    const nothing = { connection: id, name: id, settings: {}, account: null, places: {}, gone: true }
    return [known.find((one) => one.connection === id) ?? nothing]
  }
  const [event] = of(came?.connection)
  // What may have happened is looked for where it was begun, and nowhere else.
  const begun = mayHaveHappened(intent) ? intent.through?.connection : undefined
  const made = earlier.find((one) => one.state === 'succeeded' && one.receipt?.observed['ref'] === intent.target)
  const isOfEvent = state.spec.event.tool === tool && state.spec.event.subject.ref === intent.target
  return {
    bound: of(begun)[0] ?? of(made?.through?.connection)[0] ?? (isOfEvent ? (event ?? null) : null),
    used: [...(event ? [event] : []), ...earlier.flatMap((one) => of(one.through!.connection))],
  }
}

const mayHaveHappened = ({ state, tried = [] }: Going): boolean =>
  state === 'executing' || state === 'succeeded' || tried.some(({ how }) => how === 'unknown')
