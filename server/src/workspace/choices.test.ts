import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { readWorld } from '../workflows/world.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme')
const other = await workspace('other')
const jess = await acme.person('jess')
const changed = async () =>
  (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ text: string }>(
        `select text from vp.facts where workspace = $1 and type = 'setting.changed' order by position`,
        [acme.id],
      ),
    )
  ).rows.map((row) => JSON.parse(row.text).data)

test('is the edge, and nothing else is chosen, until somebody says so', async () =>
  expect((await jess.get('/api/workspace')).body).toEqual({
    id: acme.id,
    slug: 'acme',
    name: 'acme',
    sample: false,
    caps: {},
    bodies: 'edge',
    leaves: 'excerpt',
    defaultPool: null,
    defaultAgents: {},
    packetBodies: false,
  }))

test('an admin chooses; runs that start afterwards get it, what is left out stays, each change is a fact', async () => {
  await inWorkspace(db, acme.id, (tx) =>
    tx.query('insert into vp.pools (workspace, name) values ($1, $2)', [acme.id, 'payments']),
  )
  const first = await acme.admin.put('/api/workspace', { bodies: 'stored', defaultPool: 'payments' })
  expect(first.body).toMatchObject({ bodies: 'stored', defaultPool: 'payments', packetBodies: false })
  const second = await acme.admin.put('/api/workspace', { defaultAgents: { plan: 'claude' }, packetBodies: true })
  expect(second.body).toMatchObject({ bodies: 'stored', defaultAgents: { plan: 'claude' }, packetBodies: true })
  expect(await inWorkspace(db, acme.id, readWorld)).toMatchObject({
    bodies: 'stored',
    defaultPool: 'payments',
    agents: { plan: 'claude' },
  })
  await acme.admin.put('/api/workspace', { bodies: 'stored', defaultPool: null })
  expect((await jess.get('/api/workspace')).body.defaultPool).toBe(null)
  expect(await changed()).toEqual([
    { name: 'bodies', value: 'stored' },
    { name: 'defaultPool', value: 'payments' },
    { name: 'defaultAgents', value: { plan: 'claude' } },
    { name: 'packetBodies', value: true },
    { name: 'defaultPool', value: null },
  ])
  expect((await other.admin.get('/api/workspace')).body.bodies).toBe('edge')
})

test('a pool that is not there, another word, an unknown key and a member are refused', async () => {
  expect((await acme.admin.put('/api/workspace', { defaultPool: 'nowhere' })).body.code).toBe('not_found')
  expect((await acme.admin.put('/api/workspace', { bodies: 'both' })).body.code).toBe('invalid')
  expect((await acme.admin.put('/api/workspace', { bodys: 'edge' })).body.code).toBe('invalid')
  expect((await jess.put('/api/workspace', { bodies: 'edge' })).status).toBe(403)
  expect(await changed()).toHaveLength(5)
})
