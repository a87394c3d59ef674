import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { emptyDatabase, testDatabase } from '../../test/database.ts'
import { withOwnDatabase } from './own-database.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'viewport-own-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a folder without a Viewport is refused and left as it is', async () => {
  const called: string[] = []
  const asked = withOwnDatabase(path.join(folder, 'mistyped'), false, async () => void called.push('called'), {
    VIEWPORT_KEY: randomBytes(32).toString('base64url'),
  })
  await expect(asked).rejects.toMatchObject({ kind: 'refused', message: `There is no Viewport in ${folder}/mistyped.` })
  expect(called).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('a database without a Viewport is refused and left as it is', async () => {
  const { url, drop } = await emptyDatabase()
  const env = { DATABASE_URL: url, VIEWPORT_KEY: randomBytes(32).toString('base64url') }
  try {
    await expect(withOwnDatabase(path.join(folder, 'data'), false, async () => {}, env)).rejects.toMatchObject({
      kind: 'refused',
      message: 'There is no Viewport in the database of DATABASE_URL.',
    })
  } finally {
    await drop()
  }
  const { url: used } = await testDatabase()
  const found = await withOwnDatabase(path.join(folder, 'data'), false, async (own) => own.url, {
    ...env,
    DATABASE_URL: used,
  })
  expect(found).toBe(used)
  expect(readdirSync(folder)).toEqual([])
})
