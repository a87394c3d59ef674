import { expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { inWorkspace } from '../database/tenant.ts'
import { DeliveryStore } from './store.ts'

const made = await testDatabase()
const { db } = made
const source = async (workspace: string): Promise<string> => {
  const id = `src_${workspace.slice(3)}`
  await inWorkspace(db, workspace, (tx) =>
    tx.query(
      `insert into vp.sources (workspace, source, kind, name, sealed) values ($1, $2, 'webhook', 'tracker', 'x')`,
      [workspace, id],
    ),
  )
  return id
}
const arrived = (workspace: string, from: string, id: string) => ({
  workspace,
  source: from,
  id,
  body: Buffer.from('{}'),
  shared: false,
  tool: 'webhook',
  media: 'application/json',
  headers: {},
  signing: null,
  old: null,
})

test('a flood of one workspace: what comes to another one is stored in its turn, and each of the flood once', async () => {
  const [full, other] = [await made.workspace(), await made.workspace()]
  const [fromFull, fromOther] = [await source(full), await source(other)]
  // Connections that stand already: to open one takes as long as several flushes.
  await Promise.all(Array.from({ length: 4 }, () => db.app.query('select pg_sleep(0.2)')))
  const stored: string[] = []
  const store = new DeliveryStore(db, 'webhook', () => {})
  const keep = async (workspace: string, from: string, id: string): Promise<void> => {
    expect(await store.keep(arrived(workspace, from, id))).toMatchObject({ repeat: false })
    stored.push(workspace)
  }
  const flood = Array.from({ length: 2_000 }, (_, n) => keep(full, fromFull, `f${n}`))
  await Promise.all([...flood, keep(other, fromOther, 'o')])
  expect(stored.indexOf(other)).toBeLessThan(1_000)
  expect(stored).toHaveLength(2_001)
})

test('a workspace whose rows are locked keeps nobody else’s deliveries from being stored', async () => {
  const [locked, other] = [await made.workspace(), await made.workspace()]
  const [fromLocked, fromOther] = [await source(locked), await source(other)]
  const store = new DeliveryStore(db, 'webhook', () => {})
  // What comes twice waits for whoever stores it at this moment: an open transaction of that workspace.
  let letGo = (): void => {}
  const open = new Promise<void>((resolve) => (letGo = resolve))
  let begun = (): void => {}
  const held = new Promise<void>((resolve) => (begun = resolve))
  const holding = inWorkspace(db, locked, async (tx) => {
    await tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id) select $1, 'dlv_' || n, $2, 'l' || n from generate_series(1, 300) n`,
      [locked, fromLocked],
    )
    begun()
    await open
  })
  await held
  const waiting = Array.from({ length: 300 }, (_, n) => store.keep(arrived(locked, fromLocked, `l${n + 1}`)))
  await expect(store.keep(arrived(other, fromOther, 'o'))).resolves.toMatchObject({ repeat: false })
  letGo()
  await holding
  expect((await Promise.all(waiting)).every((one) => one?.repeat === true)).toBe(true)
})
