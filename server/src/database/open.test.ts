import { expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { inWorkspace } from './tenant.ts'

const { db, workspace } = await testDatabase()

test('a workspace is seen from inside only, and a pooled connection forgets it', async () => {
  const [a, b] = [await workspace('A'), await workspace('B')]
  const names = (ws: string) => inWorkspace(db, ws, async (tx) => (await tx.query<{ name: string }>('select name from vp.workspaces')).rows.map((row) => row.name))
  expect(await names(a)).toEqual(['A'])
  expect(await names(b)).toEqual(['B'])
  expect((await db.app.query('select * from vp.workspaces')).rows).toEqual([])
})
