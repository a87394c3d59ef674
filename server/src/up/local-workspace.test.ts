import { expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { inWorkspace } from '../database/tenant.ts'
import { readTokens } from '../sign-in/token.ts'
import { makeLocalToken, openWorkspace, revokeLocalToken } from './local-workspace.ts'

const { db } = await testDatabase()

test('the sample and your own workspace stand beside each other, whichever was first', async () => {
  const sample = await openWorkspace(db, true)
  expect(sample).toMatchObject({ name: 'Acme Co.', admin: { handle: 'jess' } })
  const own = await openWorkspace(db, false)
  expect(own).not.toMatchObject({ workspace: sample.workspace })
  expect(own.name).toBe('Viewport')
  expect([await openWorkspace(db, true), await openWorkspace(db, false)]).toMatchObject([sample, own])
})

test('replicas that start at once on an empty database open one workspace', async () => {
  const { db: fresh } = await testDatabase()
  const opened = await Promise.all(Array.from({ length: 5 }, () => openWorkspace(fresh, false)))
  expect(new Set(opened.map((one) => one.workspace)).size).toBe(1)
})

test('a start replaces the token of an earlier start on its data folder, not that of another replica', async () => {
  const place = await openWorkspace(db, false)
  const tokens = () =>
    inWorkspace(db, place.workspace, async (tx) =>
      (await readTokens(tx, place.admin.id)).map((one) => one.name).toSorted(),
    )
  await makeLocalToken(db, place, '/srv/one')
  await makeLocalToken(db, place, '/srv/two')
  await makeLocalToken(db, place, '/srv/one')
  expect(await tokens()).toEqual([expect.stringContaining('/srv/one'), expect.stringContaining('/srv/two')])
  await revokeLocalToken(db, place, '/srv/two')
  expect(await tokens()).toEqual([expect.stringContaining('/srv/one')])
})
