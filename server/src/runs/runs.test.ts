import { once } from 'node:events'
import http from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import { bodyDigests } from '@viewportai/core/digest/body'
import { chainHash, chainStart } from '@viewportai/core/run/chain'
import { branch, planned, started, steps } from '@viewportai/core/run/testing/play'
import { changeDigest } from '@viewportai/core/gate/subject'
import type { Report } from '@viewportai/core/wire/messages'
import { testPlane, type TestPerson } from '../../test/plane.ts'
import { atPlanGate, specFor, Story, toChangeGate } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act } from '../ledger/act.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const [jess, sam, outsider] = [
  await acme.person('jess', { teams: ['payments'] }),
  await acme.person('sam', { teams: ['payments'] }),
  await acme.person('outsider'),
]

const approve = async (story: Story, who = jess) => {
  const gate = await story.gate()
  expect((await who.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })).status).toBe(
    201,
  )
}
/** A run whose change is open: planned, approved, implemented, checked, approved, pushed. */
const withChange = async (title = 'Prices', of = steps) => {
  const story = await atPlanGate(db, acme.id, specFor(sam, { title, steps: of }))
  await approve(story)
  await toChangeGate(story)
  await approve(story)
  await carriedOut(story, 'git.push', { ref: branch, commit: 'c'.repeat(40) })
  return story
}
/** Does the approved effect of this action as a runner would, or says why it could not. */
const carriedOut = async (
  story: Story,
  action: string,
  observed: Record<string, unknown>,
  failure: { summary: string; check: string } | null = null,
) => {
  const intent = Object.values((await story.state()).intents).find(
    (one) => one.action === action && one.state === 'approved',
  )!
  const by = { kind: 'runner', id: 'rnr_1', name: 'laptop' } as const
  for (const report of [
    { type: 'effect_started', intent: intent.id, attempt: 1 } as const,
    failure
      ? ({
          type: 'effect_failed',
          intent: intent.id,
          attempt: 1,
          failure: { code: 'merge_conflict', class: 'effect', retrySafe: false, started: true, ...failure },
        } as const)
      : ({
          type: 'effect_succeeded',
          intent: intent.id,
          attempt: 1,
          reconciled: false,
          receipt: { provider: 'git', id: 'x', url: null, observed, readBack: true },
        } as const),
  ])
    await act(db, {
      workspace: acme.id,
      run: story.run,
      command: { do: 'report', by, step: intent.id, attempt: 1, epoch: 1, report },
    })
}

describe('lists', () => {
  test('the board shows runs in order of need with names, and says why nobody takes the work', async () => {
    const beta = await workspace('beta', ['payments'])
    const [lead, asker] = [await beta.person('lead', { teams: ['payments'] }), await beta.person('asker')]
    const spec = specFor(asker, { title: 'Queued' })
    const queued = await new Story(db, beta.id).start(spec)
    const waiting = await atPlanGate(db, beta.id, specFor(asker, { title: 'Waiting' }))
    const refused = await atPlanGate(db, beta.id, specFor(asker, { title: 'Refused' }))
    const gate = await refused.gate()
    await lead.post(`/api/gates/${gate.id}/decisions`, { verdict: 'reject', digest: gate.digest })
    await vi.waitFor(
      async () =>
        expect(
          (await lead.get('/api/board')).body.rows.find((row: { run: string }) => row.run === queued.run).why,
        ).toBe('No runner fits: no runner is paired. Run `vpd pair --worker` on a machine.'),
      { timeout: 20_000 },
    )
    const { rows, counts } = (await lead.get('/api/board')).body
    expect(rows.map((row: { title: string; group: string }) => [row.group, row.title])).toEqual([
      ['waiting', 'Waiting'],
      ['running', 'Queued'],
      ['finished', 'Refused'],
    ])
    expect(rows[0]).toMatchObject({
      state: { tone: 'wait', words: 'awaiting @payments' },
      awaits: [lead.id],
      gate: (await waiting.gate()).id,
    })
    expect(counts).toEqual({ waiting: 1, running: 1, finished: 1, done: 0, refused: 1, yours: 1 })
    expect((await asker.get('/api/board')).body.counts.yours).toBe(0)
  })

  test('all runs are found by words, number, workflow and state, page by page without holes', async () => {
    const gamma = await workspace('gamma', ['payments'])
    for (let n = 1; n <= 11; n++)
      await new Story(db, gamma.id).start(specFor(gamma.admin, { title: n === 7 ? 'Seven 100% of_it' : `Run ${n}` }))
    const titles: string[] = []
    let before: string | null = ''
    while (before !== null) {
      const page: { rows: { title: string }[]; older: string | null } = (
        await gamma.admin.get(`/api/runs?limit=4${before && `&before=${before}`}`)
      ).body
      titles.push(...page.rows.map((row) => row.title))
      before = page.older
    }
    expect(new Set(titles).size).toBe(11)
    expect(titles).toHaveLength(11)
    const found = async (query: string) =>
      (await gamma.admin.get(`/api/runs?${query}`)).body.rows.map((row: { number: number }) => row.number)
    expect(await found('q=seven')).toEqual([7])
    expect(await found(`q=${encodeURIComponent('100% of_')}`)).toEqual([7])
    expect(await found(`q=${encodeURIComponent('%')}`)).toEqual([7])
    expect(await found('q=%237')).toEqual([7])
    expect(await found('state=finished')).toEqual([])
    expect(await found('workflow=bug-to-change&state=running')).toHaveLength(11)
    expect(await found('workflow=other')).toEqual([])
    expect((await gamma.admin.get('/api/runs?before=x')).body.code).toBe('invalid')
  })
})

describe('one run', () => {
  test('is called by id or number and shows its steps, change, receipts and the head of its chain', async () => {
    const story = await withChange()
    const { body } = await jess.get(`/api/runs/${story.run}`)
    expect((await jess.get(`/api/runs/${body.number}`)).body).toEqual(body)
    const state = await story.state()
    expect(body).toMatchObject({
      run: story.run,
      requester: '@sam',
      team: 'payments',
      plannedFiles: ['src/price.js'],
      outcome: 'succeeded',
      canCancel: false,
      head: { count: state.seq },
      left: { facts: state.seq, paths: 1, bodiesStored: 0, served: 0 },
    })
    expect(
      body.steps.map((step: { id: string; label: string; detail: string; tone: string }) => [
        step.id,
        step.label,
        step.detail,
        step.tone,
      ]),
    ).toEqual([
      ['plan', 'sample', 'plan', 'done'],
      ['plan_review', '@jess', 'plan', 'done'],
      ['implement', 'sample', 'edit', 'done'],
      ['verify', 'Checks', '', 'done'],
      ['pr_approval', '@jess', 'change', 'done'],
      ['open', 'git.open_change', 'acme/shop', 'done'],
    ])
    expect(body.receipts.map((one: { action: string }) => one.action)).toEqual(['git.push', 'git.open_change'])
    expect(body.change).toMatchObject({
      state: 'open',
      ref: branch,
      into: 'refs/heads/main',
      digest: changeDigest(state.change!.change),
      patch: { digest: body.patch.digest },
    })
    expect((await jess.get(`/api/changes/${body.change.id}`)).body).toEqual(body.change)
    const { facts } = (await jess.get(`/api/runs/${story.run}/facts`)).body as {
      facts: { text: string; hash: string }[]
    }
    expect(facts.reduce((hash, fact) => chainHash(hash, fact.text), chainStart)).toBe(body.head.hash)
    expect(facts.at(-1)!.hash).toBe(body.head.hash)
    const { items, last } = (await jess.get(`/api/runs/${story.run}/timeline`)).body
    expect(last).toBe(state.seq)
    expect(items.map((item: { bold: string }) => item.bold)).toContain('jess approved')
    expect((await jess.get(`/api/runs/${story.run}/timeline?after=${last}`)).body).toEqual({ items: [], last })
  })

  test('says of each step what it wished for and was not given', async () => {
    const missing = (wish: string): Report => ({
      type: 'context',
      items: [],
      missing: [{ wish, why: 'no such file' }],
      tokens: 0,
    })
    const story = await new Story(db, acme.id).start(specFor(sam))
    await story.report('plan', started)
    await story.report('plan', missing('docs/x.md'))
    await story.report('plan', planned)
    await approve(story)
    await story.report('implement', started)
    await story.report('implement', missing('docs/x.md'))
    expect((await jess.get(`/api/runs/${story.run}`)).body.contextMissing).toEqual([
      { step: 'plan', wish: 'docs/x.md', why: 'no such file' },
      { step: 'implement', wish: 'docs/x.md', why: 'no such file' },
    ])
  })

  test('gives its packet as a file', async () => {
    const story = await withChange()
    const answer = await fetch(`${url}/api/runs/${story.run}/packet`, { headers: jess.headers })
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
      200,
      'application/zip',
      expect.stringMatching(/^attachment; filename="[\w.-]+\.zip"/),
    ])
    expect(new Uint8Array(await answer.arrayBuffer()).subarray(0, 2)).toEqual(new Uint8Array([0x50, 0x4b]))
  })
})

describe('stopping', () => {
  test('a run that waits for a person ends at once', async () => {
    const story = await atPlanGate(db, acme.id, specFor(sam))
    expect((await jess.post(`/api/runs/${story.run}/cancellation`, { reason: 'not now' })).status).toBe(202)
    expect((await story.state()).finished).toMatchObject({ outcome: 'cancelled', why: 'Stopped by jess: not now.' })
    expect((await jess.post(`/api/runs/${story.run}/cancellation`, {})).body.code).toBe('run_finished')
  })
})

test('a run is moved to a runner of this workspace, or to any that fits', async () => {
  const runner = await new TestRunner(url).pair(db, acme.id, 'other')
  const story = await atPlanGate(db, acme.id, specFor(sam))
  expect((await jess.post(`/api/runs/${story.run}/moves`, { runner: runner.id })).status).toBe(204)
  expect((await story.state()).runner).toBe(runner.id)
  expect((await jess.post(`/api/runs/${story.run}/moves`, { runner: null })).status).toBe(204)
  expect((await story.state()).runner).toBeNull()
  expect((await jess.post(`/api/runs/${story.run}/moves`, { runner: 'rnr_00000000000000000000' })).body.code).toBe(
    'not_found',
  )
})

describe('a change', () => {
  test('is merged by an approver on what they saw, by a runner, once', async () => {
    const story = await withChange()
    const { change } = (await jess.get(`/api/runs/${story.run}`)).body
    const merge = (who: TestPerson, digest = change.digest) => who.post(`/api/changes/${change.id}/merge`, { digest })
    expect((await merge(outsider)).body.code).toBe('not_an_approver')
    expect((await merge(jess, 'f'.repeat(64))).body.code).toBe('gate_drifted')
    expect((await merge(jess)).status).toBe(202)
    expect((await merge(sam)).body).toMatchObject({ code: 'change_not_open', facts: { state: 'merging' } })
    expect((await jess.get(`/api/changes/${change.id}`)).body.state).toBe('merging')
    await carriedOut(story, 'git.merge', { ref: branch, into: 'refs/heads/main', commit: 'd'.repeat(40) })
    expect((await jess.get(`/api/changes/${change.id}`)).body).toMatchObject({
      state: 'merged',
      mergeCommit: 'd'.repeat(40),
    })
  })

  test('whose merge fails is open again with the reason, and can be merged or closed', async () => {
    const story = await withChange()
    const { change } = (await jess.get(`/api/runs/${story.run}`)).body
    const merge = () => jess.post(`/api/changes/${change.id}/merge`, { digest: change.digest })
    expect([change.failure, change.mergeGate]).toEqual([null, null])
    expect((await merge()).status).toBe(202)
    const conflict = { summary: 'Both changed src/price.js.', check: 'Merge by hand.' }
    await carriedOut(story, 'git.merge', {}, conflict)
    const failed = (await jess.get(`/api/runs/${story.run}`)).body.change
    expect(failed).toMatchObject({ state: 'open', failure: conflict })
    expect((await merge()).status).toBe(202)
    await carriedOut(story, 'git.merge', { ref: branch, into: 'refs/heads/main', commit: 'd'.repeat(40) })
    expect((await jess.get(`/api/changes/${change.id}`)).body).toMatchObject({ state: 'merged', failure: null })
  })

  test('that the workflow merges behind a gate of its own is merged there and nowhere else', async () => {
    const gate = steps.find((step) => step.id === 'pr_approval')!
    const gated = [
      ...steps,
      { ...gate, id: 'merge_ok', name: 'merge_ok', needs: ['open'], gate: 'action', of: 'merge' },
      { kind: 'action', id: 'merge', needs: ['merge_ok'], action: 'git.merge', of: 'implement', params: {} },
    ] as typeof steps
    const story = await withChange('Prices', gated)
    const { change } = (await jess.get(`/api/runs/${story.run}`)).body
    expect(change.mergeGate).toBe('merge_ok')
    expect((await jess.post(`/api/changes/${change.id}/merge`, { digest: change.digest })).body).toMatchObject({
      code: 'merge_by_gate',
      facts: { gate: 'merge_ok' },
    })
    const inbox = (await jess.get('/api/inbox')).body.open.filter((one: { run: string }) => one.run === story.run)
    expect(inbox).toMatchObject([{ kind: 'action', yours: true }])
    const card = (await jess.get(`/api/gates/${inbox[0].gate}`)).body
    expect(card).toMatchObject({
      verb: 'Merge the change of 1 file into main of acme/shop',
      subject: { action: 'git.merge', params: { into: 'refs/heads/main', change: change.id }, change: change.change },
      body: { digest: change.change.patch },
    })
    const decide = (verdict: string) =>
      jess.post(`/api/gates/${card.gate}/decisions`, { verdict, digest: card.digest, comment: 'see' })
    expect((await decide('request_changes')).body.code).toBe('verdict_not_offered')
    expect((await decide('approve')).status).toBe(201)
    await carriedOut(story, 'git.merge', { ref: branch, into: 'refs/heads/main', commit: 'd'.repeat(40) })
    expect(await story.state()).toMatchObject({ change: { state: 'merged' }, finished: { outcome: 'succeeded' } })
  })

  test('is closed by whoever asked for it or may approve it, with a reason', async () => {
    const story = await withChange()
    const { change } = (await jess.get(`/api/runs/${story.run}`)).body
    expect((await outsider.post(`/api/changes/${change.id}/abandonment`, { why: 'x' })).body.code).toBe('not_allowed')
    expect((await sam.post(`/api/changes/${change.id}/abandonment`, { why: 'Another way.' })).status).toBe(204)
    expect((await jess.get(`/api/changes/${change.id}`)).body.state).toBe('abandoned')
    expect((await jess.post(`/api/changes/${change.id}/merge`, { digest: change.digest })).body.code).toBe(
      'change_not_open',
    )
  })
})

describe('bytes', () => {
  /** A runner that really holds a plan, and answers serve orders as long as `serving`. */
  const holding = async (text: string, media = 'text/markdown') => {
    const of = await workspace(`edge${++count}`, ['payments'])
    const runner = await new TestRunner(url).pair(db, of.id, 'edge')
    await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
    const lead = await of.person('lead', { teams: ['payments'] })
    const story = await new Story(db, of.id).start(specFor(of.admin))
    const lease = (await runner.lease())!
    await runner.ack(lease)
    const bytes = Buffer.from(text)
    const ref = { ...bodyDigests(bytes), kind: 'plan' as const, media, home: 'edge' as const }
    const usage = {
      inputTokens: null,
      outputTokens: null,
      cachedTokens: null,
      usdMicros: null,
      source: 'unavailable' as const,
    }
    const started = await runner.report(lease, 1, {
      type: 'started',
      agent: null,
      isolation: capabilities().isolation,
      resumed: false,
    })
    expect(started.status).toBe(200)
    const finish = () =>
      runner.report(lease, 2, {
        type: 'finished',
        result: { kind: 'plan', body: ref, files: [], steps: 1, title: null },
        usage,
        log: null,
        session: null,
        millis: 1,
      })
    /** Takes the next serve order and sends these bytes. */
    const serve = async (
      send: (order: { offset: number; length: number | null; to: string }) => Uint8Array | null,
      absent: string | null = null,
    ) => {
      const { body } = await runner.post('/wire/orders', { done: [], waitSeconds: 10 })
      const order = body.orders.find((one: { order: string }) => one.order === 'serve')
      const part = send(order)
      await runner.post('/wire/orders', { done: [order.id], waitSeconds: 0 })
      return part === null
        ? null
        : runner.send('PUT', new URL(order.to).pathname, part, {}, absent === null ? {} : { 'viewport-absent': absent })
    }
    return { of, lead, story, runner, lease, bytes, ref, finish, serve }
  }
  let count = 0
  const text = '# The plan\n<script>alert(1)</script>\n'.repeat(5_000)

  test('come from the runner in transit, whole or in part, as a file that no browser renders', async () => {
    const held = await holding(text)
    await held.finish()
    const get = (query = '') =>
      fetch(`${url}/api/runs/1/bodies/${held.ref.digest}${query}`, { headers: held.lead.headers })
    const [answer] = await Promise.all([get(), held.serve(() => held.bytes)])
    expect(Buffer.from(await answer.arrayBuffer()).equals(held.bytes)).toBe(true)
    expect(
      Object.fromEntries(
        ['content-type', 'content-length', 'x-content-type-options', 'cache-control', 'content-security-policy'].map(
          (name) => [name, answer.headers.get(name)],
        ),
      ),
    ).toEqual({
      'content-type': 'application/octet-stream',
      'content-length': String(held.bytes.length),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; sandbox",
    })
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="1-plan-[0-9a-f]{12}\.md"/)
    const [part] = await Promise.all([
      get('?offset=65536&length=100'),
      held.serve(({ offset, length }) => held.bytes.subarray(offset, offset + length!)),
    ])
    expect(Buffer.from(await part.arrayBuffer()).equals(held.bytes.subarray(65_536, 65_636))).toBe(true)
    await vi.waitFor(
      async () =>
        expect((await held.lead.get('/api/runs/1')).body.left).toMatchObject({
          served: 2,
          servedBytes: held.bytes.length + 100,
          bodiesStored: 0,
        }),
      20_000,
    )
    expect((await held.lead.get(`/api/runs/1/bodies/${held.ref.digest}?offset=${held.bytes.length + 1}`)).status).toBe(
      416,
    )
    expect((await held.lead.get(`/api/runs/1/bodies/${'a'.repeat(64)}`)).body.code).toBe('not_found') // no fact of the run names it
  })

  test('that end too soon never look whole', async () => {
    const held = await holding(text)
    await held.finish()
    const asked = fetch(`${url}/api/runs/1/bodies/${held.ref.digest}`, { headers: held.lead.headers }).then((answer) =>
      answer.arrayBuffer(),
    )
    const [came] = await Promise.allSettled([asked, held.serve(() => held.bytes.subarray(0, 1_000))])
    expect(came.status).toBe('rejected')
  })

  test('that do not come at all are no fault of ours', async () => {
    const held = await holding(text)
    await held.finish()
    const [empty] = await Promise.all([
      held.lead.get(`/api/runs/1/bodies/${held.ref.digest}`),
      held.serve(() => Buffer.alloc(0)),
    ])
    expect(empty).toMatchObject({ status: 502, body: { code: 'body_mismatch' } })
  })

  test('whose runner is away, or has them no more, are a refusal that says so', async () => {
    const held = await holding(text)
    await held.finish()
    const [gone] = await Promise.all([
      held.lead.get(`/api/runs/1/bodies/${held.ref.digest}`),
      held.serve(() => Buffer.alloc(0), 'gone'),
    ])
    expect(gone).toMatchObject({ status: 404, body: { code: 'not_found' } })
    await inWorkspace(db, held.of.id, (tx) =>
      tx.query('update vp.runners set online = false where workspace = $1', [held.of.id]),
    )
    expect((await held.lead.get(`/api/runs/1/bodies/${held.ref.digest}`)).body).toMatchObject({
      code: 'body_away',
      status: 503,
      facts: { runner: 'edge' },
    })
  })

  test('of a log are followed live; when the reader leaves, the runner hears it', async () => {
    const held = await holding(text)
    const { hostname, port } = new URL(url)
    const request = http.get({
      hostname,
      port,
      path: `/api/runs/1/steps/plan/log?follow=true`,
      headers: held.lead.headers,
    })
    request.on('error', () => {})
    const { body } = await held.runner.post('/wire/orders', { done: [], waitSeconds: 10 })
    const [order] = body.orders
    expect(order).toMatchObject({
      order: 'serve',
      follow: true,
      what: { log: { step: 'plan', attempt: 1 } },
      offset: 0,
    })
    const put = http.request(order.to, {
      method: 'PUT',
      headers: {
        'content-type': 'application/octet-stream',
        authorization: `DPoP ${held.runner.token}`,
        dpop: await held.runner.proof('PUT', new URL(order.to).pathname),
      },
    })
    put.on('error', () => {})
    put.write('first line\n')
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    expect([response.statusCode, response.headers['content-type'], response.headers['x-content-type-options']]).toEqual(
      [200, 'text/plain; charset=utf-8', 'nosniff'],
    )
    let heard = ''
    response.on('data', (chunk) => (heard += String(chunk)))
    await vi.waitFor(() => expect(heard).toBe('first line\n'), 20_000)
    put.write('\u001b[31msecond\u001b[0m\n')
    await vi.waitFor(() => expect(heard).toContain('second'), 20_000)
    const closed = new Promise((resolve) => put.once('close', resolve))
    request.destroy()
    await closed
    expect((await held.lead.get('/api/runs/1/steps/plan/log?attempt=2')).body.code).toBe('not_found')
    expect((await held.lead.get('/api/runs/1/steps/nothing/log')).body.code).toBe('not_found')
  })
})

test('the steps of the sample are what this file thinks they are', () =>
  expect(steps.map((step) => step.id)).toEqual(['plan', 'plan_review', 'implement', 'verify', 'pr_approval', 'open']))
