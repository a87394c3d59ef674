// What is sent without waiting is still part of the transaction: all of it is there after the commit, or nothing and the reason.
import { expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { inWorkspace, type Tx } from './tenant.ts'

const { db, workspace } = await testDatabase()
const acme = await workspace()

const pool = { name: 'pool add', text: 'insert into vp.pools (workspace, name) values ($1, $2)' }
const gone = { name: 'pool remove', text: 'delete from vp.pools where workspace = $1 and name = $2' }
const pools = (like: string): Promise<string[]> =>
  inWorkspace(db, acme, async (tx) =>
    (
      await tx.query<{ name: string }>(
        'select name from vp.pools where workspace = $1 and name like $2 order by name',
        [acme, like],
      )
    ).rows.map((row) => row.name),
  )
const send = (tx: Tx, name: string): void => tx.send(pool, [acme, name], 1)

test('what is sent is done in order and committed', async () => {
  const seen = await inWorkspace(db, acme, async (tx) => {
    send(tx, 'sent-1')
    send(tx, 'sent-2')
    tx.send(gone, [acme, 'sent-1'], 1)
    return (await tx.query(`select from vp.pools where workspace = $1 and name like 'sent-%'`, [acme])).rowCount
  })
  expect(seen).toBe(1)
  expect(await pools('sent-%')).toEqual(['sent-2'])
})

test('a failure of what was sent undoes everything and is the reason, not what failed after it', async () => {
  const twice = inWorkspace(db, acme, async (tx) => {
    send(tx, 'twice')
    send(tx, 'twice')
    await tx.query('select 1') // fails as well: the transaction is over
  })
  await expect(twice).rejects.toMatchObject({ code: '23505' })
  await expect(
    inWorkspace(db, acme, async (tx) => {
      send(tx, 'twice')
      send(tx, 'twice')
    }),
  ).rejects.toMatchObject({ code: '23505' })
  expect(await pools('twice')).toEqual([])
})

test('another number of rows than expected undoes everything', async () => {
  const none = inWorkspace(db, acme, async (tx) => {
    send(tx, 'counted')
    tx.send(gone, [acme, 'not-there'], 1)
  })
  await expect(none).rejects.toThrow('pool remove touched 0 rows and should touch 1')
  expect(await pools('counted')).toEqual([])
})

test('a failure that somebody caught is not taken for a commit', async () => {
  const caught = inWorkspace(db, acme, async (tx) => {
    send(tx, 'caught')
    await tx.query('select 1 / 0').catch(() => {})
  })
  await expect(caught).rejects.toThrow('rolled back')
  expect(await pools('caught')).toEqual([])
})

test('what the caller throws stays its own', async () => {
  const own = inWorkspace(db, acme, async (tx) => {
    send(tx, 'own')
    throw new Error('mine')
  })
  await expect(own).rejects.toThrow('mine')
  expect(await pools('own')).toEqual([])
})
