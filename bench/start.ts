/** How long until the address answers, as somebody who has installed it starts it: `npm start` on an empty data folder, and again? */
import { spawn } from 'node:child_process'
import { mkdtempSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { against, median, ms, type Figure } from './figures.ts'
import { answering, endOf, freePort } from './place.ts'
import type { Size } from './size.ts'

const setup = fileURLToPath(new URL('../setup.mjs', import.meta.url))

/** Each round makes a database, a workspace and all; then starts a second time on the same folder. */
export const startFigures = async ({ rounds }: Size): Promise<Figure[]> => {
  const [first, again]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const folder = mkdtempSync(path.join(tmpdir(), 'viewport-bench-start-'))
    chmodSync(folder, 0o711) // as root the database runs as another user and must pass through
    try {
      first.push(await startOnce(folder))
      again.push(await startOnce(folder))
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  const all = (times: number[]): { note: string } => ({ note: `rounds: ${times.map(ms).join(', ')}` })
  return [
    against('start until the URL answers, nothing there yet', median(first), 3_000, ms, all(first)),
    against('start until the URL answers, again', median(again), 3_000, ms, all(again)),
  ]
}

const startOnce = async (folder: string): Promise<number> => {
  const port = await freePort()
  const began = performance.now()
  const child = spawn(process.execPath, [setup, 'start', '--port', String(port), '--data', path.join(folder, 'data')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder },
  })
  try {
    await answering(`http://127.0.0.1:${port}`, child)
    return performance.now() - began
  } finally {
    await endOf(child)
  }
}
