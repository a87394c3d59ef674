/** A paired runner that turns against the control plane: what it says is refused in words, and no run hangs on it. */
import { CompactSign } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { readFact, type Isolation } from '@viewportai/core/run/facts'
import type { RunSpec } from '@viewportai/core/run/spec'
import { body, branch, changed, person, planned, specOf } from '@viewportai/core/run/testing/play'
import type { Lease, Report } from '@viewportai/core/wire/messages'
import { reportText } from '@viewportai/core/wire/report-text'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act } from '../ledger/act.ts'
import { factsOf } from '../ledger/read.ts'
import { wireKeys } from './keys.ts'
import { capabilities, started, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let acme: TestWorkspace
beforeAll(async () => {
  at = await testPlane()
  acme = await at.workspace('acme', ['payments'])
})

let n = 0
/** A run whose plan step a runner of its own has begun. */
const begun = async (over: Partial<RunSpec> = {}): Promise<{ story: Story; runner: TestRunner; lease: Lease }> => {
  const pool = `pool-${++n}`
  const { db } = at.plane.context
  const runner = await new TestRunner(at.url).pair(db, acme.id, `runner-${n}`, pool)
  const spec = specOf()
  const story = await new Story(db, acme.id).start({ ...spec, ...over, pins: { ...spec.pins, pool } })
  const lease = (await runner.lease())!
  expect(await runner.report(lease, 1, started)).toMatchObject({ status: 200 })
  return { story, runner, lease }
}

const vote = async (story: Story): Promise<void> => {
  const gate = await story.gate()
  const { refusal } = await act(story.db, {
    workspace: story.workspace,
    run: story.run,
    command: {
      do: 'decide',
      gate: gate.id,
      verdict: 'approve',
      digest: gate.digest,
      person: person('jess'),
      via: { surface: 'web', auth: 'session' },
      comment: null,
      lines: [],
      answer: null,
    },
  })
  expect(refusal).toBeNull()
}

describe('a report that cannot be', () => {
  test('ends the lease, and the step is taken up again or asked about: no run waits for ever', async () => {
    const { story, runner, lease } = await begun()
    expect((await runner.report(lease, 2, started)).body.code).toBe('stale_epoch')
    expect((await story.state()).steps['plan']!.status).not.toBe('running')
    expect((await runner.report(lease, 3, planned)).body.code).toBe('stale_epoch')
  })

  test('about an effect from the lease of an agent is refused', async () => {
    for (const intent of ['int_none', '__proto__', 'constructor']) {
      const { runner, lease } = await begun()
      expect((await runner.report(lease, 2, { type: 'effect_started', intent, attempt: 1 })).body.code).toBe(
        'grant_invalid',
      )
    }
  })
})

describe('a step that begins behind less than its runner said, or its workflow wants', () => {
  const behind = (level: Isolation['level']) => ({ ...capabilities().isolation, level })
  const offered = async (said: Isolation['level'], wanted: Isolation['level'] | null) => {
    const pool = `pool-${++n}`
    const { db } = at.plane.context
    const runner = await new TestRunner(at.url).pair(db, acme.id, `runner-${n}`, pool)
    await runner.post('/wire/hello', { capabilities: capabilities({ isolation: behind(said) }), holding: [] })
    const spec = specOf({ runner: { pool: null, isolation: wanted, requires: [] } })
    const story = await new Story(db, acme.id).start({ ...spec, pins: { ...spec.pins, pool } })
    return { runner, story, lease: (await runner.lease())! }
  }
  const begins = (level: Isolation['level']) => ({ ...started, isolation: behind(level) })

  test.each([
    ['sandbox', null, 'none'],
    ['sandbox', null, 'user'],
    ['container', 'sandbox', 'user'],
  ] as const)(
    'said %s, wanted %s, began behind %s: refused, kept, and people are asked',
    async (said, wanted, level) => {
      const { runner, story, lease } = await offered(said, wanted)
      const answer = await runner.report(lease, 1, begins(level))
      expect(answer).toMatchObject({ status: 403, body: { code: 'wall_too_weak' } })
      const facts = (await inWorkspace(at.plane.context.db, acme.id, (tx) => factsOf(tx, story.run))).map(({ text }) =>
        readFact(text),
      )
      expect(facts.filter((fact) => fact.type === 'step.started')).toEqual([])
      expect(facts.find((fact) => fact.type === 'refusal.recorded')).toMatchObject({
        by: { kind: 'runner', id: runner.id },
        data: { code: 'wall_too_weak', about: { level } },
      })
      expect((await story.state()).steps['plan']).toMatchObject({ failure: { code: 'wall_too_weak', started: false } })
      // Its lease is over: neither a better word nor a result is taken afterwards, and it gets no second try by itself.
      expect((await runner.report(lease, 2, begins(said), planned)).body.code).toBe('stale_epoch')
      expect(await runner.lease()).toBeNull()
    },
  )

  test('a runner that comes online with less in between does not get round the workflow', async () => {
    const { runner, lease } = await offered('sandbox', 'sandbox')
    const holding = [{ lease: lease.lease, epoch: lease.epoch }]
    await runner.post('/wire/hello', { capabilities: capabilities({ isolation: behind('none') }), holding })
    expect((await runner.report(lease, 1, begins('none'))).body.code).toBe('wall_too_weak')
  })

  test('as strong or stronger: it begins', async () => {
    for (const [said, wanted, level] of [
      ['user', null, 'user'],
      ['none', null, 'sandbox'],
      ['sandbox', 'sandbox', 'sandbox'],
      ['sandbox', 'user', 'container'],
    ] as const) {
      const { runner, lease } = await offered(said, wanted)
      expect(await runner.report(lease, 1, begins(level))).toMatchObject({ status: 200 })
    }
  })
})

describe('work that was begun', () => {
  const failure = { code: 'x', class: 'policy', summary: 'a', check: 'b', retrySafe: false, started: false }
  const refuse = (runner: TestRunner, lease: Lease) =>
    runner.post(`/wire/leases/${lease.lease}/refuse`, { epoch: lease.epoch, failure })

  test('and is refused then, is lost: it comes again, and no run waits for ever', async () => {
    const { story, runner, lease } = await begun()
    expect((await refuse(runner, lease)).status).toBe(204)
    expect((await story.state()).steps['plan']!.status).toBe('lost')
    expect(await runner.lease()).toMatchObject({ step: 'plan', attempt: 2, epoch: lease.epoch + 1 })
  })

  test('an effect as well: whether it happened is looked up', async () => {
    const { story, runner, lease } = await begun()
    const next = async (): Promise<Lease> => (await runner.lease())!
    const push: Report = {
      type: 'push',
      repo: 'acme/shop',
      ref: branch,
      change: changed('one'),
      patch: body('patch one', 'patch'),
      argv: ['git', 'push'],
    }
    await runner.report(lease, 2, planned)
    await vote(story)
    const implement = await next()
    await runner.report(implement, 1, started, push)
    await vote(story)
    const effect = await next()
    expect(effect.job.kind).toBe('effect')
    await runner.report(effect, 1, { type: 'effect_started', intent: effect.step, attempt: 1 })
    expect((await refuse(runner, effect)).status).toBe(204)
    expect((await story.state()).intents[effect.step]!.state).toBe('unknown')
    expect(await next()).toMatchObject({ step: effect.step, attempt: 2 })
  })
})

describe('a signature that was made for something else', () => {
  test('is no signature of a report', async () => {
    const { runner, lease } = await begun()
    const place = { run: lease.run, step: lease.step, attempt: 1, lease: lease.lease, epoch: lease.epoch, seq: 2 }
    for (const typ of ['dpop+jwt', undefined, 'viewport-grant+jwt']) {
      const [head, , tail] = (
        await new CompactSign(new TextEncoder().encode(reportText(place, planned)))
          .setProtectedHeader({ alg: 'EdDSA', ...(typ ? { typ } : {}) })
          .sign(runner.keys.privateKey)
      ).split('.')
      const said = await runner.post(`/wire/leases/${lease.lease}/reports`, {
        epoch: lease.epoch,
        reports: [{ seq: 2, report: planned, signature: `${head}..${tail}` }],
      })
      expect(said).toMatchObject({ status: 401, body: { code: 'proof_invalid' } })
    }
    expect(await runner.report(lease, 2, planned)).toMatchObject({ status: 200 })
  })

  test('is no token: what the control plane signs for one purpose opens nothing else', async () => {
    const { runner } = await begun()
    const { signing, db, own } = at.plane.context
    const { rows } = await db.app.query<{ workspace: string; thumbprint: string }>(
      'select workspace, thumbprint from vp.runner_of($1)',
      [runner.id],
    )
    const claims = (): Record<string, unknown> => ({
      iss: own.url,
      sub: runner.id,
      ws: rows[0]!.workspace,
      cnf: { jkt: rows[0]!.thumbprint },
      exp: Math.floor(Date.now() / 1_000) + 60,
    })
    const ask = async (typ: string, over: Record<string, unknown> = {}) => {
      runner.token = await wireKeys(signing).sign({ ...claims(), ...over }, typ)
      return (await runner.post('/wire/orders', { done: [], waitSeconds: 0 })).status
    }
    expect(await ask('at+jwt')).toBe(200)
    expect(await ask('viewport-grant+jwt')).toBe(401)
    expect(await ask('at+jwt', { iss: 'https://other.example' })).toBe(401)
    expect(await ask('at+jwt', { exp: Math.floor(Date.now() / 1_000) - 60 })).toBe(401)
  })
})

describe('another epoch than the lease has', () => {
  test('writes nothing, whether older or newer, even from the runner that holds it (I2)', async () => {
    const { runner, lease, story } = await begun()
    const at = `/wire/leases/${lease.lease}`
    const failure = { code: 'x', class: 'policy', summary: 'a', check: 'b', retrySafe: false, started: false }
    for (const epoch of [lease.epoch + 1, 2_147_483_647]) {
      const bent = { ...lease, epoch }
      const beat = { epoch, usage: null, now: 'x', logBytes: 9 }
      const refused = [
        await runner.report(bent, 2, planned),
        await runner.ack(bent),
        await runner.post(`${at}/beat`, beat),
        await runner.post(`${at}/refuse`, { epoch, failure }),
        await runner.send('PUT', `${at}/log?epoch=${epoch}&offset=0`, Buffer.from('x')),
      ]
      expect(refused.map(({ body }) => body?.code)).toEqual(refused.map(() => 'stale_epoch'))
    }
    const absurd = { epoch: Number.MAX_SAFE_INTEGER, usage: null, now: null, logBytes: Number.MAX_SAFE_INTEGER }
    expect(await runner.post(`${at}/beat`, absurd)).toMatchObject({ status: 422 })
    expect((await story.state()).steps['plan']!.status).toBe('running')
    expect(await runner.report(lease, 2, planned)).toMatchObject({ status: 200 })
  })
})

describe('texts that cannot be stored', () => {
  test.each<[string, Report]>([
    ['NUL', { type: 'refused', code: 'x', words: 'a\0b', about: {} }],
    ['NUL in a key', { type: 'refused', code: 'x', words: 'a', about: { 'a\0b': 1 } }],
    [
      'an id of a pinned repository',
      { type: 'pinned', repo: '__proto__', ref: 'refs/heads/main', commit: 'a'.repeat(40) },
    ],
  ])('%s: it becomes a fact, and the lease goes on', async (_, report) => {
    const { runner, lease } = await begun()
    const said = await runner.report(lease, 2, report)
    expect(said.status).toBe(200)
    expect(await runner.report(lease, 3, planned)).toMatchObject({ status: 200 })
  })

  test('the line of a beat, capabilities and a failure: the same', async () => {
    const { runner, lease } = await begun()
    const beat = await runner.post(`/wire/leases/${lease.lease}/beat`, {
      epoch: lease.epoch,
      usage: null,
      now: 'a\0b',
      logBytes: 0,
    })
    expect(beat.status).toBeLessThan(500)
    const failure = { code: 'x\0', class: 'policy', summary: 'a\0', check: 'b', retrySafe: false, started: false }
    expect(
      (await runner.post(`/wire/leases/${lease.lease}/refuse`, { epoch: lease.epoch, failure })).status,
    ).toBeLessThan(500)
    const odd = await runner.send('POST', '/wire/leases/%00/ack', { epoch: 1 })
    expect(odd.status).toBeLessThan(500)
  })

  test('half a surrogate pair, a number out of range, a key called __proto__', async () => {
    const { runner, lease } = await begun()
    for (const about of ['{"a":"\\ud800"}', '{"\\udc00":1}', '{"a":1e999}', '{"__proto__":{}}']) {
      const report = `{"type":"refused","code":"x","words":"a","about":${about}}`
      const body = `{"epoch":${lease.epoch},"reports":[{"seq":2,"report":${report},"signature":"a..b"}]}`
      const said = await runner.send(
        'POST',
        `/wire/leases/${lease.lease}/reports`,
        Buffer.from(body),
        {},
        { 'content-type': 'application/json' },
      )
      expect([400, 401, 422]).toContain(said.status)
    }
    expect(await runner.report(lease, 2, planned)).toMatchObject({ status: 200 })
  })

  test('nesting without end, a key twice, no object at all', async () => {
    const { runner, lease } = await begun()
    const path = `/wire/leases/${lease.lease}/reports`
    for (const body of [
      `{"epoch":1,"reports":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      `{"epoch":1,"epoch":2,"reports":[]}`,
      'null',
      '[]',
      '"x"',
      '{',
    ])
      expect(
        (await runner.send('POST', path, Buffer.from(body), {}, { 'content-type': 'application/json' })).status,
      ).toBeGreaterThanOrEqual(400)
    expect(
      (
        await runner.send(
          'POST',
          path,
          Buffer.from(`{"epoch":1,"reports":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
          {},
          { 'content-type': 'application/json' },
        )
      ).status,
    ).toBeLessThan(500)
  })
})
