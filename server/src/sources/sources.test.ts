import { describe, expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { inWorkspace } from '../database/tenant.ts'

const { plane, workspace, url } = await testPlane()
let count = 0
const acme = await workspace('acme')

test('the list says when each address last took a delivery', async () => {
  const make = async (name: string) => (await acme.admin.post('/api/sources', { name })).body
  const [busy] = [await make('Busy'), await make('Quiet')]
  const lastTimes = async () =>
    (await acme.admin.get('/api/sources')).body.sources.map((one: { name: string; lastAt: number | null }) => [
      one.name,
      one.lastAt,
    ])
  expect(await lastTimes()).toEqual([
    ['Busy', null],
    ['Quiet', null],
  ])
  for (const id of ['msg_1', 'msg_2'])
    expect(
      (await deliver(url, { url: busy.source.url, secret: busy.secret }, { type: 'bug.filed' }, { id })).status,
    ).toBe(202)
  const [newest] = (await acme.admin.get('/api/deliveries')).body.deliveries as { at: number }[]
  expect(await lastTimes()).toEqual([
    ['Busy', newest!.at],
    ['Quiet', null],
  ])
})

describe('for which accounts an address may speak', () => {
  const account = 'github:583231'
  const linked = async () => {
    const of = await workspace(`speaks-${++count}`, ['payments'])
    const kim = await of.person(`kim-${count}`, { teams: ['payments'] })
    // Some source must be let speak for them before they can be linked.
    await of.admin.post('/api/sources', { name: 'beside', accounts: ['tracker:'] })
    for (const one of [account, 'tracker:42', 'github:ghe.acme.dev/7'])
      expect((await of.admin.post(`/api/people/${kim.id}/accounts`, { account: one, name: 'Kim' })).status).toBe(204)
    return { of, kim }
  }
  const told = async (
    { of }: { of: Awaited<ReturnType<typeof workspace>> },
    { source, secret }: { source: { url: string }; secret: string },
    id: string,
  ) => {
    const came = await deliver(
      url,
      { url: source.url, secret },
      { type: 'bug', actor: { id, name: 'Kim' } },
      {
        id: `msg_${++count}`,
      },
    )
    return vi.waitFor(
      async () => {
        const { body } = await of.admin.get(`/api/deliveries/${came.body.delivery}`)
        expect(body.state).toBe('processed')
        return [body.eventRead.actor.trust, body.problem]
      },
      { timeout: 20_000, interval: 20 },
    )
  }

  test('a new one speaks for none: an account of a member in its words is nobody, and the report says how that is mended', async () => {
    const here = await linked()
    const { body: made } = await here.of.admin.post('/api/sources', { name: 'alerts' })
    expect(made.source.accounts).toEqual([])
    expect(await told(here, made, account)).toEqual([
      'unknown',
      `It says that ${account} did it, and alerts may speak for no account, so who did it cannot be told. An admin lets it: viewport sources change ${made.source.id} --account github:`,
    ])
    // Of an account that nobody linked nothing changes, and nothing is said.
    expect(await told(here, made, 'github:1')).toEqual(['unknown', null])
  })

  test('one that may speak for some speaks for these and no other, from the moment it was said', async () => {
    const here = await linked()
    const { body: made } = await here.of.admin.post('/api/sources', { name: 'tracker', accounts: ['tracker:'] })
    expect(await told(here, made, 'tracker:42')).toEqual(['member', null])
    expect(await told(here, made, account)).toEqual([
      'unknown',
      expect.stringContaining('tracker may speak for tracker: alone'),
    ])
    const at = `/api/sources/${made.source.id}`
    const changed = await here.of.admin.put(at, { accounts: ['github:ghe.acme.dev/'] })
    expect([changed.status, changed.body.accounts]).toEqual([200, ['github:ghe.acme.dev/']])
    expect((await told(here, made, 'tracker:42'))[0]).toBe('unknown')
    expect((await told(here, made, 'github:ghe.acme.dev/7'))[0]).toBe('member')
    expect((await told(here, made, account))[0]).toBe('unknown')
    const { rows } = await inWorkspace(plane.context.db, here.of.id, (tx) =>
      tx.query<{ text: string }>(
        `select text from vp.facts where workspace = $1 and run = $1 and type = 'source.changed'`,
        [here.of.id],
      ),
    )
    expect(rows.map(({ text }) => JSON.parse(text).data)).toEqual([
      { source: made.source.id, accounts: ['github:ghe.acme.dev/'] },
    ])
  })

  test('one of before speaks for any account as it did, and its list says so', async () => {
    const here = await linked()
    const { body: made } = await here.of.admin.post('/api/sources', { name: 'old' })
    await inWorkspace(plane.context.db, here.of.id, (tx) =>
      tx.query('update vp.sources set accounts = null where workspace = $1', [here.of.id]),
    )
    expect((await here.of.admin.get('/api/sources')).body.sources[0].accounts).toBeNull()
    expect(await told(here, made, account)).toEqual(['member', null])
  })

  test.each([['github'], ['github:5'], ['*'], [''], ['git hub:'], ['a:,b:']])(
    '%j is no beginning of accounts, and is refused in words',
    async (wrong) => {
      const { body } = await acme.admin.post('/api/sources', { name: `wrong ${wrong}`, accounts: [wrong] })
      expect([body.code, body.detail]).toEqual(['invalid', expect.stringContaining('ends with a colon or a slash')])
    },
  )

  test('a member may change none, and one that is not there is not', async () => {
    const { of, kim } = await linked()
    const { body: made } = await of.admin.post('/api/sources', { name: 'mine' })
    expect((await kim.put(`/api/sources/${made.source.id}`, { accounts: ['github:'] })).status).toBe(403)
    expect((await of.admin.put('/api/sources/src_none', { accounts: [] })).status).toBe(404)
  })
})
