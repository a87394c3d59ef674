/** How is the alternative started beside a place, on the same database server? */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Place } from './place.ts'

type Bare = { readonly url: string; close(): Promise<void> }

/** Starts `bare-server.ts` and resolves when it listens. Throws when it ends before. */
export const startBare = async (place: Place): Promise<Bare> => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./bare-server.ts', import.meta.url)), place.postgres.url],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } },
  )
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`))),
  )
  ended.catch(() => {}) // its end is awaited in `close`
  const port = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve)),
    ended,
  ])
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill('SIGTERM')
      await ended.catch(() => {})
    },
  }
}

/** Gates `from` to `to` (without it) wait at the alternative as well. */
export const fillBare = async ({ postgres }: Place, from: number, to: number): Promise<void> => {
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(
    `insert into bare.gates (gate, asks, title) select 'gate-' || n, 'payments', 'Prices are rounded twice' from generate_series($1::int, $2::int) n`,
    [from, to - 1],
  )
  await client.query('analyze bare.gates')
  await client.end()
}
