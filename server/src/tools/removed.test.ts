/** What is left of a connection that was removed? Nothing that opens anything, and nothing that asks. */
import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { opened, type ConnectionRow } from './connections.ts'
import { emulatedGitLab, tokens } from './gitlab/testing/emulated.ts'

const lab = await emulatedGitLab()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, key } = plane.context

test('its secrets are erased, those of before as well, and nobody asks its tool any more', async () => {
  const of = await workspace('gone')
  const values = { base: lab.url, token: tokens.us, projects: 'acme/shop', webhook_secret: 'the-first-of-this-test' }
  const made = await of.admin.post('/api/connections', { tool: 'gitlab', name: 'gitlab', values })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  const { id } = made.body.connection
  const changed = await of.admin.put(`/api/connections/${id}`, {
    values: { webhook_secret: 'the-second-of-this-test' },
  })
  expect(changed.status, JSON.stringify(changed.body)).toBe(200)
  const stands = () =>
    inWorkspace(db, of.id, async (tx) => {
      const { rows } = await tx.query<ConnectionRow & { source: string; old: number; polls: number }>(
        `select c.*, s.source, (select count(*) from vp.old_secrets o where o.workspace = $1 and o.source = s.source)::int as old,
          (select count(*) from vp.polls p where p.workspace = $1 and p.connection = c.connection)::int as polls
          from vp.connections c join vp.sources s on s.workspace = $1 and s.connection = c.connection where c.workspace = $1 and c.connection = $2`,
        [of.id, id],
      )
      const [row] = rows
      return { secrets: opened(key, of.id, row!).secrets, old: row!.old, polls: row!.polls }
    })
  expect(await stands()).toMatchObject({
    secrets: { token: tokens.us, webhook_secret: 'the-second-of-this-test' },
    old: 1,
    polls: 1,
  })
  expect((await of.admin.del(`/api/connections/${id}`)).status).toBe(204)
  expect(await stands()).toEqual({ secrets: { erased: expect.any(String) }, old: 0, polls: 0 })
})
