/**
 * How is what is due in many workspaces worked off, so that none holds up another?
 * The one shape of every sweep: a few rows of each workspace are found, what belongs together is worked on in order (a lane), lanes beside each other with a bound, and a
 * lane stops after a while so that the next one has its turn. The next look begins while a slow lane is still at work; it leaves out what that lane has in hand.
 */
import { isAway } from './database/away.ts'
import type { Stuck } from './stuck.ts'
import { workspaceTurns, type Room, type Turns } from './workspace-turns.ts'

type Row = { readonly workspace: string }

export type Round<R extends Row> = {
  /** So many rows of one workspace are worked on in one round at most. */
  readonly each: number
  /** Finds `each` rows of every workspace at most, what waits longest first, without those of lanes in `but` (`WORKSPACE`, or `WORKSPACE LANE`). */
  readonly find: (each: number, but: readonly string[]) => Promise<readonly R[]>
  /** What the row is within its workspace; nothing where there is one row of a workspace. */
  readonly name: (row: R) => string
  /** What must be done in order, within the workspace: a server that is silent holds up its own lane. Without it: the whole workspace. */
  readonly lane?: (row: R) => string
  /** Works on one. Words: nothing came of it, and why; the row would come back at once. */
  readonly one: (row: R) => Promise<string | void>
  /** `inside` where only the database is asked. */
  readonly room?: Room
  /** A lane that has worked for so long (ms) stops after the row that it has in hand. */
  readonly turnMillis?: number
}

/** Lanes that ask a tool: one costs a socket and no connection of the database. */
export const outside: Room = { atOnce: 32, ofOne: 2 }
/** Lanes that ask the database alone: each holds a connection of the pool that requests need, too. */
export const inside: Room = { atOnce: 2, ofOne: 1 }
/** Of one kind of rows, over its rounds. `held`: lanes that wait or are at work, with what waits in them. */
type Desk = { readonly turns: Turns; readonly held: Set<string>; looking: boolean }
/** In memory of whoever remembers what cannot be worked on: two such are two processes. */
const desks = new WeakMap<Stuck, Map<string, Desk>>()

const deskOf = (stuck: Stuck, kind: string, room: Room): Desk => {
  const of = desks.get(stuck) ?? new Map<string, Desk>()
  desks.set(stuck, of)
  const desk = of.get(kind) ?? { turns: workspaceTurns(room), held: new Set<string>(), looking: false }
  of.set(kind, desk)
  return desk
}

/**
 * One round. Answers how many rows were tried, when the last of its lanes has ended. It may begin while one before is at work: what that has in hand is left out, and
 * while that still looks nothing is done. Throws, after its lanes have ended, only when the rows cannot be read or the database is away.
 */
export const workOff = async <R extends Row>(stuck: Stuck, kind: string, round: Round<R>): Promise<number> => {
  const { room = outside, turnMillis = 5_000 } = round
  const desk = deskOf(stuck, kind, room)
  if (desk.looking || stuck.isOver()) return 0
  desk.looking = true
  const lanes = await lanesOf(stuck, kind, round, desk).finally(() => (desk.looking = false))
  let tried = 0
  let away: { readonly error: unknown } | null = null
  const work = async (rows: readonly R[]): Promise<void> => {
    const began = performance.now()
    for (const row of rows) {
      if (away !== null || stuck.isOver() || performance.now() - began > turnMillis) return
      tried++
      const name = fullName(row, round.name(row))
      try {
        const nothing = await round.one(row)
        if (nothing === undefined) stuck.fine(kind, name)
        else stuck.failed(kind, name, nothing)
      } catch (error) {
        stuck.failed(kind, name, error)
        if (isAway(error)) away = { error }
      }
    }
  }
  await Promise.all(
    [...lanes].map(([lane, rows]) =>
      desk.turns(rows[0]!.workspace, () => work(rows)).finally(() => desk.held.delete(lane)),
    ),
  )
  if (away !== null) throw (away as { error: unknown }).error
  return tried
}

/** What there is to do now, by lane; each of them is held from here on. */
const lanesOf = async <R extends Row>(
  stuck: Stuck,
  kind: string,
  { each, find, name, lane = () => '' }: Round<R>,
  { held }: Desk,
): Promise<Map<string, R[]>> => {
  // Those that are left out are the oldest of their workspace and come first: room for them, or they would keep its others out.
  const known = stuck.names(kind)
  const left = countBy(known, workspaceOf)
  const room = each + Math.max(0, ...left.values())
  const busy = new Set(held)
  const rows = await find(room, [...busy])
  const found = countBy(rows, ({ workspace }) => workspace)
  const there = new Set(rows.map((row) => fullName(row, name(row))))
  const hidden = new Set([...busy].map(workspaceOf))
  for (const one of known)
    if (!there.has(one) && !hidden.has(workspaceOf(one)) && (found.get(workspaceOf(one)) ?? 0) < room)
      stuck.fine(kind, one)
  const lanes = new Map<string, R[]>()
  const taken = new Map<string, number>()
  for (const row of rows) {
    const [id, count] = [fullName(row, lane(row)), taken.get(row.workspace) ?? 0]
    if (busy.has(id) || count >= each || !stuck.may(kind, fullName(row, name(row)))) continue
    taken.set(row.workspace, count + 1)
    lanes.set(id, [...(lanes.get(id) ?? []), row])
  }
  for (const id of lanes.keys()) held.add(id)
  return lanes
}

const fullName = ({ workspace }: Row, name: string): string => (name === '' ? workspace : `${workspace} ${name}`)
const workspaceOf = (full: string): string => full.split(' ', 1)[0]!

const countBy = <T>(all: readonly T[], by: (one: T) => string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(by(one), (counts.get(by(one)) ?? 0) + 1)
  return counts
}
