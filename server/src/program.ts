/**
 * What is one running control plane made of?
 * Key, database, HTTP; started in this order and closed in the other. It never reads the environment: settings are passed in.
 */
import { carryOut, gaveUp } from './broker/carry-out.ts'
import { connectionAnswers } from './tools/answers.ts'
import { signingAnswers } from './tools/signing.ts'
import { githubAppAnswers } from './tools/github/app-answers.ts'
import { serveAppForm } from './tools/github/app-form.ts'
import { keepLines } from './tools/lines.ts'
import { sweepPolls } from './tools/polls.ts'
import { sweepWatches } from './watches/look.ts'
import { openOutside } from './tools/outside.ts'
import type { FastifyRequest } from 'fastify'
import pino, { type Logger } from 'pino'
import type { Context } from './context.ts'
import { deliveryAnswers } from './deliveries/answers.ts'
import { serveHooks } from './deliveries/hook.ts'
import { takeIn } from './deliveries/intake.ts'
import { makePace } from './deliveries/pace.ts'
import { makeSilences } from './deliveries/silences.ts'
import { DeliveryStore } from './deliveries/store.ts'
import { openDatabase, type Database } from './database/open.ts'
import { claim, takenWords, type Holder } from './embedded/claim.ts'
import { keepEmbedded } from './embedded/keep.ts'
import { endInReverse, type Part } from './ending.ts'
import { effectAnswers } from './effects/answers.ts'
import { gateAnswers } from './gates/answers.ts'
import { refold } from './ledger/refold.ts'
import type { Answers } from './http/answers.ts'
import { makeApp } from './http/app.ts'
import { openapiText } from './http/openapi.ts'
import { ownAddress } from './http/own-address.ts'
import { refusedChange } from './http/refused-change.ts'
import { serveRoutes } from './http/serve-routes.ts'
import { builtWebApp, serveWebApp } from './http/web-app.ts'
import { makeEngine } from './engine/dbos.ts'
import type { Engine } from './engine/port.ts'
import { keyAnswers } from './keys/answers.ts'
import { installationKey } from './keys/installation-key.ts'
import { liveSigningKeys, type SigningKeys } from './keys/signing-keys.ts'
import { packetAnswers } from './packet/answers.ts'
import { peopleAnswers } from './people/answers.ts'
import { repositoryAnswers } from './repositories/answers.ts'
import { lookAnswers } from './looks/answers.ts'
import { runnerAnswers } from './runners-page/answers.ts'
import { runAnswers } from './runs/answers.ts'
import type { Settings } from './settings.ts'
import { sourceAnswers } from './sources/answers.ts'
import { makeStuck, type Stuck } from './stuck.ts'
import { askerOf } from './sign-in/asker.ts'
import { signInAnswers } from './sign-in/answers.ts'
import { serveStream } from './stream/route.ts'
import { scheduleSweeps } from './sweeps.ts'
import { sweepStatuses } from './status/keep.ts'
import { sweepWhispers } from './whispers/say.ts'
import { version } from './version.ts'
import { wireKeys } from './wire/keys.ts'
import { workflowAnswers } from './workflows/answers.ts'
import { workspaceAnswers } from './workspace/answers.ts'
import { registerWire } from './wire/routes.ts'

export type ControlPlane = {
  /** Where people open it. */
  readonly url: string
  /** Where it listens on this machine. */
  readonly port: number
  readonly context: Context
  /** What runs here, in the order in which it was begun: whoever ends it part by part begins with the last. */
  readonly parts: readonly Part[]
  /** Ends all of it; what it had promised is in the database. Throws, after the rest was ended, when a part did not end as it should. */
  close(): Promise<void>
}

export type StartOptions = {
  /** Hold answers against their schemas: for tests and development. */
  readonly checkAnswers?: boolean
  readonly log?: Logger
  /** Work for the engine here as well. False: a replica that only serves requests. */
  readonly works?: boolean
  /** Told what has been reached, in words for whoever started it. */
  readonly tell?: (words: string) => void
  /** The program must end: its database is gone, or another process has taken it. */
  readonly lost?: (words: string) => void
}

/** Another Viewport runs on this data folder; nothing was changed. */
export class AlreadyRuns extends Error {
  readonly holder: Holder
  constructor(dataFolder: string, holder: Holder) {
    super(takenWords(dataFolder, holder))
    this.holder = holder
  }
}

/** Starts a control plane and resolves when it answers. Throws with words a person can act on; nothing is left running then. */
export const startControlPlane = async (
  settings: Settings,
  {
    checkAnswers = false,
    works = true,
    log = pino({ level: settings.logLevel }),
    tell = () => {},
    lost = (words) => log.fatal(words),
  }: StartOptions = {},
): Promise<ControlPlane> => {
  const parts: Part[] = []
  const endAll = (): Promise<string[]> => endInReverse(parts.splice(0), (words) => log.error(words))
  const close = async (): Promise<void> => {
    const told = await endAll()
    if (told.length > 0) throw new Error(told.join('\n'))
  }
  try {
    const { key } = installationKey(settings.dataFolder, settings.key)
    const database =
      settings.databaseUrl === null
        ? await ownDatabase(settings.dataFolder, { log, tell, lost }, parts)
        : { url: settings.databaseUrl, announce: async () => {} }
    const db = await openDatabase({
      url: database.url,
      key,
      warn: (words, about) => log.warn(about, words),
      connections: settings.connections,
    })
    parts.push({ name: 'the connections to the database', end: () => db.close() })
    for (const one of (await refold(db, tell)).setAside)
      log.error(
        one,
        'A run is set aside: its facts could not be read anew after the upgrade. The next start tries again.',
      )
    const signing = await liveSigningKeys(db, key, (words, about) => log.warn(about, words))
    parts.push({ name: 'the look for new signing keys', end: async () => signing.close() })
    const stuck = makeStuck((words, about) => log.warn(about, words))
    const engine = makeEngine({
      db,
      stuck,
      warn: (words, about) => log.warn(about, words),
      tell: (words, about) => log.debug(about, words),
    })
    let ready = !works
    const served = await serve(settings, { db, key, signing, engine, stuck }, log, checkAnswers, () => ready)
    parts.push({ name: 'what answers requests', end: () => served.app.close() })
    await database.announce(served.context.own.url)
    await db.asOwner((owner) => owner.query('update vp.installation set address = $1', [served.context.own.url]))
    const { outside, own } = served.context
    const startIntake = (workspace: string): void => engine.start('intake', workspace, workspace)
    engine.on(
      'intake',
      async ({ workspace, attempt }) => {
        await takeIn({ db, log, key, outside }, workspace, attempt)
        stuck.fine('intake', workspace)
      },
      async ({ workspace }, error) => stuck.failed('intake', workspace, error),
    )
    engine.on(
      'effect',
      (work) => carryOut({ db, key, engine, outside, address: own.url, log }, work),
      (work) => gaveUp({ db }, work),
    )
    scheduleSweeps(engine, { db, log, key, outside }, stuck, settings)
    const address = (): string => own.url
    const polling = { db, key, outside, silences: makeSilences(), stored: startIntake }
    engine.schedule('polls', 2_000, () => sweepPolls(polling, stuck), true)
    engine.schedule('watches', 1_000, () => sweepWatches({ db, key, outside, signing }, stuck), true)
    engine.schedule(
      'run statuses',
      1_000,
      () => sweepStatuses({ db, key, outside, signing, address, log }, stuck),
      true,
    )
    engine.schedule('whispers', 1_000, () => sweepWhispers({ db, key, outside, address }, stuck), true)
    // Requests are answered before the engine works: what they store waits in rows until then.
    const plane = { url: served.context.own.url, port: served.port, context: served.context, parts, close }
    if (!works) return plane
    const launched = engine.launch().then(
      () => void (ready = true),
      (error: Error) =>
        log.error({ err: error }, 'The engine did not start; what it must do waits. Start Viewport again.'),
    )
    parts.push({
      name: 'the engine',
      end: async () => {
        await launched
        await engine.close()
      },
    })
    const pace = makePace(startIntake)
    const lines = keepLines({
      db,
      key,
      outside,
      near: settings.nearHosts,
      store: new DeliveryStore(db, 'line', pace.soon),
      address,
      log,
    })
    parts.push({
      name: 'the lines to outside tools',
      end: async () => {
        await lines.close()
        pace.close()
      },
    })
    return plane
  } catch (error) {
    await endAll()
    throw error
  }
}

/** The embedded database of this data folder, claimed for this process alone. Throws `AlreadyRuns`. */
const ownDatabase = async (
  dataFolder: string,
  { log, tell, lost }: { log: Logger } & Required<Pick<StartOptions, 'tell' | 'lost'>>,
  parts: Part[],
) => {
  const kept = await keepEmbedded(dataFolder, { warn: (words, about) => log.warn(about, words), lost })
  const claimed = await claim(kept.running.url, (holder) => lost(takenWords(dataFolder, holder))).catch(
    async (error: Error): Promise<never> => {
      await kept.stop()
      throw error
    },
  )
  if (!('release' in claimed)) {
    kept.leave()
    throw new AlreadyRuns(dataFolder, claimed)
  }
  parts.push(
    {
      name: 'PostgreSQL',
      end: async () => {
        if (!(await kept.stop())) tell('PostgreSQL keeps running, because another program uses it')
      },
    },
    { name: 'the claim on the data folder', end: () => claimed.release() },
  )
  const { started, version, place, notes, url } = kept.running
  tell(
    `PostgreSQL ${version.split('.').slice(0, 2).join('.')} ${started ? 'has started' : 'was still running and goes on'}, data in ${place.folder}`,
  )
  for (const note of notes) tell(note)
  return { url, announce: (address: string) => claimed.announce(address) }
}

/** The code behind every route, folder by folder. */
const answersOf = (context: Context): Answers => ({
  ...signInAnswers(context),
  ...peopleAnswers(context),
  ...gateAnswers(context),
  ...runAnswers(context),
  ...keyAnswers(context),
  ...packetAnswers(context),
  ...workflowAnswers(context),
  ...workspaceAnswers(context),
  ...repositoryAnswers(context),
  ...sourceAnswers(context),
  ...connectionAnswers(context),
  ...signingAnswers(context),
  ...githubAppAnswers(context),
  ...effectAnswers(context),
  ...deliveryAnswers(context),
  ...runnerAnswers(context),
  ...lookAnswers(context),
})

type Parts = {
  readonly db: Database
  readonly key: Uint8Array
  readonly signing: SigningKeys
  readonly engine: Engine
  readonly stuck: Stuck
}

const serve = async (
  settings: Settings,
  { db, key, signing, engine, stuck }: Parts,
  log: Logger,
  checkAnswers: boolean,
  ready: () => boolean,
) => {
  let port = settings.port
  const own = ownAddress(settings.publicUrl, settings.host, () => port, settings.replicaUrl)
  const app = await makeApp(own, log)
  const bodies = await registerWire(app, {
    db,
    stuck,
    keys: wireKeys(signing),
    get publicUrl() {
      return own.url
    },
    get replicaUrl() {
      return settings.replicaUrl ?? own.url
    },
    leaseSeconds: settings.leaseSeconds,
    beatSeconds: Math.max(1, Math.floor(settings.leaseSeconds / 3)),
    bodyMillis: 10_000,
    pieceMillis: 60_000,
    log,
  })
  const outside = openOutside(settings.nearHosts)
  const context: Context = { db, key, own, bodies, signing, engine, outside, log, version }
  app.get('/openapi.json', async (_request, reply) => reply.type('application/json; charset=utf-8').send(openapiText()))
  app.get('/healthz', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ viewport: version, ready: ready(), stuck: stuck.count() }),
  )
  const asker = (request: FastifyRequest) => askerOf(db, request, own.secure)
  await serveHooks(app, context)
  await serveAppForm(app, context)
  serveStream(app, { own, asker, nudges: db.nudges })
  serveRoutes(app, { own, asker, refused: refusedChange(db), checkAnswers }, answersOf(context))
  await serveWebApp(app, builtWebApp())
  await app.listen({ host: settings.host, port: settings.port })
  const address = app.server.address()
  if (address !== null && typeof address === 'object') port = address.port
  return { app, context, port }
}
