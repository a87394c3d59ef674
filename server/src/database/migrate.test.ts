import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { emptyDatabase } from '../../test/database.ts'
import { migrate, ownMigrations, type Migration } from './migrate.ts'
import { ensureGroupRoles } from './roles.ts'

const fresh = await emptyDatabase()
const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-migrations-'))
const admin = new pg.Client({ connectionString: fresh.url })
await admin.connect()
await ensureGroupRoles(admin)

afterAll(async () => {
  await admin.end()
  await fresh.drop()
  rmSync(folder, { recursive: true })
})

const migration = (number: number, name: string, text: string): Migration => ({
  number,
  name,
  text,
  checksum: createHash('sha256').update(text).digest('hex'),
})
const one = migration(1, 'first', 'create table vp.things (n int)')
const two = migration(2, 'second', 'alter table vp.things add column m int')

describe('migrations', () => {
  test('are applied once, in order, as the owner', async () => {
    expect(await migrate(admin, [one])).toEqual([1])
    expect(await migrate(admin, [one, two])).toEqual([2])
    expect(await migrate(admin, [one, two])).toEqual([])
    expect((await admin.query(`select tableowner from pg_tables where tablename = 'things'`)).rows).toEqual([
      { tableowner: 'vp_owner' },
    ])
  })

  test('are applied once by two starts at the same time', async () => {
    const more = migration(3, 'third', 'create table vp.slow as select 1 as n from pg_sleep(0.2)')
    const rival = new pg.Client({ connectionString: fresh.url })
    await rival.connect()
    const applied = await Promise.all([migrate(admin, [one, two, more]), migrate(rival, [one, two, more])])
    await rival.end()
    expect(applied.flat()).toEqual([3])
  })

  test('that were edited are refused, and nothing is changed', async () => {
    await expect(migrate(admin, [{ ...one, checksum: 'f'.repeat(64) }, two])).rejects.toThrow(
      /Migration 001-first was edited after it was applied.*Restore the file; put the change in a new migration/,
    )
    await expect(migrate(admin, [one])).rejects.toThrow(
      /used by a newer Viewport \(migration 002-second is unknown here\)/,
    )
    await expect(
      migrate(admin, [
        one,
        migration(2, 'second', two.text),
        migration(3, 'third', 'create table vp.slow as select 1 as n from pg_sleep(0.2)'),
        migration(0, 'late', 'select 1'),
      ]),
    ).rejects.toThrow(/000-late came after number 3 was applied/)
  })

  test('that fail leave nothing behind and say where', async () => {
    const third = migration(3, 'third', 'create table vp.slow as select 1 as n from pg_sleep(0.2)')
    const bad = migration(4, 'bad', 'create table vp.half (n int);\n\nselect nonsense from vp.things;')
    await expect(migrate(admin, [one, two, third, bad])).rejects.toThrow(
      /Migration 004-bad failed at line 3: column "nonsense" does not exist. Nothing of it was kept/,
    )
    expect((await admin.query(`select to_regclass('vp.half') as half`)).rows).toEqual([{ half: null }])
    const sly = migration(4, 'sly', 'set local role vp_lookup; select 1')
    expect(await migrate(admin, [one, two, third, sly])).toEqual([4])
    expect((await admin.query('select current_user = session_user as same')).rows).toEqual([{ same: true }])
  })

  test('have names that say their number, once each', () => {
    writeFileSync(path.join(folder, '001-a.sql'), 'select 1\r\n')
    expect(ownMigrations(folder)).toMatchObject([{ number: 1, name: 'a', text: 'select 1\n' }])
    writeFileSync(path.join(folder, '001-b.sql'), 'select 2')
    expect(() => ownMigrations(folder)).toThrow(/Two migrations have the number 001/)
    rmSync(path.join(folder, '001-b.sql'))
    writeFileSync(path.join(folder, 'two.sql'), 'select 2')
    expect(() => ownMigrations(folder)).toThrow(/two.sql is not named like/)
  })

  test('of this program are fit to be applied', () => {
    expect(ownMigrations().length).toBeGreaterThan(0)
  })
})
