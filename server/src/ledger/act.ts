/**
 * How does anything about a run change? Through this one door.
 * Lock the run, load its state, decide (core), append the facts with their exact text and hash, write the rows that read
 * them: one transaction. It never decides by itself and never does anything outside the database.
 */
import { chainHash, chainStart } from '@viewportai/core/run/chain'
import type { Command } from '@viewportai/core/run/command'
import { decide } from '@viewportai/core/run/decide'
import { factText, type Fact } from '@viewportai/core/run/facts'
import type { RunState } from '@viewportai/core/run/state'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { takingTurns } from '../turns.ts'
import { store, type Written } from './pending.ts'
import { project, type Moved } from './project.ts'
import { stateFrom, type StateColumns } from './reading.ts'
import { lockRuns } from './statements.ts'

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never
type Start = Extract<Command, { do: 'start' }>
/** A command as callers give it: the time, and the number of a new run, are the ledger's. */
export type Asked = Without<Exclude<Command, Start>, 'at'> | Omit<Start, 'at' | 'run' | 'number'>
/** `run`: the run, or the id made for a new one. `expected`: refuse when the run has moved past this fact. */
export type Ask = { readonly run: string; readonly command: Asked; readonly expected?: number }
/**
 * What came of it. `refusal` with facts: the no itself was kept as evidence. `state`: after the facts; null when the run does not exist.
 */
export type Acted = {
  readonly run: string
  readonly facts: Fact[]
  readonly state: RunState | null
  readonly refusal: Refusal | null
}

/** One command in a transaction of its own, repeated when the database asks for it (deadlock, serialization). */
export const act = async (db: Database, ask: Ask & { readonly workspace: string }): Promise<Acted> =>
  (await actMany(db, ask.workspace, [ask]))[0]!

/** Many commands, of one or of several runs, in one transaction; in order. A refusal of one does not undo the others. */
export const actMany = async (db: Database, workspace: string, asks: Ask[]): Promise<Acted[]> =>
  repeatedly(() => inWorkspace(db, workspace, (tx) => actIn(tx, asks)))

const tries = 5
const worthRepeating = new Set(['40001', '40P01'])

/** Runs a whole transaction again after a deadlock or a serialization failure. `fn` must do nothing outside the database. */
export const repeatedly = async <T>(fn: () => Promise<T>): Promise<T> => {
  for (let n = 1; ; n++) {
    try {
      return await fn()
    } catch (error) {
      if (n >= tries || !worthRepeating.has((error as { code?: string }).code ?? '')) throw error
    }
  }
}

/** The same inside a transaction of the caller, beside the caller's own rows. Facts are stored right before its commit. */
export const actIn = async (tx: Tx, asks: Ask[]): Promise<Acted[]> => {
  const runs = await lock(tx, asks)
  let number = await numbersFor(tx, asks, runs)
  const acted: Acted[] = []
  const turn = takingTurns()
  for (const ask of asks) {
    acted.push(decided(ask, runs.get(ask.run)!, () => ++number))
    await turn()
  }
  keep(tx, [...runs.values()])
  return acted
}

/** Decides one command on the run as it stands after the ones before. */
const decided = (ask: Ask, held: Held, nextNumber: () => number): Acted => {
  const { state } = held
  if (ask.expected !== undefined && ask.expected !== (state?.seq ?? 0))
    return {
      run: ask.run,
      facts: [],
      state,
      refusal: refuse('sequence_moved', { expected: ask.expected, found: state?.seq ?? 0 }),
    }
  const at = Math.max(held.now, state?.lastAt ?? 0) // a run's clock never goes back, whatever the database's does
  const command: Command =
    ask.command.do === 'start'
      ? { ...ask.command, at, run: ask.run, number: state === null ? nextNumber() : 0 }
      : { ...ask.command, at }
  const decision = decide(state, command)
  held.state = decision.state
  for (const fact of decision.facts) held.write(fact)
  return { run: ask.run, facts: decision.facts, state: decision.state, refusal: decision.refusal }
}

class Held {
  readonly run: string
  readonly now: number
  readonly before: RunState | null
  state: RunState | null
  hash: string
  readonly written: Written[] = []

  constructor(run: string, now: number, state: RunState | null, hash: string) {
    this.run = run
    this.now = now
    this.before = state
    this.state = state
    this.hash = hash
  }

  write(fact: Fact): void {
    const text = factText(fact)
    this.hash = chainHash(this.hash, text)
    this.written.push({ run: fact.run, seq: fact.seq, at: fact.at, type: fact.type, text, hash: this.hash })
  }
}

type Row = StateColumns & { readonly seq: number; readonly hash: string; readonly now: number }

const lock = async (tx: Tx, asks: Ask[]): Promise<Map<string, Held>> => {
  const ids = [...new Set(asks.map((ask) => ask.run))]
  const [{ rows }, now] = await Promise.all([
    tx.query<Row>(lockRuns, [tx.workspace, ids]),
    asks.some((ask) => ask.command.do === 'start') ? nowIn(tx) : null, // a new run has no row that could tell
  ])
  const held = new Map(rows.map((row) => [row.run, new Held(row.run, row.now, stateFrom(row), row.hash)]))
  const missing = ids.filter((id) => !held.has(id))
  if (missing.length > 0) {
    const at = rows[0]?.now ?? now ?? (await nowIn(tx))
    for (const id of missing) held.set(id, new Held(id, at, null, chainStart))
  }
  return held
}

const clock = { name: 'now', text: 'select vp.now_ms() as now' }
const nowIn = async (tx: Tx): Promise<number> => (await tx.query<{ now: number }>(clock)).rows[0]!.now

/** The last number given before these starts. Only starts wait for each other here. */
const numbersFor = async (tx: Tx, asks: Ask[], runs: Map<string, Held>): Promise<number> => {
  const starts = asks.filter((ask) => ask.command.do === 'start' && runs.get(ask.run)!.state === null).length
  if (starts === 0) return 0
  const { rows } = await tx.query<{ runs: number }>(
    { name: 'numbers take', text: 'update vp.numbers set runs = runs + $2 where workspace = $1 returning runs' },
    [tx.workspace, starts],
  )
  if (!rows[0]) throw new Error(`There is no workspace ${tx.workspace}: no run can start in it.`)
  return rows[0].runs - starts
}

const keep = (tx: Tx, runs: Held[]): void => {
  const moved: Moved[] = runs.flatMap(({ before, state, hash, written }) =>
    written.length > 0 && state ? [{ before, after: state, hash }] : [],
  )
  if (moved.length === 0) return
  project(tx, moved)
  store(
    tx,
    runs.flatMap(({ written }) => written),
  )
}
