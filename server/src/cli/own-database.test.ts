import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withOwnDatabase } from './own-database.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'viewport-own-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a folder without a Viewport is refused and left as it is', async () => {
  const called: string[] = []
  const asked = withOwnDatabase(path.join(folder, 'mistyped'), false, async () => void called.push('called'), {})
  await expect(asked).rejects.toMatchObject({ kind: 'refused', message: `There is no Viewport in ${folder}/mistyped.` })
  expect(called).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})
