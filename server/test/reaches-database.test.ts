import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import alone from '../vitest.alone.config.ts'
import { reachesDatabase, testsWithoutDatabase } from './reaches-database.ts'

const room = path.join(import.meta.dirname, '..')
/** Put in at run time: this file itself must not seem to import it. */
const door = '../test/database.ts'

test.each([
  ['itself', `import { testDatabase } from '${door}'`, '', true],
  ['for a value and a type', `import {\n  type TestDatabase,\n  testDatabase,\n} from "${door}"`, '', true],
  ['for a type alone', `import type {\n  TestDatabase,\n} from '${door}'`, '', false],
  ['for its effects', `import '${door}'`, '', true],
  ['amid a test', `const { testDatabase } = await import('${door}')`, '', true],
  ['by a helper', `import { one } from './testing/one.ts'`, `export * from '../${door}'`, true],
  ['by a helper that has no need', `import { one } from './testing/one.ts'`, `export const one = 1`, false],
  ['not at all', `import { shown } from '../src/settings.ts'`, '', false],
])('a file comes to the database %s', (_, text, helper, reaches) => {
  const folder = mkdtempSync(path.join(room, '.reaches-'))
  try {
    mkdirSync(path.join(folder, 'testing'))
    writeFileSync(path.join(folder, 'a.test.ts'), text)
    writeFileSync(path.join(folder, 'testing/one.ts'), helper)
    expect(reachesDatabase(path.join(folder, 'a.test.ts'))).toBe(reaches)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('this file reaches none, and the one of the database does', () => {
  const without = testsWithoutDatabase()
  expect(without).toContain('test/reaches-database.test.ts')
  expect(without).not.toContain('src/database/open.test.ts')
})

test('a file that reaches no database is given none', () => {
  expect(alone.test).toMatchObject({ name: 'server-alone', globalSetup: [] })
  expect(inject('postgresUrl')).toBeUndefined()
})
