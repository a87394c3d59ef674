import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPassword } from '../embedded/cluster.ts'
import { placeFor } from '../embedded/place.ts'
import { startEmbedded } from '../embedded/start.ts'
import { stopEmbedded } from '../embedded/stop.ts'
import { lesserUser } from '../embedded/user.ts'
import { makeClusterEarly } from './early-cluster.ts'

let root: string
let data: string
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'viewport-early-'))
  chmodSync(root, 0o711)
  data = path.join(root, 'data')
})
afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

test(
  'the start that follows takes the database that was made meanwhile, and a second one makes none',
  { timeout: 60_000 },
  async () => {
    await makeClusterEarly(data, {})
    const place = placeFor(data, lesserUser())
    const password = readPassword(place)
    await makeClusterEarly(data, {})
    const running = await startEmbedded(data)
    try {
      expect(running.started).toBe(true)
      expect(readPassword(place)).toBe(password)
      expect(readdirSync(place.folder).filter((name) => name.startsWith('new-'))).toEqual([])
    } finally {
      await stopEmbedded(running)
    }
  },
)

test('none is made for a database elsewhere, with a setting that is wrong, or in a folder that is refused; and the start says why', async () => {
  await makeClusterEarly(data, { DATABASE_URL: 'postgresql://viewport@127.0.0.1:1/viewport' })
  await makeClusterEarly(data, { VIEWPORT_PORT: 'none' })
  expect(existsSync(data)).toBe(false)
  await makeClusterEarly(root, {})
  expect(readdirSync(root)).toEqual(['postgres'])
  rmSync(path.join(root, 'postgres'), { recursive: true })
  chmodSync(root, 0o777)
  await makeClusterEarly(root, {})
  expect(readdirSync(root)).toEqual([])
  expect(statSync(root).mode & 0o777).toBe(0o777)
})
