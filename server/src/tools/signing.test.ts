/** What a connection's webhooks are signed with is changed beside other changes: none takes back what another one did. */
import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { opened, readConnection } from './connections.ts'
import { keepOldSigning } from './signing.ts'
import { toolNamed } from './table.ts'

const { plane, workspace } = await testPlane()
const { db, key } = plane.context
const acme = await workspace('acme')
const ci = toolNamed('ci')!
let count = 0
const connected = async () => {
  const { body } = await acme.admin.post('/api/connections', { tool: 'ci', name: `builds ${++count}`, values: {} })
  return { id: body.connection.id as string, token: body.made.token as string }
}
const secretsNow = (id: string) =>
  inWorkspace(db, acme.id, async (tx) => opened(key, acme.id, (await readConnection(tx, id))!).secrets)

test('a change that says nothing of it, made from what was read before another one, leaves the new one as it is', async () => {
  const { id, token } = await connected()
  const seen = await secretsNow(id)
  expect(seen['token']).toBe(token)
  const rotated = (await acme.admin.post(`/api/connections/${id}/secrets`)).body.made.token
  const kept = await inWorkspace(db, acme.id, (tx) =>
    keepOldSigning(tx, key, ci, id, { seen, next: { ...seen, forge_token: 'x' } }, { hours: 24, elsewhere: false }),
  )
  expect(kept).toEqual({ secrets: { token: rotated, forge_token: 'x' }, replaced: null })
})

test('of two at once both old ones are taken, and one is in force', async () => {
  const { id, token } = await connected()
  const came = await Promise.all([1, 2].map(() => acme.admin.post(`/api/connections/${id}/secrets`)))
  expect(came.map(({ status }) => status)).toEqual([201, 201])
  const made = came.map(({ body }) => body.made.token)
  const now = (await secretsNow(id))['token']
  expect(made).toContain(now)
  const { oldSecrets, url } = (await acme.admin.get('/api/connections')).body.connections.find(
    (one: { id: string }) => one.id === id,
  )
  expect(oldSecrets).toHaveLength(2)
  for (const secret of [token, ...made]) {
    const { status } = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ repo: 'acme/shop', commit: 'a'.repeat(40), status: 'passed', job: secret.slice(6, 12) }),
    })
    expect(status).toBe(202)
  }
})

test('who did it, and until when, is a fact; what Viewport does not make is not made', async () => {
  const { id } = await connected()
  const { made } = (await acme.admin.post(`/api/connections/${id}/secrets`, { oldHours: 1 })).body
  await acme.admin.del(`/api/connections/${id}/old-secrets`)
  const { rows } = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ text: string }>(
      `select text from vp.facts where workspace = $1 and run = $1 and type like 'connection.%' and text like $2 order by position`,
      [acme.id, `%${id}%`],
    ),
  )
  const facts = rows.map(({ text }) => JSON.parse(text))
  expect(facts.map(({ type, by, data }) => [type, by.id, data.secrets ?? data.count])).toEqual([
    ['connection.made', acme.admin.id, undefined],
    ['connection.changed', acme.admin.id, ['token']],
    ['connection.old_secrets_ended', acme.admin.id, 1],
  ])
  expect(facts[1].data.oldUntil).toBeGreaterThan(Date.now())
  expect(JSON.stringify(rows)).not.toContain(made.token)
  const target = await acme.admin.post('/api/connections', {
    tool: 'webhook',
    name: 'ops',
    values: { url: 'https://ops.acme.example/hooks' },
  })
  // What goes out is made here too; of one that a runner signs with, the runner has it.
  const sends = await acme.admin.post(`/api/connections/${target.body.connection.id}/secrets`)
  expect([sends.status, Object.keys(sends.body.made), sends.body.connection.oldSecrets.length]).toEqual([
    201,
    ['secret'],
    1,
  ])
  const atRunner = await acme.admin.post('/api/connections', {
    tool: 'webhook',
    name: 'far',
    values: { url: 'https://far.acme.example/hooks' },
    held: true,
  })
  const none = await acme.admin.post(`/api/connections/${atRunner.body.connection.id}/secrets`)
  expect([none.status, none.body.code, none.body.next]).toEqual([
    409,
    'secret_made_elsewhere',
    expect.stringContaining('vpd credentials set provider webhook/NAME'),
  ])
  const kim = await acme.person('kim')
  expect((await kim.post(`/api/connections/${id}/secrets`)).status).toBe(403)
})
