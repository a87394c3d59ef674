// Ids of one workspace tried in another, on every route of the table. A route that is new fails here until it says what to try.
import { expect, test, vi } from 'vitest'
import { pathOf } from '@viewportai/core/api/client'
import type { Route } from '@viewportai/core/api/route'
import { routes, type RouteName } from '@viewportai/core/api/routes'
import { body, branch } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { atPlanGate, specFor, toChangeGate } from '../../test/story.ts'
import { act } from '../ledger/act.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const [acme, evil] = [await workspace('acme', ['payments']), await workspace('evil', ['payments'])]

const file =
  'name: fix-bug\nteam: payments\ntrigger: [manual, { webhook: { type: bug } }]\nrepos: [acme/shop]\napprovals: []\n'

/** One of everything in a workspace. */
const everything = async (of: typeof acme) => {
  const lead = await of.person(`lead-${of.admin.handle}`, { teams: ['payments'] })
  const runner = await pairedRunner(db, of.id, { name: `box-${of.admin.handle}` })
  const { body: look } = await of.admin.post('/api/looks', { runner, url: 'file:///srv/shop.git' })
  const { body: repository } = await of.admin.post('/api/repositories', {
    name: 'acme/shop',
    url: 'file:///srv/shop.git',
  })
  await of.admin.post('/api/workflows', { source: file })
  await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })
  const { body: source } = await of.admin.post('/api/sources', { name: 'bugs', accounts: ['tracker:'] })
  const { body: connected } = await of.admin.post('/api/connections', {
    tool: 'webhook',
    name: `target-of-${of.admin.handle}`,
    values: { url: 'https://hooks.acme.dev/x' },
  })
  const { body: delivered } = await deliver(
    url,
    { url: source.source.url, secret: source.secret },
    { type: 'bug', subject: { title: `Secret of ${of.admin.handle}` } },
  )
  await vi.waitFor(
    async () => expect((await of.admin.get(`/api/deliveries/${delivered.delivery}`)).body.state).toBe('processed'),
    { timeout: 20_000 },
  )
  await of.admin.post('/api/tokens', { name: 'mine', days: 1 })
  const account = `tracker:lead-of-${of.admin.handle}`
  await of.admin.post(`/api/people/${lead.id}/accounts`, { account, name: 'x' })
  const [token] = (await of.admin.get('/api/tokens')).body.tokens
  const open = await atPlanGate(db, of.id, specFor(of.admin))
  const done = await atPlanGate(db, of.id, specFor(of.admin))
  const approve = async () => {
    const gate = await done.gate()
    await act(db, {
      workspace: of.id,
      run: done.run,
      command: {
        do: 'decide',
        gate: gate.id,
        verdict: 'approve',
        digest: gate.digest,
        person: { id: lead.id, name: 'lead', principals: ['team:payments'], ownsRunner: false },
        via: { surface: 'web', auth: 'session' },
        comment: null,
        lines: [],
        answer: null,
      },
    })
  }
  await approve()
  await toChangeGate(done)
  await approve()
  const push = Object.values((await done.state()).intents)[0]!
  const by = { kind: 'runner', id: 'rnr_1', name: 'laptop' } as const
  for (const report of [
    { type: 'effect_started', intent: push.id, attempt: 1 } as const,
    {
      type: 'effect_succeeded',
      intent: push.id,
      attempt: 1,
      reconciled: false,
      receipt: {
        provider: 'git',
        id: 'x',
        url: null,
        observed: { ref: branch, commit: 'c'.repeat(40) },
        readBack: true,
      },
    } as const,
  ])
    await act(db, {
      workspace: of.id,
      run: done.run,
      command: { do: 'report', by, step: push.id, attempt: 1, epoch: 1, report },
    })
  const { change } = await done.state()
  if (!change) throw new Error('no change was opened')
  return {
    run: open.run,
    gate: (await open.gate()).id,
    digest: body('the plan').digest,
    change: change.id,
    intent: push.id,
    person: lead.id,
    account,
    token: token.id as string,
    repository: repository.id as string,
    source: source.source.id as string,
    connection: connected.connection.id as string,
    delivery: delivered.delivery as string,
    runner,
    look: look.id as string,
    workflow: 'fix-bug',
    step: 'plan',
    pairing: 'pair_00000000000000000000',
  }
}

/** A body that would be taken for ids of one's own. */
const bodies: Partial<Record<RouteName, object>> = {
  decide: { verdict: 'approve', digest: 'a'.repeat(64) },
  cancelRun: {},
  moveRun: { runner: null },
  mergeChange: { digest: 'a'.repeat(64) },
  abandonChange: { why: 'x' },
  reviewChange: { digest: 'a'.repeat(64), comment: 'x' },
  changePerson: { active: false },
  signInLink: {},
  linkAccount: { account: 'github:1', name: 'x' },
  enableWorkflow: { enabled: false },
  drainRunner: { drain: true },
  changeRunner: { pool: 'elsewhere' },
  changeRepository: { defaultBranch: 'elsewhere' },
  decidePairing: { verdict: 'refuse' },
  proposeChange: { workflow: 'fix-bug', wanted: 'match' },
  answerEffect: { choice: 'give_up', attempt: 1, text: 'x' },
  readDeliveryAgain: {},
  rehearse: { sample: 'manual.requested' },
  changeSource: { accounts: ['github:'] },
  rotateSource: {},
  rotateConnection: {},
  changeConnection: { values: { url: 'https://hooks.evil.dev/x' } },
}
/** A workflow's name is each workspace's own; what belongs to nobody yet has no owner to protect. */
const namedAlike: RouteName[] = ['workflow', 'enableWorkflow', 'rehearse']

const snapshot = async (of: string): Promise<string> =>
  db.asOwner(async (owner) => {
    await owner.query(`set vp.workspace = '${of}'`)
    const { rows } = await owner.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'vp' and c.relkind = 'r' and c.relrowsecurity and c.relname not in ('due', 'sessions') order by 1`,
    )
    const parts: string[] = []
    for (const { name } of rows) {
      // Why work waits is written beside it some seconds later, by the program itself.
      const row = name === 'work' ? `(to_jsonb(t) - 'why')::text` : 't::text'
      const found = await owner.query<{ row: string }>(`select ${row} as row from vp.${name} t order by 1`)
      parts.push(`${name}: ${found.rows.map((one) => one.row).join('\n')}`)
    }
    return parts.join('\n\n')
  })

const theirs = await everything(acme)
const own = await everything(evil)
const before = await snapshot(acme.id)
/** What a route must be asked with. */
const asks: Readonly<Record<string, string>> = { '/api/past-cost': '?agent=sample' }
const all = Object.entries(routes) as [RouteName, Route][]
const withIds = all.filter(([name, route]) => route.params && !namedAlike.includes(name))

test.each(withIds)('%s: ids of another workspace are not there', async (name, route) => {
  const params = Object.fromEntries(
    Object.keys(route.params!.shape).map((key) => [
      key,
      (theirs as Record<string, string>)[key] ?? `no value for ${key}`,
    ]),
  )
  expect(Object.values(params).filter((value) => value.startsWith('no value'))).toEqual([])
  if (route.body) expect(bodies[name], `a body for ${name}`).toBeDefined()
  const came = await evil.admin.call(route.method, pathOf(route, params), route.body ? bodies[name] : undefined)
  expect([404]).toContain(came.status)
  expect(['not_found', 'pairing_unknown']).toContain(came.body.code)
})

test.each(all.filter(([, route]) => route.method === 'GET' && !route.params && route.access !== 'public'))(
  '%s: nothing of another workspace is in it',
  async (_, route) => {
    const came = await evil.admin.get(`${route.path}${asks[route.path] ?? ''}`)
    expect(came.status).toBe(200)
    const text = JSON.stringify(came.body)
    for (const id of [
      acme.id,
      theirs.run,
      theirs.gate,
      theirs.change,
      theirs.person,
      theirs.account,
      theirs.token,
      theirs.source,
      theirs.connection,
      theirs.delivery,
      theirs.runner,
      acme.admin.id,
      'Secret of acme-admin',
      'box-acme-admin',
    ])
      expect(text).not.toContain(id)
  },
)

test('ids of another workspace inside a body are not there either', async () => {
  const asked = await evil.admin.post('/api/looks', { runner: theirs.runner, url: 'file:///srv/shop.git' })
  expect(asked.body.code).toBe('not_found')
  expect((await evil.admin.post(`/api/runs/${own.run}/moves`, { runner: theirs.runner })).body.code).toBe('not_found')
  const mine = (await evil.admin.get('/api/runs/1')).body
  expect(mine.run).not.toBe(theirs.run)
})

test('the same calls with own ids are answered, so the ids were what was refused', async () => {
  for (const [name, route] of withIds.filter(
    ([name, route]) => route.method === 'GET' && route.answer !== 'bytes' && name !== 'packet',
  )) {
    const params = Object.fromEntries(
      Object.keys(route.params!.shape).map((key) => [key, (own as Record<string, string>)[key]]),
    )
    expect((await evil.admin.get(pathOf(route, params))).status, name).toBe(200)
  }
})

test('and nothing of the other workspace has changed', async () => {
  expect(await snapshot(acme.id)).toBe(before)
})

test('every route asks who is there', async () => {
  for (const [name, route] of all.filter(([, one]) => one.access !== 'public')) {
    const params = route.params
      ? Object.fromEntries(Object.keys(route.params.shape).map((key) => [key, (own as Record<string, string>)[key]]))
      : {}
    const answer = await fetch(url + pathOf(route, params), {
      method: route.method,
      ...(route.body ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}),
    })
    expect(answer.status, name).toBe(401)
  }
})

test('every admin route refuses a member', async () => {
  const member = await evil.person('plain-member')
  for (const [name, route] of all.filter(([, one]) => one.access === 'admin')) {
    const params = route.params
      ? Object.fromEntries(Object.keys(route.params.shape).map((key) => [key, (own as Record<string, string>)[key]]))
      : {}
    const came = await member.call(route.method, pathOf(route, params), route.body ? {} : undefined)
    expect(came.body.code, name).toBe('not_allowed')
  }
})
