import { describe, expect, test, vi } from 'vitest'
import { planned, started } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { send, testPlane, type TestWorkspace } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act } from '../ledger/act.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
let count = 0

/** A workspace with a runner, a repository, a source and this workflow, enabled. */
const ready = async (file: string) => {
  const of = await workspace(`w${++count}`, ['payments', 'support'])
  const lead = await of.person(`lead${count}`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', {
    name: 'acme/shop',
    url: 'https://git.acme.dev/acme/shop.git',
    defaultBranch: 'trunk',
  })
  const { body: made } = await of.admin.post('/api/sources', { name: 'bugs', accounts: ['tracker:'] })
  const saved = await of.admin.post('/api/workflows', { source: file })
  expect(saved.body.missing ?? saved.body).toEqual([])
  const { body } = await of.admin.put(`/api/workflows/${saved.body.name}/enabled`, { enabled: true })
  expect(body.enabled).toBe(true)
  return {
    of,
    lead,
    name: saved.body.name as string,
    source: { url: made.source.url as string, secret: made.secret as string },
  }
}
const workflow = (more = '', trigger = 'webhook: { type: bug }') =>
  `name: fix-bug\nteam: payments\ntrigger:\n  ${trigger}\nrepos: [acme/shop]\n${more}`
type Ready = Awaited<ReturnType<typeof ready>>
const whyOf = (of: TestWorkspace, delivery: string) =>
  vi.waitFor(
    async () => {
      const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
      expect(body.state).not.toBe('stored')
      return body
    },
    { timeout: 20_000, interval: 20 },
  )
const delivered = async ({ of, source }: Ready, payload: unknown) =>
  whyOf(of, (await deliver(url, source, payload)).body.delivery)
const runOf = async (of: TestWorkspace, run: string | number) => (await of.admin.get(`/api/runs/${run}`)).body
const specOf = async (of: TestWorkspace, run: string) =>
  (
    await inWorkspace(db, of.id, (tx) =>
      tx.query('select spec from vp.runs where workspace = $1 and run = $2', [of.id, run]),
    )
  ).rows[0]!.spec

describe('a delivery', () => {
  test('in the documented form starts the workflow that listens, with everything pinned, and says why', async () => {
    const here = await ready(workflow())
    const why = await delivered(here, {
      event: 'bug',
      subject: { label: 'BUG-7', title: 'Prices are wrong', url: 'https://bugs.acme.dev/7' },
      text: 'One cent too much.',
      fields: { team: 'Payments', labels: ['bug', 'money'] },
    })
    expect(why).toMatchObject({
      state: 'processed',
      source: 'bugs',
      tool: 'webhook',
      event: 'bug',
      title: 'Prices are wrong',
      matched: 1,
      verdict: 'fix-bug started run 1.',
      runs: [{ number: 1, workflow: 'fix-bug' }],
      problem: null,
    })
    expect(why.eventRead).toMatchObject({
      event: 'received',
      subject: { label: 'BUG-7', url: 'https://bugs.acme.dev/7' },
      fields: { source: 'bugs', type: 'bug', 'data.team': 'Payments', 'data.labels': ['bug', 'money'] },
      actor: { trust: 'source', person: null },
      outsideText: true,
    })
    expect(why.lines).toEqual([
      expect.objectContaining({
        name: 'fix-bug',
        matched: true,
        run: why.runs[0].run,
        actor: { pass: true, why: 'the source itself (an admin set it up) may start it' },
      }),
    ])
    const spec = await specOf(here.of, why.runs[0].run)
    expect(spec).toMatchObject({
      pins: {
        repos: [
          { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git', ref: 'refs/heads/trunk', commit: null },
        ],
        agents: { plan: 'sample', implement: 'sample' },
        people: { payments: [here.lead.id] },
        pool: 'local',
      },
      requester: { person: null, name: 'bugs' },
      bodies: 'edge',
      sample: false,
    })
    expect(spec.branch).toMatch(/^refs\/heads\/vp\/prices-are-wrong-[0-9a-f]{6}$/)
    expect(await runOf(here.of, 1)).toMatchObject({
      tainted: true,
      source: 'BUG-7',
      delivery: why.id,
      workflowVersion: 1,
    })
  })

  test('in the form of Standard Webhooks is read from its data', async () => {
    const here = await ready(workflow())
    const why = await delivered(here, {
      type: 'bug',
      timestamp: '2026-11-22T15:00:00Z',
      data: { key: 'PAY-1', title: 'Charged twice', description: 'Again.', nested: { deep: { flag: true } } },
    })
    expect(why.eventRead).toMatchObject({
      subject: { label: 'PAY-1', title: 'Charged twice' },
      text: 'Again.',
      fields: { 'data.nested.deep.flag': true },
    })
    expect(why.matched).toBe(1)
  })

  test('that nearly matched names the one condition; one nobody listens to says so', async () => {
    const here = await ready(workflow())
    const near = await delivered(here, { type: 'feature' })
    expect(near).toMatchObject({ matched: 0, verdict: 'Nothing started; fix-bug nearly did.', runs: [] })
    expect(near.lines[0]).toMatchObject({
      matched: false,
      near: true,
      why: 'Only one condition fails: type should be bug, and is feature.',
    })
    expect(near.lines[0].conditions).toContainEqual({
      field: 'type',
      expected: 'bug',
      found: 'feature',
      pass: false,
      why: null,
    })
  })

  test("of somebody nobody knows starts nothing; of a linked account it is theirs; of one who left it is nobody's", async () => {
    const here = await ready(workflow())
    const by = { id: 'tracker:42', name: '@lead1 (admin)' }
    const stranger = await delivered(here, { type: 'bug', actor: by })
    expect(stranger).toMatchObject({ matched: 0, runs: [] })
    expect(stranger.lines[0].actor).toEqual({ pass: false, why: 'who did it cannot be told' })
    expect(
      (
        await here.of.admin.post(`/api/people/${here.lead.id}/accounts`, {
          account: 'tracker:42',
          name: 'lead at the tracker',
        })
      ).status,
    ).toBe(204)
    const member = await delivered(here, { type: 'bug', actor: by })
    expect(member).toMatchObject({
      matched: 1,
      eventRead: { actor: { trust: 'member', person: here.lead.id, teams: ['payments'] }, outsideText: false },
    })
    expect(await runOf(here.of, 1)).toMatchObject({ tainted: false, requester: `@${here.lead.handle}` })
    await here.of.admin.put(`/api/people/${here.lead.id}`, { active: false })
    expect(await delivered(here, { type: 'bug', actor: by })).toMatchObject({
      matched: 0,
      eventRead: { actor: { trust: 'unknown', person: null } },
    })
  })

  test('is snapshotted: hostile text stays data, and links are of the web', async () => {
    const here = await ready(workflow())
    const text = '<script>alert(1)</script> \u202e {{ run.id }} \ud800 \0'
    const why = await delivered(here, {
      type: 'bug',
      subject: { title: `T ${text}`, label: text, url: 'javascript:alert(1)' },
      text,
      constructor: { prototype: {} },
      data: { 'a b': 1, ['x'.repeat(200)]: 1 },
    })
    expect(why.eventRead.subject.url).toBeNull()
    expect(why.eventRead.text).toBe(text.toWellFormed())
    expect(why).toMatchObject({ state: 'processed', matched: 1 })
    expect(Object.keys(why.eventRead.fields).sort()).toEqual(['source', 'text', 'title', 'type'])
  })

  test('without a title has one all the same, on the board, in the inbox of runs and in the list of deliveries', async () => {
    const here = await ready(workflow())
    const titled = async (subject: object, text = '') => {
      const why = await delivered(here, { type: 'bug', subject, text })
      const run = await runOf(here.of, why.runs[0].number)
      const { rows } = (await here.of.admin.get('/api/board')).body
      const row = rows.find((one: { run: string }) => one.run === why.runs[0].run)
      expect([run.title, row.title, row.source]).toEqual([why.title, why.title, run.source])
      return [why.title, run.source]
    }
    expect(await titled({ title: ' ', label: '' }, 'Charged twice.\nAgain.')).toEqual(['Charged twice.', 'A webhook'])
    expect(await titled({ title: '', label: ' \n ' })).toEqual(['A webhook: received', 'A webhook'])
    expect(await titled({ title: 'a\u202eb\nc', label: 'BUG-7' })).toEqual(['a⟨U+202E⟩b c', 'BUG-7'])
  })

  test('whose text is longer than a run takes is refused in words, and the next one goes on', async () => {
    const here = await ready(workflow())
    const long = await delivered(here, { type: 'bug', text: 'x'.repeat(200_001) })
    expect(long).toMatchObject({
      state: 'refused',
      problem: 'Its text has 200,001 characters; 200,000 are taken.'.replace('200,001', '200001'),
      runs: [],
    })
    expect(await delivered(here, { type: 'bug' })).toMatchObject({ matched: 1 })
  })

  test('with a number beyond every number starts its run without that value, and says so', async () => {
    const here = await ready(workflow())
    const { body } = await deliver(url, here.source, null, {
      body: '{"type":"bug","data":{"sum":1e999,"list":[1,-1e999,"x"],"fine":1e99}}',
    })
    const why = await whyOf(here.of, body.delivery)
    expect(why).toMatchObject({
      state: 'processed',
      matched: 1,
      problem: 'These fields hold numbers that no program here can read, and were taken as empty: data.sum, data.list.',
      runs: [{ number: 1 }],
    })
    expect((await specOf(here.of, why.runs[0].run)).event.fields).toMatchObject({
      'data.sum': null,
      'data.list': [1, 'x'],
      'data.fine': 1e99,
    })
  })

  test('that cannot be worked on is set aside, and the batch around it goes on', async () => {
    const here = await ready(workflow())
    await inWorkspace(db, here.of.id, (tx) =>
      tx.query(
        `insert into vp.deliveries (workspace, delivery, source, provider_id, own_body) values ($1, 'dlv_broken', 'src_x', 'x', 'no json')`,
        [here.of.id],
      ),
    )
    const after = await Promise.all(Array.from({ length: 5 }, () => delivered(here, { type: 'bug' })))
    expect(after.map((one) => one.matched)).toEqual([1, 1, 1, 1, 1])
    expect(await whyOf(here.of, 'dlv_broken')).toMatchObject({
      state: 'failed',
      problem: 'It could not be worked on; the log of the server says why.',
    })
  })

  test('explained without being delivered starts nothing', async () => {
    const here = await ready(workflow())
    const why = await delivered(here, { type: 'bug' })
    const { body } = await here.of.admin.post('/api/matches', {
      event: { ...why.eventRead, fields: { ...why.eventRead.fields, type: 'other' } },
    })
    expect(body.lines[0]).toMatchObject({ matched: false, near: true })
    expect((await here.of.admin.get('/api/runs')).body.rows).toHaveLength(1)
  })
})

describe('a limit on runs of one kind', () => {
  const limited = (when: string) =>
    ready(workflow(`concurrency: { key: "{{ trigger.label }}", limit: 1, when_full: ${when} }\n`))
  const bug = (label: string, title: string, more = {}) => ({ type: 'bug', subject: { label, title }, ...more })
  const end = async (of: TestWorkspace, number: number) =>
    expect((await of.admin.post(`/api/runs/${number}/cancellation`, { reason: 'enough' })).status).toBe(202)
  const titles = async (of: TestWorkspace, state?: string) =>
    (await of.admin.get(`/api/runs${state ? `?state=${state}` : ''}`)).body.rows
      .map((row: { title: string }) => row.title)
      .sort()

  test('queue: a second one waits, another key does not, and its turn comes when the first has ended', async () => {
    const here = await limited('queue')
    await delivered(here, bug('A', 'first'))
    const second = await delivered(here, bug('A', 'second'))
    expect(second).toMatchObject({ matched: 1, runs: [], verdict: 'fix-bug waits for its turn.' })
    expect(await delivered(here, bug('B', 'other'))).toMatchObject({ runs: [{ number: 2 }] })
    await end(here.of, 1)
    await vi.waitFor(async () => expect(await titles(here.of)).toEqual(['first', 'other', 'second']), {
      timeout: 20_000,
    })
    expect((await here.of.admin.get(`/api/deliveries/${second.id}`)).body).toMatchObject({
      verdict: 'fix-bug started run 3.',
      runs: [{ number: 3 }],
    })
  })

  test('forty at once for one key start one, whoever takes them in; the others follow one by one', async () => {
    const here = await limited('queue')
    await Promise.all(Array.from({ length: 40 }, (_, n) => delivered(here, bug('A', `n${n}`))))
    expect(await titles(here.of)).toHaveLength(1)
    await end(here.of, 1)
    await vi.waitFor(async () => expect(await titles(here.of)).toHaveLength(2), { timeout: 20_000 })
    expect(await titles(here.of, 'running')).toHaveLength(1)
  })

  test('skip: a second one is not started, and says so', async () => {
    const here = await limited('skip')
    await delivered(here, bug('A', 'first'))
    expect(await delivered(here, bug('A', 'second'))).toMatchObject({
      runs: [],
      verdict: 'fix-bug was skipped: enough runs of it go on.',
    })
  })

  test('replace: the oldest is stopped and the newest goes on', async () => {
    const here = await limited('replace')
    await delivered(here, bug('A', 'first'))
    expect(await delivered(here, bug('A', 'second'))).toMatchObject({ runs: [{ number: 2 }] })
    expect(await runOf(here.of, 1)).toMatchObject({ outcome: 'cancelled' })
  })

  test('replace: of many at once, while one takes time to stop, the newest waits and each other says that it was replaced', async () => {
    const here = await limited('replace')
    const first = await delivered(here, bug('A', 'first'))
    await new Story(db, here.of.id, first.runs[0].run).report('plan', started) // a runner has it in hand
    await Promise.all(Array.from({ length: 8 }, (_, n) => delivered(here, bug('A', `n${n}`))))
    const { deliveries } = (await here.of.admin.get('/api/deliveries')).body
    const verdicts: string[] = deliveries.slice(0, 8).map((one: { verdict: string }) => one.verdict)
    expect(verdicts.filter((verdict) => verdict === 'fix-bug waits for its turn.')).toHaveLength(1)
    const dropped = 'fix-bug did not start: a newer event (A) replaced it while it waited.'
    expect(verdicts.filter((verdict) => verdict === dropped)).toHaveLength(7)
  })

  test('a start that waited is dropped when its author may not start it any more', async () => {
    const here = await limited('queue')
    await here.of.admin.post(`/api/people/${here.lead.id}/accounts`, { account: 'tracker:42', name: 'lead' })
    await delivered(here, bug('A', 'first'))
    const second = await delivered(here, bug('A', 'second', { actor: { id: 'tracker:42', name: 'lead' } }))
    await here.of.admin.put(`/api/people/${here.lead.id}`, { active: false })
    await end(here.of, 1)
    const told = await vi.waitFor(
      async () => {
        const { body } = await here.of.admin.get(`/api/deliveries/${second.id}`)
        expect(body.verdict).not.toContain('waits')
        return body
      },
      { timeout: 20_000 },
    )
    expect(told).toMatchObject({ verdict: 'fix-bug did not start: outsiders may not start it.', runs: [] })
    const { rows } = await inWorkspace(db, here.of.id, (tx) =>
      tx.query<{ text: string }>(
        `select text from vp.facts where workspace = $1 and run = $1 and type = 'refusal.recorded'`,
        [here.of.id],
      ),
    )
    expect(JSON.parse(rows[0]!.text).data.about).toMatchObject({ delivery: second.id })
  })

  test('a start that waited is dropped when the account that did it is not that person any more', async () => {
    const here = await limited('queue')
    const { id } = here.lead
    const account = 'tracker:acme.dev/42'
    await here.of.admin.post(`/api/people/${id}/accounts`, { account, name: 'lead' })
    await delivered(here, bug('A', 'first'))
    const second = await delivered(here, bug('A', 'second', { actor: { id: account, name: 'lead' } }))
    const wrong = await here.of.admin.del(`/api/people/${id}/accounts/${encodeURIComponent('tracker:acme.dev/43')}`)
    expect(wrong.status).toBe(404)
    const gone = await here.of.admin.del(`/api/people/${id}/accounts/${encodeURIComponent(account)}`)
    expect(gone.status).toBe(204)
    await end(here.of, 1)
    await vi.waitFor(
      async () =>
        expect((await here.of.admin.get(`/api/deliveries/${second.id}`)).body).toMatchObject({
          verdict: 'fix-bug did not start: who did it cannot be told.',
          runs: [],
        }),
      { timeout: 20_000 },
    )
  })

  test('replace: one that waited says that a newer one took its place', async () => {
    const here = await limited('queue')
    await delivered(here, bug('A', 'first'))
    const second = await delivered(here, bug('A', 'second'))
    const file = workflow('concurrency: { key: "{{ trigger.label }}", limit: 1, when_full: replace }\n')
    expect((await here.of.admin.post('/api/workflows', { source: file })).status).toBe(201)
    expect(await delivered(here, bug('A', 'third'))).toMatchObject({ runs: [{ number: 2 }] })
    expect((await here.of.admin.get(`/api/deliveries/${second.id}`)).body).toMatchObject({
      verdict: 'fix-bug did not start: a newer event (A) replaced it while it waited.',
      runs: [],
    })
  })

  describe('a start that waited does not begin', () => {
    const waiting = async () => {
      const here = await limited('queue')
      await delivered(here, bug('A', 'first'))
      const second = await delivered(here, bug('A', 'second'))
      expect(second.verdict).toBe('fix-bug waits for its turn.')
      return { here, of: second.id as string }
    }
    const enable = async ({ of }: Ready, enabled: boolean) =>
      expect((await of.admin.put('/api/workflows/fix-bug/enabled', { enabled })).body.enabled).toBe(enabled)
    const told = async (here: Ready, delivery: string) =>
      (await here.of.admin.get(`/api/deliveries/${delivery}`)).body as object

    test('once its workflow is disabled, and also not when it is enabled again', async () => {
      const { here, of } = await waiting()
      await enable(here, false)
      const words = { verdict: 'fix-bug did not start: it was disabled while this waited for its turn.', runs: [] }
      expect(await told(here, of)).toMatchObject(words)
      await enable(here, true)
      await end(here.of, 1)
      // What comes after it has its turn, so the one before would have had it.
      await delivered(here, bug('A', 'third'))
      await vi.waitFor(async () => expect(await titles(here.of)).toEqual(['first', 'third']), { timeout: 20_000 })
      expect(await told(here, of)).toMatchObject(words)
    })

    test('where it was put into the queue at the moment in which it was disabled', async () => {
      const { here, of } = await waiting()
      await inWorkspace(db, here.of.id, (tx) =>
        tx.query('update vp.workflows set enabled = false where workspace = $1', [here.of.id]),
      )
      await end(here.of, 1)
      await vi.waitFor(
        async () =>
          expect(await told(here, of)).toMatchObject({
            verdict: 'fix-bug did not start: it is not enabled any more.',
            runs: [],
          }),
        { timeout: 20_000 },
      )
    })
  })

  test('a person who starts it by hand is told', async () => {
    const here = await ready(`name: fix-bug\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\nconcurrency: 1\n`)
    expect((await here.lead.post('/api/runs', { workflow: 'fix-bug', title: 'one' })).status).toBe(201)
    expect((await here.lead.post('/api/runs', { workflow: 'fix-bug', title: 'two' })).body).toMatchObject({
      code: 'limit_reached',
      status: 409,
    })
    expect((await here.of.admin.get('/api/deliveries')).body.deliveries).toHaveLength(1)
  })
})

describe('by hand', () => {
  const manual = `name: fix-bug\nteam: payments\ntrigger:\n  manual: { started_by: [team:payments], inputs: { ticket: { type: string, required: true }, tries: { type: number, default: 2 } } }\nrepos: [acme/shop]\n`

  test('a person starts it once per request id, with inputs, and it leaves a delivery', async () => {
    const here = await ready(manual)
    const start = (request: string | null) =>
      here.lead.post('/api/runs', {
        workflow: 'fix-bug',
        title: 'Do it',
        text: 'Now.',
        inputs: { ticket: 'PAY-1' },
        request,
      })
    const [one, again] = [await start('r1'), await start('r1')]
    expect(one.status).toBe(201)
    expect(again.body).toEqual(one.body)
    expect((await start(null)).body.number).toBe(2)
    const spec = await specOf(here.of, one.body.run)
    expect(spec).toMatchObject({
      inputs: { ticket: 'PAY-1', tries: 2 },
      requester: { person: here.lead.id },
      event: { tool: 'manual', event: 'requested', text: 'Now.' },
    })
    expect((await here.of.admin.get(`/api/deliveries/${one.body.delivery}`)).body).toMatchObject({
      source: 'by hand',
      tool: 'manual',
      state: 'processed',
      repeats: 1,
      matched: 1,
    })
  })

  test.each([
    ['a program', 'some-program/1', 'api', { why: 'nightly' }, 201],
    ['the command line', 'viewport/0.1.0', 'manual', { ticket: 'PAY-1' }, 201],
    ['the inputs of another trigger', 'some-program/1', 'api', { ticket: 'PAY-1' }, 422],
  ])('manual and api beside each other: %s', async (_who, agent, tool, inputs, status) => {
    const here = await ready(
      `name: fix-bug\nteam: payments\ntrigger:\n  - manual: { started_by: [team:payments], inputs: { ticket: { type: string, required: true } } }\n  - api: { started_by: [team:payments], inputs: { why: { type: string, required: true } } }\nrepos: [acme/shop]\n`,
    )
    const { body: made } = await here.lead.post('/api/tokens', { name: 'a program', days: 1 })
    const came = await send(url, 'POST', '/api/runs', {
      body: { workflow: 'fix-bug', title: 'Do it', text: 'Now.', inputs, request: null },
      headers: { authorization: `Bearer ${made.token}`, 'user-agent': agent },
    })
    expect(came.status).toBe(status)
    if (status !== 201) return
    expect(await specOf(here.of, came.body.run)).toMatchObject({ inputs, event: { tool } })
    expect((await here.of.admin.get(`/api/deliveries/${came.body.delivery}`)).body.source).toBe(
      tool === 'api' ? 'by a program' : 'by hand',
    )
    // A person in the web app is asked for the inputs of `manual`.
    const web = { workflow: 'fix-bug', title: 'Do it', text: 'Now.', inputs: { ticket: 'PAY-2' }, request: null }
    const byPerson = await here.lead.post('/api/runs', web)
    expect(await specOf(here.of, byPerson.body.run)).toMatchObject({ event: { tool: 'manual' } })
  })

  test('and ten of the same request at once are one run', async () => {
    const here = await ready(manual)
    const came = await Promise.all(
      Array.from({ length: 10 }, () =>
        here.lead.post('/api/runs', { workflow: 'fix-bug', title: 'Do it', inputs: { ticket: 'x' }, request: 'same' }),
      ),
    )
    expect(new Set(came.map((one) => `${one.status} ${one.body.run}`)).size).toBe(1)
  })

  test.each([
    ['who is not admitted', async ({ of }: Ready) => of.admin, { inputs: { ticket: 'x' } }, 'not_allowed'],
    ['an input is missing', async ({ lead }: Ready) => lead, {}, 'invalid'],
    ['an input is of another type', async ({ lead }: Ready) => lead, { inputs: { ticket: true } }, 'invalid'],
    [
      'an input is not asked for',
      async ({ lead }: Ready) => lead,
      { inputs: { ticket: 'x', __proto: 'x' } },
      'invalid',
    ],
    ['there is no such workflow', async ({ lead }: Ready) => lead, { workflow: 'other' }, 'not_found'],
  ])('not when %s', async (_, who, more, code) => {
    const here = await ready(manual)
    expect(
      (await (await who(here)).post('/api/runs', { workflow: 'fix-bug', title: 'Do it', ...more })).body.code,
    ).toBe(code)
    expect((await here.of.admin.get('/api/deliveries')).body.deliveries).toEqual([])
  })

  test('texts are read as the type the input declares, as a command line and a form give them', async () => {
    const here = await ready(manual)
    const started = async (inputs: object) =>
      (
        await specOf(
          here.of,
          (await here.lead.post('/api/runs', { workflow: 'fix-bug', title: 'Do it', inputs })).body.run,
        )
      ).inputs
    expect(await started({ ticket: 'PAY-1', tries: '3' })).toEqual({ ticket: 'PAY-1', tries: 3 })
    expect(await started({ ticket: 7 })).toEqual({ ticket: '7', tries: 2 })
    expect(await started({ ticket: 'PAY-1', tries: '' })).toEqual({ ticket: 'PAY-1', tries: 2 }) // as if it were not there
  })

  test('every input that is wrong is named at once, and what was probably meant', async () => {
    const here = await ready(manual)
    const inputs = { tries: 'many', tikcet: 'PAY-1', colour: 'red' }
    expect((await here.lead.post('/api/runs', { workflow: 'fix-bug', title: 'Do it', inputs })).body).toMatchObject({
      status: 422,
      code: 'invalid',
      detail: expect.stringContaining('(and 3 more)'),
      errors: [
        { path: 'body.inputs.tikcet', message: 'there is no such input; did you mean ticket?' },
        { path: 'body.inputs.colour', message: 'there is no such input; there are ticket, tries' },
        { path: 'body.inputs.ticket', message: 'it is required' },
        { path: 'body.inputs.tries', message: 'it is not a number' },
      ],
    })
  })

  test('not while it is disabled, not when something is missing now, not without a manual trigger', async () => {
    const here = await ready(manual)
    const start = () => here.lead.post('/api/runs', { workflow: 'fix-bug', title: 'Do it', inputs: { ticket: 'x' } })
    await inWorkspace(db, here.of.id, (tx) =>
      tx.query('update vp.runners set online = false where workspace = $1', [here.of.id]),
    )
    const notReady = (await start()).body
    expect(notReady).toMatchObject({
      code: 'not_ready',
      facts: { list: [{ kind: 'runner', name: 'local', why: 'laptop is away', fix: { label: 'Start the runner' } }] },
    })
    await here.of.admin.put('/api/workflows/fix-bug/enabled', { enabled: false })
    expect((await start()).body.code).toBe('not_enabled')
    const other = await ready(workflow())
    expect((await other.lead.post('/api/runs', { workflow: 'fix-bug', title: 'Do it' })).body).toMatchObject({
      code: 'run_spec_invalid',
    })
  })
})

test('who asked may not vote while somebody else could, whichever way the approvers are named', async () => {
  const manual = (approvers: string) =>
    `name: fix-bug\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\napprovals: [plan_review: { approvers: [${approvers}] }]\n`
  const excluded = async (approvers: string, more: (of: TestWorkspace) => Promise<unknown> = async () => {}) => {
    const of = await workspace(`v${++count}`, ['payments'])
    const dana = await of.person('dana', { teams: ['payments'] })
    await more(of)
    await pairedRunner(db, of.id)
    await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'file:///srv/shop.git' })
    await of.admin.post('/api/workflows', { source: manual(approvers) })
    await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })
    const { body } = await dana.post('/api/runs', { workflow: 'fix-bug', title: 'Do it' })
    const story = await new Story(db, of.id, body.run).finishes('plan', planned)
    return (await story.gate()).excluded.map((one) => one.person === dana.id)
  }
  const another = (of: TestWorkspace) => of.person('kim', { teams: ['payments'] })
  expect(await excluded('team:payments', another)).toEqual([true])
  expect(await excluded('team:payments')).toEqual([]) // alone in the team
  expect(await excluded('user:dana, user:kim', another)).toEqual([true])
  expect(await excluded('user:dana')).toEqual([]) // nobody else is asked
  expect(await excluded('role:member')).toEqual([true]) // the admin is one too
})

test('a run that ended frees its limit although nobody looked', async () => {
  const here = await ready(workflow('concurrency: 1\n'))
  const first = await delivered(here, { type: 'bug' })
  await delivered(here, { type: 'bug' })
  await act(db, {
    workspace: here.of.id,
    run: first.runs[0].run,
    command: { do: 'cancel', by: { kind: 'system' }, reason: '' },
  })
  await vi.waitFor(async () => expect((await here.of.admin.get('/api/runs?state=running')).body.rows).toHaveLength(1), {
    timeout: 20_000,
  })
})
