/**
 * What is one running control plane made of?
 * Key, database, HTTP; started in this order and closed in the other. It never reads the environment: settings are passed in.
 */
import { readFileSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import { refuse } from '@viewportai/core/refusal'
import type { BodyPort } from './body-port.ts'
import type { Context } from './context.ts'
import { openDatabase, type Database } from './database/open.ts'
import { startEmbedded } from './embedded/start.ts'
import { stopEmbedded } from './embedded/stop.ts'
import { makeApp } from './http/app.ts'
import { ownAddress } from './http/own-address.ts'
import { serveRoutes } from './http/serve-routes.ts'
import { builtWebApp, serveWebApp } from './http/web-app.ts'
import { installationKey } from './keys/installation-key.ts'
import { peopleAnswers } from './people/answers.ts'
import type { Settings } from './settings.ts'
import { askerOf } from './sign-in/asker.ts'
import { signInAnswers } from './sign-in/answers.ts'

export type ControlPlane = {
  /** Where people open it. */
  readonly url: string
  readonly context: Context
  /** Ends what runs here; what it had promised is in the database. */
  close(): Promise<void>
}

export type StartOptions = {
  /** Hold answers against their schemas: for tests and development. */
  readonly checkAnswers?: boolean
  readonly log?: Logger
}

/** The version of this program. */
export const version = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

/** Starts a control plane and resolves when it answers. Throws with words a person can act on; nothing is left running then. */
export const startControlPlane = async (settings: Settings, { checkAnswers = false, log = pino({ level: settings.logLevel }) }: StartOptions = {}): Promise<ControlPlane> => {
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).toReversed()) await step()
  }
  try {
    const { key } = installationKey(settings.dataFolder, settings.key)
    const embedded = settings.databaseUrl === null ? await startEmbedded(settings.dataFolder) : null
    if (embedded) closing.push(() => stopEmbedded(embedded))
    const db = await openDatabase({ url: settings.databaseUrl ?? embedded!.url, key, warn: (words, about) => log.warn(about, words), connections: settings.connections })
    closing.push(() => db.close())
    const served = await serve(settings, db, log, checkAnswers)
    closing.push(() => served.app.close())
    return { url: served.context.own.url, context: served.context, close }
  } catch (error) {
    await close()
    throw error
  }
}

const noBodies: BodyPort = {
  fetchBody: async () => refuse('body_away', { runner: 'No runner', since: 'the start' }),
  followLog: async () => refuse('body_away', { runner: 'No runner', since: 'the start' }),
}

const serve = async (settings: Settings, db: Database, log: Logger, checkAnswers: boolean) => {
  let port = settings.port
  const own = ownAddress(settings.publicUrl, settings.host, () => port)
  const context: Context = { db, own, bodies: noBodies, log, version }
  const app = await makeApp(own, log)
  app.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ viewport: version, ready: true }))
  serveRoutes(app, { own, asker: (request) => askerOf(db, request, own.secure), checkAnswers }, { ...signInAnswers(context), ...peopleAnswers(context) })
  await serveWebApp(app, builtWebApp())
  await app.listen({ host: settings.host, port: settings.port })
  const address = app.server.address()
  if (address !== null && typeof address === 'object') port = address.port
  return { app, context }
}
