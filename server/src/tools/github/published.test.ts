/** Every webhook that GitHub published an example of, signed and sent through the door of a whole control plane with a workflow for each event: taken, and matched or ignored with words, never set aside. */
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { expect, test, vi } from 'vitest'
import { github } from '@viewportai/core/event/tool/github'
import { send, testPlane } from '../../../test/plane.ts'
import { pairedRunner } from '../../../test/paired.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { emulatedGitHub, tokens } from './testing/emulated.ts'

const published = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
  name: string
  examples: Record<string, unknown>[]
}[]
const secret = 'a-secret-of-this-test-alone'

test('each is taken, and none is set aside', { timeout: 180_000 }, async () => {
  const hub = await emulatedGitHub()
  const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
  const acme = await workspace('acme', ['payments'])
  await acme.person('sam', { teams: ['payments'] })
  await pairedRunner(plane.context.db, acme.id)
  const repository = { name: 'acme/shop', url: 'https://github.com/acme/shop.git', defaultBranch: 'main' }
  expect((await acme.admin.post('/api/repositories', repository)).status).toBe(201)
  const values = { base: hub.url, token: tokens.us, webhook_secret: secret }
  const made = await acme.admin.post('/api/connections', { tool: 'github', name: 'github', values })
  expect(made.status).toBe(201)
  // Somebody listens to each kind, so that each is matched, fetched again where that is done, and started where it fits.
  for (const [n, event] of Object.keys(github.events).entries()) {
    const source = `name: all-${n}\nteam: payments\ntrigger: { github: { event: ${event}, started_by: [anyone] } }\nrepos: [{ acme/shop: { access: read } }]\nsteps:\n  - { id: look, mode: read, prompt: Look. }\n`
    const saved = await acme.admin.post('/api/workflows', { source })
    expect(saved.body.missing ?? saved.body).toEqual([])
    expect((await acme.admin.put(`/api/workflows/all-${n}/enabled`, { enabled: true })).status).toBe(200)
  }
  let sent = 0
  for (const { name, examples } of published)
    for (const example of examples) {
      const body = JSON.stringify(example)
      const came = await send('', 'POST', made.body.connection.url, {
        body,
        headers: {
          'content-type': 'application/json',
          'x-github-event': name,
          'x-github-delivery': `published-${++sent}`,
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
      })
      expect(came.status, name).toBe(202)
    }
  expect(sent).toBeGreaterThan(250)
  const rows = await vi.waitFor(
    async () => {
      const { rows: some } = await inWorkspace(plane.context.db, acme.id, (tx) =>
        tx.query<{ id: string; state: string; problem: string | null; matched: boolean }>(
          `select provider_id as id, state, problem, coalesce(cardinality(runs), 0) > 0 as matched from vp.deliveries where workspace = $1 and tool = 'github'`,
          [acme.id],
        ),
      )
      expect(some.filter((one) => one.state === 'stored')).toEqual([])
      return some
    },
    { timeout: 120_000, interval: 200 },
  )
  expect(rows).toHaveLength(sent)
  expect(rows.filter(({ state }) => state === 'set_aside' || state === 'failed')).toEqual([])
  for (const row of rows.filter(({ state }) => state !== 'processed')) expect(row.problem, row.id).toBeTruthy()
  // It is no test of refusals alone.
  expect(rows.filter(({ matched }) => matched).length).toBeGreaterThan(10)
})
