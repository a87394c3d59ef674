import { expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { openWorkspace } from './local-workspace.ts'

const { db } = await testDatabase()

test('the sample and your own workspace stand beside each other, whichever was first', async () => {
  const sample = await openWorkspace(db, true)
  expect(sample).toMatchObject({ name: 'Acme Co.', admin: { handle: 'jess' } })
  const own = await openWorkspace(db, false)
  expect(own).not.toMatchObject({ workspace: sample.workspace })
  expect(own.name).toBe('Viewport')
  expect([await openWorkspace(db, true), await openWorkspace(db, false)]).toMatchObject([sample, own])
})
