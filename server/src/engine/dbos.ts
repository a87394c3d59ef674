/**
 * The seam: the only file of the program that runs DBOS.
 *
 * Decided by measuring: a constant application version (an SDK release must not strand rows), a fresh executor id per
 * process, recovery without a limit (we alarm instead), per queue an explicit worker concurrency and poll interval and never
 * a global limit (a shared budget makes the dequeue fail under contention, and the engine then doubles the poll interval up
 * to two minutes and returns from there by a tenth per poll), one step per workflow, rows collected only by deleteWorkflows.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Database } from '../database/open.ts'
import { kept, quiet, types, type Warn } from '../database/pool.ts'
import { inWorkspace } from '../database/tenant.ts'
import { closeDue, enqueue, queueOf, workflowId } from './due.ts'
import { kinds, type Engine, type Kind, type Work } from './port.ts'
import type { Stuck } from '../stuck.ts'
import { makeRounds } from './rounds.ts'
import { asEngine, engineName, engineSchema, engineVersion } from './schema.ts'
import { makeDirect } from './direct.ts'
import { sweepDue } from './sweeps.ts'
import { alarmed, collect, fatesIn, loadOf } from './upkeep.ts'
import { startWatch, type Watch } from './watch.ts'

type Registered = {
  run: (work: Work) => Promise<void>
  gaveUp?: ((work: Work, error: unknown) => Promise<void>) | undefined
}
type Tell = (words: string, about: Record<string, unknown>) => void

type EngineOptions = {
  readonly db: Database
  readonly warn: Warn
  /** Remembers what cannot be worked on. */
  readonly stuck: Stuck
  readonly tell?: Tell
  /** How often replicas look after each other and the leader changes, in milliseconds. */
  readonly watchMillis?: number
  /** How often work that throws is done again, and how long after the first time (seconds, doubled each time). */
  readonly retry?: { readonly attempts: number; readonly seconds: number }
  /** How long after its end the engine's row of a piece of work is kept, in milliseconds. */
  readonly keepMillis?: number
}

/** Throughput of a queue = `workers` per `pollMillis` and process. */
const queues: Readonly<Record<Kind, { workers: number; pollMillis: number }>> = {
  intake: { workers: 4, pollMillis: 1_000 }, // nearly always started directly
  effect: { workers: 128, pollMillis: 200 }, // most wait for their turn (broker/alone.ts); of one workspace there are few (due.ts)
  task: { workers: 8, pollMillis: 1_000 },
}
const patient = { attempts: 8, seconds: 0.5 } // 0.5, 1, 2 … 32 s: about a minute in all
const poolSize = 8

/** Makes the engine; nothing is connected before `launch`. One per process. */
export const makeEngine = ({
  db,
  warn,
  stuck,
  tell = () => {},
  watchMillis = 1_000,
  keepMillis = 3_600_000,
  retry = patient,
}: EngineOptions): Engine => {
  const executor = randomUUID()
  const registered = new Map<Kind, Registered>()
  let sdk: typeof import('@dbos-inc/dbos-sdk') | null = null
  let pool: pg.Pool | null = null
  let watch: Watch | null = null
  const workflows = new Map<Kind, (arg: string) => Promise<void>>()
  const rounds = makeRounds(() => watch?.leads() ?? false, warn)
  const direct = makeDirect(
    async (kind, arg) => {
      const [workspace, key] = split(arg)
      const workflowID = `${workflowId(kind, workspace, key)}:${randomUUID().slice(0, 8)}`
      const handle = await sdk!.DBOS.startWorkflow(workflows.get(kind)!, { workflowID })(arg)
      await handle.getResult()
    },
    (kind, error) => tell('A started piece of work did not end well here.', { kind, error: error.message }),
  )

  const once = async (kind: Kind, work: Work): Promise<void> => {
    const doing = registered.get(kind)
    if (!doing) throw new Error(`Nothing is registered for ${kind} work in this process.`)
    await doing.run(work)
    await inWorkspace(db, work.workspace, (tx) => closeDue(tx, kind, work.key))
  }

  /** One step per workflow: after a crash it runs again from its beginning, on whichever replica. */
  const workflowOf =
    (kind: Kind) =>
    async (arg: string): Promise<void> => {
      const [workspace, key] = split(arg)
      let attempt = 0
      let last: unknown
      const step = async (): Promise<void> => {
        attempt++
        try {
          await once(kind, { workspace, key, attempt })
        } catch (error) {
          last = error
          warn('A piece of work failed.', { kind, key, workspace, attempt, of: retry.attempts, error: String(error) })
          throw error
        }
      }
      try {
        await sdk!.DBOS.runStep(step, {
          name: kind,
          retriesAllowed: true,
          maxAttempts: retry.attempts,
          intervalSeconds: retry.seconds,
          backoffRate: 2,
        })
      } catch (error) {
        warn('A piece of work was given up.', { kind, key, workspace, attempts: attempt, error: String(last ?? error) })
        await registered.get(kind)?.gaveUp?.({ workspace, key, attempt }, last ?? error)
        await inWorkspace(db, workspace, (tx) => closeDue(tx, kind, key)) // or the sweep would hand it back a second time
        throw error
      }
    }

  const launch = async (): Promise<void> => {
    sdk = await import('@dbos-inc/dbos-sdk')
    const { DBOS } = sdk
    pool = new pg.Pool({
      connectionString: asEngine(db.engineUrl),
      max: poolSize,
      types,
      application_name: 'viewport engine',
      idleTimeoutMillis: 30_000,
      ...kept,
      connectionTimeoutMillis: 10_000,
    })
    pool.on('connect', quiet)
    pool.on('error', (error) => warn('A database connection of the engine ended while idle.', { error: error.message }))
    for (const kind of kinds)
      workflows.set(kind, DBOS.registerWorkflow(workflowOf(kind), { name: kind, maxRecoveryAttempts: 1_000_000 }))
    DBOS.setConfig({
      name: engineName,
      applicationVersion: engineVersion,
      executorID: executor,
      systemDatabaseUrl: asEngine(db.engineUrl),
      systemDatabasePool: pool,
      systemDatabaseSchemaName: engineSchema,
      runMigrations: false,
      useListenNotify: false, // nothing here waits for messages or events of the engine
      listenQueues: Object.values(queueOf),
      schedulerPollingIntervalMs: 60_000, // its schedules are not used
      logger: quieter(warn, tell),
    })
    await DBOS.launch()
    for (const kind of kinds)
      await DBOS.registerQueue(queueOf[kind], {
        workerConcurrency: queues[kind].workers,
        minPollingIntervalMs: queues[kind].pollMillis,
        onConflict: 'always_update',
      })
    // Internal of the pinned release: the public way (resumeWorkflows) would clear deadlines and the count of attempts. engine.test.ts holds it.
    const { DBOSExecutor } =
      (await import('@dbos-inc/dbos-sdk/internal/dbos-executor')) as typeof import('@dbos-inc/dbos-sdk/internal/dbos-executor')
    watch = await startWatch({
      url: asEngine(db.engineUrl),
      me: executor,
      everyMillis: watchMillis,
      warn,
      tell,
      takeOver: async (executors) => (await DBOSExecutor.globalInstance!.recoverPendingWorkflows(executors)).length,
    })
    rounds.add(
      'due',
      1_000,
      () =>
        sweepDue(db, stuck, fatesIn(pool!), async ({ kind, workspace, key }) =>
          registered.get(kind)?.gaveUp?.({ workspace, key, attempt: 0 }, new Error('The engine gave it up before.')),
        ),
      true,
    )
    rounds.add('collect', 60_000, () => collect(pool!, keepMillis, (ids) => DBOS.deleteWorkflows(ids)))
    const alarm = alarmed(warn)
    rounds.add('alarm', 5_000, async () => alarm(await loadOf(pool!)))
    rounds.begin()
    direct.begin()
  }

  return {
    on(kind, run, gaveUp) {
      if (sdk) throw new Error(`${kind} work must be registered before the engine is launched.`)
      registered.set(kind, { run, gaveUp })
    },
    schedule: (name, everyMillis, sweep, beside) => rounds.add(name, everyMillis, sweep, beside),
    launch,
    start: (kind, workspace, key) => direct.start(kind, `${workspace} ${key}`),
    enqueue: (tx, kind, key, options = {}) => enqueue(tx, kind, key, options),
    async cancel(workspace, kind, key) {
      if (sdk) await sdk.DBOS.cancelWorkflow(workflowId(kind, workspace, key))
      await inWorkspace(db, workspace, (tx) => closeDue(tx, kind, key))
    },
    state: async () => ({
      executor,
      leads: watch?.leads() ?? false,
      ...(pool ? await loadOf(pool) : { waiting: 0, running: 0, oldestMillis: 0 }),
    }),
    async close(patienceMillis = 10_000) {
      direct.end()
      stuck.end()
      await rounds.close(patienceMillis)
      // The lock goes last: until then nobody may take over what still runs here.
      if (sdk) await sdk.DBOS.shutdown({ workflowCompletionTimeoutMS: patienceMillis })
      await watch?.close()
      await pool?.end()
    },
  }
}

const split = (arg: string): [string, string] => {
  const at = arg.indexOf(' ')
  return [arg.slice(0, at), arg.slice(at + 1)]
}

/** The engine's own words: its chatter at start is not for people; its warnings and errors are. */
const quieter = (warn: Warn, tell: Tell) => ({
  info: (entry: unknown) => tell('engine', { says: said(entry) }),
  debug: () => {},
  warn: (entry: unknown) => warn('The engine warns.', { says: said(entry) }),
  error: (entry: unknown) => warn('The engine reports an error.', { says: said(entry) }),
})

const said = (entry: unknown): string =>
  entry instanceof Error ? entry.message : typeof entry === 'string' ? entry : (JSON.stringify(entry) ?? String(entry))
