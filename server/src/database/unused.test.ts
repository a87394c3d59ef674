/** Does the schema hold what nobody uses? A function or table that no program names is a door nobody watches. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const room = path.join(import.meta.dirname, '../..')
const schema = readFileSync(path.join(room, 'schema.sql'), 'utf8')
const sources = readdirSync(path.join(room, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(path.join(room, 'src', name), 'utf8'))
  .join('\n')
/** Makes a table one of a tenant; migrations call it, nothing else. */
const byMigrations = 'tenant_table'
const count = (text: string, name: string): number => text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0

test.each([
  ['function', /^CREATE OR REPLACE FUNCTION vp\.(\w+)/gm],
  ['table', /^create (?:unlogged )?table vp\.(\w+)/gm],
])('every %s of the schema is named by the program, or by another part of the schema', (_, pattern) => {
  const names = [...schema.matchAll(pattern)].map(([, name]) => name!)
  expect(names.length).toBeGreaterThan(10)
  expect(
    names.filter((name) => name !== byMigrations && count(sources, name) === 0 && count(schema, name) === 1),
  ).toEqual([])
})
