/** A repository whose name was given up and taken by another one: what webhooks say of it, and what asking finds. With a whole control plane. */
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { viewportOf } from '../../test/cli.ts'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from './github/testing/emulated.ts'
import { sendSigned } from './github/testing/signed.ts'
import { emulatedGitLab, tokens as labTokens } from './gitlab/testing/emulated.ts'

const hub = await emulatedGitHub()
const lab = await emulatedGitLab()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
const acme = await workspace('acme', ['payments'])
await acme.person('lead', { teams: ['payments'] })
const sam = await acme.person('sam', { teams: ['payments'] })
await pairedRunner(db, acme.id)
const { host } = new URL(hub.url)
await acme.admin.post(`/api/people/${sam.id}/accounts`, { account: `github:${host}/${hub.ids.sam}`, name: 'sam' })
await acme.admin.post('/api/repositories', {
  name: 'acme/shop',
  url: `https://${host}/acme/shop.git`,
  defaultBranch: 'main',
})
const values = { base: hub.url, token: tokens.us, webhook_secret: secret, repos: 'acme/shop' }
const made = (await acme.admin.post('/api/connections', { tool: 'github', name: 'github', values })).body.connection
await acme.admin.post('/api/workflows', {
  source:
    'name: look\nteam: payments\ntrigger:\n  github: { event: issue_opened, started_by: [members] }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: read, agent: sample, mode: read, prompt: Look }]\n',
})
await acme.admin.put('/api/workflows/look/enabled', { enabled: true })
const real = await hub.ask('GET', '/repos/acme/shop')

/** A webhook about a new issue of a repository of this name and number. */
const opened = async (repository: object) => {
  const issue = await hub.ask('POST', '/repos/acme/shop/issues', { title: 'A bug', body: 'x' }, tokens.sam)
  const delivery = await sendSigned(made.url, secret, 'issues', {
    action: 'opened',
    issue,
    repository,
    sender: issue.user,
  })
  return vi.waitFor(
    async () => {
      const { body } = await acme.admin.get(`/api/deliveries/${delivery}`)
      expect(body.state).not.toBe('stored')
      return body as { problem: string | null; runs: object[]; verdict: string }
    },
    { timeout: 20_000, interval: 30 },
  )
}

test(
  'another repository under the same name is believed in nothing, until an admin says that it is meant; saving the connection forgets nothing',
  { timeout: 60_000 },
  async () => {
    expect((await opened(real)).runs).toHaveLength(1)
    const impostor = { ...real, id: real.id + 1 }
    const no = await opened(impostor)
    expect(no.runs).toEqual([])
    expect(no.problem).toContain(
      `acme/shop is another repository than before (number ${real.id + 1}, it was ${real.id})`,
    )
    // In another case it is the same name.
    expect((await opened({ ...impostor, full_name: 'Acme/Shop' })).runs).toEqual([])
    // The same one under a new name is itself.
    expect((await opened({ ...real, full_name: 'acme/store' })).problem ?? '').not.toContain('another')
    const change = async (body: object) => (await acme.admin.put(`/api/connections/${made.id}`, body)).body
    expect((await change({ values: { repos: 'acme/shop' } })).connection.knows).toBeGreaterThan(0)
    expect((await opened(impostor)).problem).toContain(`--forget acme/shop`)
    expect((await change({ values: {}, forget: ['acme/nowhere'] })).detail).toContain(
      'the connection knows no number of "acme/nowhere"; it knows acme/shop',
    )
    const viewport = await viewportOf(acme.admin)
    expect(await viewport('connections', 'change', made.id, '--forget', 'Acme/Shop')).toMatchObject({ code: 0 })
    expect((await opened(impostor)).problem ?? '').not.toContain('another repository')
    expect((await opened(real)).problem).toContain('another repository')
    await change({ values: {}, forget: ['acme/shop'] })
    // At another address the same numbers mean nothing.
    expect((await opened(real)).problem ?? '').not.toContain('another repository')
    const moved = { ...values, base: `${hub.url}/api/v3/..`.replace('/api/v3/..', '/') }
    expect((await change({ values: moved })).connection.knows).toBe(0)
    await change({ values })
  },
)

test.each([
  ['github', () => made.id as string, 'acme/shop'],
  [
    'gitlab',
    async () =>
      (
        await acme.admin.post('/api/connections', {
          tool: 'gitlab',
          name: 'gitlab',
          values: { base: lab.url, token: labTokens.us, projects: 'acme/shop' },
        })
      ).body.connection.id as string,
    'acme/shop',
  ],
])(
  'asking %s keeps the number too, and tells nothing of another one',
  { timeout: 60_000 },
  async (_, connect, name) => {
    const id = await connect()
    const asked = () =>
      inWorkspace(db, acme.id, async (tx) => {
        await tx.query('update vp.polls set next_at = 0 where workspace = $1 and connection = $2', [tx.workspace, id])
      })
    const poll = async (): Promise<{ problem: string | null; places: Record<string, string> }> =>
      inWorkspace(
        db,
        acme.id,
        async (tx) =>
          (
            await tx.query<{ problem: string | null; places: Record<string, string> }>(
              'select p.problem, c.places from vp.polls p join vp.connections c using (workspace, connection) where p.workspace = $1 and p.connection = $2',
              [tx.workspace, id],
            )
          ).rows[0]!,
      )
    await asked()
    await vi.waitFor(async () => expect((await poll()).places[name]).toMatch(/^\d+$/), {
      timeout: 20_000,
      interval: 50,
    })
    await inWorkspace(db, acme.id, (tx) =>
      tx.query(
        `update vp.connections set places = jsonb_build_object($3::text, '4711') where workspace = $1 and connection = $2`,
        [tx.workspace, id, name],
      ),
    )
    await asked()
    await vi.waitFor(async () => expect((await poll()).problem).toContain('is another repository than before'), {
      timeout: 20_000,
      interval: 50,
    })
  },
)
