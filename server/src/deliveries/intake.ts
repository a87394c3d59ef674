/**
 * What follows from a stored delivery?
 * Read into an event, held against every workflow, the report kept, runs started: a batch per transaction, so that a delivery
 * is worked on once whatever dies. Work of the engine, key = workspace.
 */
import { readInputs } from '@viewportai/core/match/inputs'
import { matchPrepared, startsOf } from '@viewportai/core/match/match'
import type { FastifyBaseLogger } from 'fastify'
import { isAway, isPassing } from '../database/away.ts'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { repeatedly } from '../ledger/act.ts'
import { record } from '../ledger/pending.ts'
import { readWorld } from '../workflows/world.ts'
import { storedRows, withBodies } from './bodies.ts'
import { drainQueue } from './queue.ts'
import { accountsIn, handlesOf, listeningIn, peopleBy } from './entries.ts'
import { readConnections } from '../tools/connections.ts'
import { fetchAgain, isFetchedAgain, mayStart, type Fetched, type FetchOptions } from './fetch-again.ts'
import { toolNamed } from '../tools/table.ts'
import { keepPlaces } from '../tools/places.ts'
import { lookNow, watchesAny } from '../watches/look.ts'
import { asOwn, ownBranch, ownWords, strangePullWords } from './own-branch.ts'
import { readDelivery, storedDelivery, type WaitingRow } from './read-delivery.ts'
import { isKept, seenBefore, tooOld } from './seen.ts'
import { startIn, type Starting } from './start.ts'
import { finishAll, type Outcome } from './verdict.ts'
import { tellCheck } from './tell-check.ts'
import { takingTurns } from '../turns.ts'
import { noteWhispers } from '../whispers/note.ts'

/** Deliveries in one transaction: few at first, so that answers get their turn in between; more while many wait, to share its cost. */
const batchSizes = [8, 16, 40]

type IntakeOptions = { readonly db: Database; readonly log: FastifyBaseLogger } & FetchOptions

/** From this attempt on, what passes for others is held against the delivery: a query that takes too long every time. */
const patience = 5

/** Takes everything in that is stored for this workspace, then starts whose turn has come. `attempt`: of the engine, from 1. */
export const takeIn = async (options: IntakeOptions, workspace: string, attempt = 1): Promise<void> => {
  const passes = attempt < patience ? isPassing : isAway
  const fetched: Fetched = new Map()
  for (let n = 0; ; n++) {
    const size = batchSizes[n] ?? batchSizes.at(-1)!
    const wanting: WaitingRow[] = []
    const count = await batch({ ...options, fetched, wanting }, workspace, size, passes)
    fetched.clear() // what it was for is taken in
    // Those that would start something wait for what they are about; every one has an answer then, and is taken.
    await fetchAgain(options, workspace, wanting, fetched)
    if (count < size && wanting.length === 0) break
  }
  // Who may still start is asked about by the sweep: what comes in waits for no tool's word about something else.
  await drainQueue(options, workspace, null)
}

/** `fetched`: what was found so far. `wanting`: filled with what would start something and was not fetched yet. */
type Batch = IntakeOptions & { readonly fetched: Fetched; readonly wanting: WaitingRow[] }

const batch = async (
  options: Batch,
  workspace: string,
  size: number,
  passes: (error: unknown) => boolean,
): Promise<number> => {
  const taken: string[] = []
  try {
    return await repeatedly(() => inWorkspace(options.db, workspace, (tx) => takeBatch(tx, options, size, taken)))
  } catch (error) {
    if (taken.length === 0 || passes(error)) throw error // none of them is to blame: the engine tries again
    if (size === 1) return setAside(options, workspace, taken[0]!, error)
    // One of them broke the whole: they are taken one by one until it is found.
    for (let n = 0; n < size; n++) if ((await batch(options, workspace, 1, passes)) === 0) return n
    return size
  }
}

const waiting = {
  name: 'deliveries waiting',
  text: `${storedRows} where d.workspace = $1 and d.state = 'stored' order by d.received_at, d.delivery limit $2 for update of d skip locked`,
}

/** `taken`: filled with what was taken when all that concerns the whole workspace has been read. */
const takeBatch = async (tx: Tx, { db, fetched, wanting }: Batch, size: number, taken: string[]): Promise<number> => {
  taken.length = 0
  wanting.length = 0
  const rows = await withBodies(tx, waiting, [tx.workspace, size])
  if (rows.length === 0) return 0
  const [world, listening, accounts] = await Promise.all([readWorld(tx), listeningIn(tx, db), accountsIn(tx)])
  const [handles, byAccount] = [handlesOf(world.people), peopleBy(accounts, world.people)]
  taken.push(...rows.map((row) => row.delivery))
  const outcomes: Outcome[] = []
  const starting: Starting[] = []
  const turn = takingTurns()
  const connections = rows.some((row) => row.connection !== null) ? await readConnections(tx) : []
  for (const row of rows) {
    const again = fetched.get(row.delivery)
    const read = readDelivery(row, connections, byAccount, again)
    if ('unreadable' in read) {
      outcomes.push({ delivery: row.delivery, problem: read.unreadable })
      record(tx, {
        type: 'delivery.refused',
        by: { kind: 'outside', id: `${row.tool}:${row.source}`, name: row.name ?? row.source },
        data: { source: row.source, delivery: row.delivery, code: 'invalid', words: read.unreadable },
      })
      continue
    }
    if ('ignored' in read) {
      outcomes.push({ delivery: row.delivery, ignored: read.ignored })
      continue
    }
    await turn()
    const { names, formerly, anywhere, partial, fresh, moment } = read
    const keep = isKept(moment, toolNamed(row.tool)?.hook?.undated === true, Date.now())
    if (fresh !== null) await keepPlaces(tx, row.connection!, [fresh])
    const own = await ownBranch(tx, read.event)
    const event = own ? asOwn(read.event, own) : read.event
    const report = matchPrepared(event, listening.prepared, handles)
    // What nobody listens to is not worth a question.
    const mayMatter = (partial && report.answers.length > 0) || mayStart(report)
    if (again === undefined && isFetchedAgain(row) && mayMatter) {
      wanting.push(row)
      continue
    }
    const before =
      names.length > 0
        ? await seenBefore(tx, { tool: event.tool, names, formerly, delivery: row.delivery, keep })
        : null
    if (before !== null) {
      outcomes.push({ delivery: row.delivery, event, before })
      continue
    }
    const old = names.length > 0 ? await tooOld(tx, event.tool, moment) : null
    if (old !== null) {
      outcomes.push({ delivery: row.delivery, event, skipped: old })
      continue
    }
    const connection = connections.find((one) => one.connection === row.connection)
    const told =
      own && connection ? await tellCheck(tx, event, own, { id: row.connection!, name: connection.name }) : null
    const about = own ? [ownWords(own), told] : [strangePullWords(event)]
    const note = [read.note, ...about].filter(Boolean).join(' ') || null
    outcomes.push({ delivery: row.delivery, event, note, report, started: [] })
    for (const { id, trigger } of startsOf(report)) {
      const stored = listening.stored.get(id)!
      const given = readInputs(stored.compiled.triggers[trigger]!.inputs, {})
      if (!given.ok) continue // a webhook has no inputs, and no trigger of it can ask for any
      starting.push({ delivery: row.delivery, event, stored, trigger, inputs: given.inputs, told: anywhere })
    }
  }
  const started = await startIn(tx, starting, world)
  await lookAtWatched(tx, rows) // last: whoever hears of a look holds the run first, and its watch after it
  const ended = outcomes.map((outcome) =>
    'report' in outcome
      ? { ...outcome, started: started.filter((one) => one.starting.delivery === outcome.delivery) }
      : outcome,
  )
  finishAll(tx, ended)
  await noteWhispers(tx, ended, rows, connections)
  return rows.length
}

/** What stands open of runs is looked at when something about it came, whether or not anything listens to that. */
const lookAtWatched = async (tx: Tx, rows: readonly WaitingRow[]): Promise<void> => {
  const some = rows.filter((row) => row.connection !== null && toolNamed(row.tool)?.touches !== undefined)
  if (some.length === 0 || !(await watchesAny(tx))) return
  for (const tool of new Set(some.map((row) => row.tool))) {
    const names = some.flatMap((row) => (row.tool === tool ? toolNamed(tool)!.touches!(storedDelivery(row)) : []))
    await lookNow(tx, tool, [...new Set(names)])
  }
}

/** A delivery that nobody can work on is kept and shown as failed, so that the others go on. */
const setAside = async (
  { db, log }: IntakeOptions,
  workspace: string,
  delivery: string,
  error: unknown,
): Promise<number> => {
  const { rowCount } = await inWorkspace(db, workspace, (tx) =>
    tx.query(
      `update vp.deliveries set state = 'failed', outcome = 'set_aside', verdict = 'failed', problem = $3, processed_at = vp.now_ms() where workspace = $1 and delivery = $2 and state = 'stored'`,
      [workspace, delivery, 'It could not be worked on; the log of the server says why.'],
    ),
  )
  if (rowCount) log.error({ err: error, workspace, delivery }, 'A delivery could not be worked on and was set aside.')
  return 1
}
