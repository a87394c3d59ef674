/** What asking did not reach: an admin sees it on the connection, also after later askings went well. With a whole control plane and our emulator of GitLab. */
import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitLab, tokens } from './gitlab/testing/emulated.ts'

const lab = await emulatedGitLab()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context
const acme = await workspace('acme')

test('more than is looked at between two looks stays on the connection, for a week', { timeout: 60_000 }, async () => {
  const values = { base: lab.url, token: tokens.us, projects: 'acme/shop' }
  const { id } = (await acme.admin.post('/api/connections', { tool: 'gitlab', name: 'gitlab', values })).body.connection
  const view = async () =>
    (await acme.admin.get('/api/connections')).body.connections.find((one: { id: string }) => one.id === id).polls[0]
  const change = (set: string, ...more: unknown[]) =>
    inWorkspace(db, acme.id, (tx) =>
      tx.query(`update vp.polls set ${set} where workspace = $1 and connection = $2`, [acme.id, id, ...more]),
    )
  const place = async (): Promise<unknown> =>
    inWorkspace(
      db,
      acme.id,
      async (tx) =>
        (
          await tx.query<{ cursor: unknown }>('select cursor from vp.polls where workspace = $1 and connection = $2', [
            acme.id,
            id,
          ])
        ).rows[0]!.cursor,
    )
  /** Asks once more, and waits until it was. */
  const asked = async (): Promise<void> => {
    await change('next_at = 0')
    await vi.waitFor(async () => expect((await view()).nextAt).toBeGreaterThan(0), { timeout: 20_000, interval: 50 })
  }
  await asked()
  await vi.waitFor(async () => expect(await place()).not.toBeNull(), { timeout: 20_000, interval: 50 })
  const issue = await lab.issue({ title: 'Busy' })
  for (let n = 0; n < 1_201; n++)
    issue.label_events.push({
      id: n,
      user: { id: 2, username: 'sam', name: 'Sam' },
      created_at: new Date().toISOString(),
      action: 'add',
      label: { name: `l${n}` },
    })
  await asked()
  await vi.waitFor(async () => expect((await view()).lost).not.toBeNull(), { timeout: 20_000, interval: 50 })
  const { lost } = await view()
  expect(lost).toEqual({
    at: expect.any(Number),
    what: `acme/shop#${issue.iid} has more labels than are looked at: some were left out.`,
  })
  // The next asking begins later, and finds all of what it asks for.
  await change('cursor = $3::json', JSON.stringify({ since: new Date().toISOString() }))
  await asked()
  expect(await view()).toMatchObject({ problem: null, lost })
  await change('lost_at = lost_at - 8 * 86400000')
  expect((await view()).lost).toBeNull()
})
