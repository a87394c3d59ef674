/**
 * One PostgreSQL for a whole vitest run: the embedded one in a temporary folder, or VIEWPORT_TEST_DATABASE_URL.
 * A template database is migrated once; every test database is a copy of it (test/database.ts).
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../src/database/open.ts'
import { loginsOf } from '../src/database/roles.ts'
import { startEmbedded } from '../src/embedded/start.ts'
import { stopEmbedded } from '../src/embedded/stop.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
    template: string
    prefix: string
    key: string
  }
}

/** Several files of tests at once, each with a control plane or three, and each of those with its pools. */
const settings = ['max_connections=400']

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const given = process.env.VIEWPORT_TEST_DATABASE_URL
  const folder = given ? null : mkdtempSync(path.join(os.tmpdir(), 'viewport-test-'))
  if (folder) chmodSync(folder, 0o711)
  const running = folder ? await startEmbedded(path.join(folder, 'data'), { settings }) : null
  const url = given ?? running!.url
  if (running) await writeCarelessly(running.url)
  const prefix = `vpt_${randomBytes(4).toString('hex')}_`
  const template = `${prefix}template`
  const key = randomBytes(32)
  await query(url, `create database ${template}`)
  const db = await openDatabase({
    url: withDatabase(url, template),
    key,
    warn: (words, about) => console.warn(words, about),
  })
  await db.close()
  project.provide('postgresUrl', url)
  project.provide('template', template)
  project.provide('prefix', prefix)
  project.provide('key', key.toString('base64'))
  return async () => {
    if (running) {
      await stopEmbedded(running)
    } else {
      await cleanUp(url, prefix)
    }
    if (folder) rmSync(folder, { recursive: true, force: true })
    if (running?.place.elsewhere) rmSync(running.place.folder, { recursive: true, force: true })
  }
}

const cleanUp = async (url: string, prefix: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    )
    for (const { datname } of rows) {
      await client.query(`drop database if exists ${datname} with (force)`)
      for (const { user } of Object.values(loginsOf(datname, new Uint8Array(32))))
        // only the names matter
        await client.query(`drop role if exists ${user}`)
    }
  } finally {
    await client.end()
  }
}

/** What these databases hold is thrown away in the end: nothing has to reach the disk, above all not each of the databases that are made and dropped. */
const writeCarelessly = async (url: string): Promise<void> => {
  for (const text of [
    'alter system set fsync = off',
    'alter system set full_page_writes = off',
    'select pg_reload_conf()',
  ])
    await query(url, text)
}

const query = async (url: string, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

const withDatabase = (url: string, database: string): string => {
  const to = new URL(url)
  to.pathname = `/${database}`
  return to.href
}
