// Started by root below a folder that nobody else may enter: PostgreSQL, which does not run as root, keeps its data elsewhere, and it
// is said where.
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { makePlace } from './testing/place.ts'
import { processesOf } from './testing/processes.ts'
import { start, viewportProgram } from './testing/program.ts'

test.runIf(process.getuid?.() === 0)('root and a private folder', { timeout: 180_000 }, async () => {
  const place = makePlace('private')
  const secret = join(place.folder, 'private')
  mkdirSync(secret)
  chmodSync(secret, 0o700)
  const words = ['up', '--sample', '--headless', '--yes', '--port', '0', '--data', join(secret, 'data')]
  const running = start(place, viewportProgram, words)
  const [, elsewhere = ''] = await running.says(/so the database is kept in (\S+)\/data\./)
  try {
    const { code, out, err } = await running.ended
    expect({ code, out, err }).toMatchObject({ code: 0 })
    expect(elsewhere).toMatch(/^\/var\/lib\/viewport\//)
    expect(statSync(join(elsewhere, 'data')).mode & 0o077).toBe(0)
    expect(statSync(secret).mode & 0o777).toBe(0o700)
    expect([...processesOf(place.folder), ...processesOf(elsewhere)]).toEqual([])
  } finally {
    rmSync(elsewhere, { recursive: true, force: true })
    place.remove()
  }
})
