import { randomBytes, randomUUID } from 'node:crypto'
import http from 'node:http'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyDigests } from '@viewportai/core/digest/body'
import { idFrom } from '@viewportai/core/ids'
import { isRefusal } from '@viewportai/core/refusal'
import { grantMisfit } from '@viewportai/core/wire/grant'
import type { Report } from '@viewportai/core/wire/messages'
import { planned, specOf, steps, usage } from '@viewportai/core/run/testing/play'
import { decodeJwt } from 'jose'
import { testDatabase, type TestDatabase } from '../../test/database.ts'
import type { BodyPort } from '../body-port.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeApp } from '../http/app.ts'
import { ownAddress } from '../http/own-address.ts'
import { loadSigningKeys } from '../keys/signing-keys.ts'
import { act, actMany } from '../ledger/act.ts'
import { readRun } from './testing/read-run.ts'
import { capabilities, started, TestRunner } from './testing/known-runner.ts'
import { makeStuck } from '../stuck.ts'
import { endOverdueLeases, explainWaiting, markSilentRunners, silentMillis } from './lost.ts'
import { wireKeys } from './keys.ts'
import { registerWire } from './routes.ts'

const stuck = makeStuck(() => {})
let base: TestDatabase
let url = ''
let pieceMillis = 60_000
let workspace = ''
let bodies: BodyPort
let close: () => Promise<void>
beforeAll(async () => {
  base = await testDatabase()
  workspace = await base.workspace()
  const log = pino({ level: 'silent' })
  let port = 0
  const app = await makeApp(
    ownAddress(null, '127.0.0.1', () => port),
    log,
  )
  const signing = await loadSigningKeys(base.db, base.key)
  const context = {
    db: base.db,
    stuck,
    keys: wireKeys(signing),
    get publicUrl() {
      return url
    },
    get replicaUrl() {
      return url
    },
    leaseSeconds: 30,
    beatSeconds: 10,
    bodyMillis: 2_000,
    get pieceMillis() {
      return pieceMillis
    },
    log,
  }
  bodies = await registerWire(app, context)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  port = typeof address === 'object' && address ? address.port : 0
  url = `http://127.0.0.1:${port}`
  close = () => app.close()
})
afterAll(() => close())

const startRun = async (spec = specOf(), where = workspace): Promise<string> => {
  const run = idFrom('run', randomBytes(13))
  const acted = await act(base.db, {
    workspace: where,
    run,
    command: { do: 'start', by: { kind: 'system' }, spec, delivery: null, tainted: false },
  })
  if (acted.refusal) throw new Error(acted.refusal.words)
  return run
}
const runner = (name: string, over: Parameters<TestRunner['pair']>[4] = {}, pool = 'local'): Promise<TestRunner> =>
  new TestRunner(url).pair(base.db, workspace, `${name}-${randomBytes(3).toString('hex')}`, pool, over)
const inPool = (pool: string) => ({ ...specOf(), pins: { ...specOf().pins, pool } })
const overdue = (lease: string) =>
  inWorkspace(base.db, workspace, (tx) =>
    tx.query('update vp.leases set expires_at = vp.now_ms() - 1 where workspace = $1 and lease = $2', [
      workspace,
      lease,
    ]),
  )

it('a lease says how little may leave where the workspace chose so, and nothing else of it changes', async () => {
  const setLeaves = (value: string) =>
    inWorkspace(base.db, workspace, (tx) =>
      tx.query(
        `insert into vp.settings (workspace, name, value) values ($1, 'leaves', $2) on conflict (workspace, name) do update set value = excluded.value`,
        [workspace, JSON.stringify(value)],
      ),
    )
  const one = await runner('leaves', { slots: 2 }, 'leaves')
  await startRun(inPool('leaves'))
  const before = (await one.lease())!
  expect(before.leaves).toBeUndefined()
  await setLeaves('metadata')
  await startRun(inPool('leaves'))
  expect((await one.lease())!.leaves).toBe('metadata')
  await setLeaves('excerpt')
})

describe('who calls', () => {
  it('pairs with a code and words, gives a token bound to the key, and says hello', async () => {
    const one = await runner('hello')
    expect(decodeJwt(one.token!)).toMatchObject({ sub: one.id, cnf: { jkt: expect.any(String) } })
    const said = await one.post('/wire/hello', {
      capabilities: capabilities(),
      holding: [{ lease: 'lease_x', epoch: 1 }],
    })
    expect(said).toMatchObject({ status: 200, body: { runner: one.id, keep: [], drain: false, leaseSeconds: 30 } })
  })
  it('shows the pairing to its key alone; unknown and foreign look the same', async () => {
    const one = new TestRunner(url)
    const begun = await one.post('/wire/pairings', {
      key: one.jwk,
      name: null,
      pool: null,
      capabilities: capabilities(),
    })
    expect(begun.body).toMatchObject({
      code: expect.stringMatching(/^[1-9A-Z]{2}-[1-9A-Z]{3}-[1-9A-Z]{3}$/),
      words: [expect.any(String), expect.any(String), expect.any(String)],
    })
    expect((await one.post('/wire/pairings/poll', { pairing: begun.body.pairing })).body).toEqual({ state: 'waiting' })
    const foreign = await new TestRunner(url).post('/wire/pairings/poll', { pairing: begun.body.pairing })
    const unknown = await one.post('/wire/pairings/poll', { pairing: idFrom('pair', randomBytes(13)) })
    expect([foreign.status, unknown.status]).toEqual([404, 404])
    expect(foreign.body.detail).toBe(unknown.body.detail)
  })
  it.each([
    [
      'a proof used twice',
      async (r: TestRunner) => {
        const jti = randomUUID()
        await r.post('/wire/orders', { done: [], waitSeconds: 0 }, { jti })
        return { jti }
      },
    ],
    ['another method', async () => ({ htm: 'GET' })],
    ['another address', async () => ({ htu: 'http://evil.example/wire/orders' })],
    ['another token', async () => ({ ath: 'x'.repeat(43) })],
    ['no token named', async () => ({ ath: null })],
    ['an old proof', async () => ({ iat: Math.floor(Date.now() / 1_000) - 400 })],
    ['a proof from the future', async () => ({ iat: Math.floor(Date.now() / 1_000) + 400 })],
    ['another type', async () => ({ typ: 'jwt' })],
    ['another key shown', async () => ({ jwk: new TestRunner(url).jwk })],
    ['a private key shown', async (r: TestRunner) => ({ jwk: { ...r.keys.privateKey.export({ format: 'jwk' }) } })],
    [
      'a key of its own',
      async () => {
        const other = new TestRunner(url)
        return { key: other.keys.privateKey, jwk: other.jwk }
      },
    ],
  ])('refuses %s', async (_, bend) => {
    const one = await runner('proof')
    const said = await one.post('/wire/orders', { done: [], waitSeconds: 0 }, await bend(one))
    expect(said).toMatchObject({ status: 401, body: { code: 'proof_invalid' } })
  })
  it.each([
    ['POST', '/wire/hello'],
    ['POST', '/wire/leases/lse_x/reports'],
    ['PUT', `/wire/bodies/${'a'.repeat(64)}`],
  ])('refuses a stranger before the message is there: %s %s', async (method, path) => {
    const sent = http.request(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'content-length': 1_000_000 },
    })
    sent.on('error', () => {}) // it is cut
    sent.write('{"capabilities":') // and nothing more: who waits for the rest waits for ever
    const status = await new Promise((resolve) => sent.on('response', (response) => resolve(response.statusCode)))
    sent.destroy()
    expect(status).toBe(401)
  })
  it('refuses alg none and HS256 with the public key', async () => {
    const one = await runner('alg')
    const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { htm: 'POST', htu: `${url}/wire/orders`, jti: randomUUID(), iat: Math.floor(Date.now() / 1_000) }
    for (const alg of ['none', 'HS256']) {
      const response = await fetch(`${url}/wire/orders`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `DPoP ${one.token}`,
          dpop: `${b64({ typ: 'dpop+jwt', alg, jwk: one.jwk })}.${b64(claims)}.AAAA`,
        },
        body: '{"done":[],"waitSeconds":0}',
      })
      expect(response.status).toBe(401)
    }
  })
  it('refuses a bearer token, an assertion used twice, and a removed runner at its next call', async () => {
    const one = await runner('gone')
    const bearer = await one.send(
      'POST',
      '/wire/orders',
      { done: [], waitSeconds: 0 },
      {},
      { authorization: `Bearer ${one.token}` },
    )
    expect(bearer.status).toBe(401)
    const client_assertion = await one.assertion()
    const body = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion,
    }
    expect((await one.post('/wire/token', body, { ath: null })).status).toBe(200)
    expect((await one.post('/wire/token', body, { ath: null })).status).toBe(401)
    await inWorkspace(base.db, workspace, (tx) =>
      tx.query(`update vp.runners set state = 'removed' where workspace = $1 and runner = $2`, [workspace, one.id]),
    )
    expect((await one.post('/wire/orders', { done: [], waitSeconds: 0 })).body.code).toBe('runner_revoked')
  })
  it('tells a runner that was paired elsewhere that it is not known here', async () => {
    const stranger = new TestRunner(url)
    const said = await stranger.post(
      '/wire/token',
      {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await stranger.assertion(),
      },
      { ath: null },
    )
    expect(said).toMatchObject({ status: 401, body: { code: 'runner_unknown' } })
  })
})

describe('leases', () => {
  it('50 claimers at once take 200 pieces of work, each once', { timeout: 60_000 }, async () => {
    const pool = 'rush'
    const one = await runner('rush', {}, pool)
    const asks = Array.from({ length: 200 }, () => ({
      run: idFrom('run', randomBytes(13)),
      command: {
        do: 'start' as const,
        by: { kind: 'system' as const },
        spec: inPool(pool),
        delivery: null,
        tainted: false,
      },
    }))
    await actMany(base.db, workspace, asks)
    const taken: string[] = []
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let lease = await one.lease(); lease; lease = await one.lease())
          taken.push(`${lease.run} ${lease.step} ${lease.epoch}`)
      }),
    )
    expect(taken).toHaveLength(200)
    expect(new Set(taken).size).toBe(200)
  })
  it('the same request id gets the same lease and epoch; the grant fits the job', async () => {
    const one = await runner('again', {}, 'again')
    await startRun(inPool('again'))
    const request = randomUUID()
    const first = (await one.lease(request))!
    const second = (await one.lease(request))!
    expect(second).toMatchObject({ lease: first.lease, epoch: first.epoch })
    expect(grantMisfit(decodeJwt(first.grant) as never, first, Math.floor(Date.now() / 1_000))).toBeNull()
    expect(await one.lease()).toBeNull()
  })
  it('comes with the text of its workflow, and with none where the version is not kept', async () => {
    const one = await runner('text', {}, 'text')
    await startRun(inPool('text'))
    expect((await one.lease())!.source).toBeNull()
    const spec = inPool('text')
    await inWorkspace(base.db, workspace, async (tx) => {
      await tx.query(
        "insert into vp.workflows (workspace, workflow, name, version) values ($1, 'wf_text', 'text', 3)",
        [workspace],
      )
      for (const version of [2, 3])
        await tx.query(
          "insert into vp.workflow_versions (workspace, workflow, version, digest, source, compiled, saved_by) values ($1, 'wf_text', $2, 'd', $3, '{}', 'sam')",
          [workspace, version, `name: version-${version}\n`],
        )
    })
    await startRun({ ...spec, workflow: { ...spec.workflow, id: 'wf_text', version: 2 } })
    const two = await runner('text-two', {}, 'text')
    const lease = (await two.lease())!
    expect(lease.source).toEqual({ text: 'name: version-2\n', digest: spec.workflow.digest, budgets: 1 })
    expect(grantMisfit(decodeJwt(lease.grant) as never, lease, Math.floor(Date.now() / 1_000))).toBeNull()
    const other = { ...lease, source: { ...lease.source!, text: 'name: other\n' } }
    expect(grantMisfit(decodeJwt(lease.grant) as never, other, 0)).toMatch(/text of the workflow/)
  })
  it('keeps to one run where an ephemeral runner asks for it, says when it has ended, and gives it to others when that one goes', async () => {
    const spec = { ...inPool('one-run'), bodies: 'stored' as const }
    const one = await runner('one-run', { mode: 'ephemeral' }, 'one-run')
    const other = await runner('other-run', {}, 'one-run')
    const first = await startRun(spec)
    const lease = (await one.lease())!
    expect(lease.run).toBe(first)
    await one.post(`/wire/leases/${lease.lease}/ack`, { epoch: lease.epoch })
    await one.report(lease, 1, started)
    await one.report(lease, 2, planned)
    const second = await startRun(spec)
    const ask = async (who: TestRunner, run: string, over = {}) => {
      const { status, body } = await who.post('/wire/leases', {
        request: randomUUID(),
        waitSeconds: 0,
        freeSlots: 1,
        run,
        ...over,
      })
      return { status, body: body as { code?: string; run?: string; facts?: unknown } | null }
    }
    expect(await ask(one, first)).toMatchObject({ status: 204 }) // a person is asked; the second run is not offered
    expect(await ask(other, first)).toMatchObject({ status: 410, body: { code: 'lease_gone' } })
    expect(await ask(one, 'run_nobodys')).toMatchObject({ status: 410 })
    const at = async (): Promise<string | null> => (await readRun(base.db, workspace, first)).state.runner
    expect(await at()).toBe(one.id)
    expect((await ask(other, first, { leave: true })).status).toBe(204)
    expect(await at()).toBe(one.id) // nobody gives away another one's run
    await ask(one, first, { leave: true })
    expect(await at()).toBeNull()
    const gone = await act(base.db, {
      workspace,
      run: second,
      command: { do: 'cancel', by: { kind: 'system' }, reason: 'test' },
    })
    expect(gone.refusal ?? null).toBeNull()
    expect(await ask(one, second)).toMatchObject({ status: 409, body: { code: 'run_finished' } })
  })
  it('a long poll wakes when work comes', async () => {
    const one = await runner('wake', {}, 'wake')
    const waiting = one.lease(randomUUID(), 20)
    const before = Date.now()
    await startRun(inPool('wake'))
    expect(await waiting).toMatchObject({ step: 'plan', epoch: 1 })
    expect(Date.now() - before).toBeLessThan(5_000)
  })
  it('work of an overdue lease that had not begun is offered again with the next epoch; the old one is stale', async () => {
    const one = await runner('overdue', {}, 'overdue')
    await startRun(inPool('overdue'))
    const first = (await one.lease())!
    await one.ack(first)
    await overdue(first.lease)
    await endOverdueLeases(base.db, stuck)
    const second = (await one.lease())!
    expect(second).toMatchObject({ run: first.run, attempt: 1, epoch: 2 })
    const beat = await one.post(`/wire/leases/${first.lease}/beat`, { epoch: 1, usage: null, now: null, logBytes: 0 })
    expect(beat).toMatchObject({ status: 409, body: { code: 'stale_epoch' } })
    const late = await one.report(first, 1, started)
    expect(late).toMatchObject({ status: 409, body: { code: 'stale_epoch' } })
    expect((await readRun(base.db, workspace, first.run)).facts.at(-1)).toMatchObject({
      type: 'refusal.recorded',
      data: { code: 'stale_epoch' },
    })
  })
  it('work that had begun is lost: taken up again where the step may, asked about where it may not', async () => {
    const one = await runner('lost', {}, 'lost')
    const run = await startRun(inPool('lost'))
    const first = (await one.lease())!
    await one.report(first, 1, started)
    await overdue(first.lease)
    await endOverdueLeases(base.db, stuck)
    expect((await readRun(base.db, workspace, run)).facts.map((f) => f.type)).toContain('step.lost')
    expect(await one.lease()).toMatchObject({ run, step: 'plan', attempt: 2 })
    const ask = await startRun({
      ...inPool('lost2'),
      workflow: {
        ...specOf().workflow,
        compiled: {
          ...specOf().workflow.compiled,
          steps: steps.map((s) => (s.id === 'plan' ? { ...s, restart: 'ask' as const } : s)) as typeof steps,
        },
      },
    })
    const two = await runner('lost2', {}, 'lost2')
    const lease = (await two.lease())!
    await two.report(lease, 1, started)
    await overdue(lease.lease)
    await endOverdueLeases(base.db, stuck)
    expect(await two.lease()).toBeNull()
    expect(Object.values((await readRun(base.db, workspace, ask)).state.gates)).toMatchObject([
      { kind: 'question', name: 'lost' },
    ])
  })
  it('a beat keeps a lease, tells a cancel, and a foreign runner cannot beat it', async () => {
    const one = await runner('beat', {}, 'beat')
    const other = await runner('beat-other', {}, 'beat')
    await startRun(inPool('beat'))
    const lease = (await one.lease())!
    const send = (r: TestRunner, epoch: number) =>
      r.post(`/wire/leases/${lease.lease}/beat`, { epoch, usage, now: 'reading', logBytes: 5 })
    expect(await send(one, 1)).toMatchObject({ status: 200, body: { cancel: null, drain: false, ttlSeconds: 30 } })
    expect(await send(other, 1)).toMatchObject({ status: 410 })
    expect(await send(one, 7)).toMatchObject({ status: 409 })
    await inWorkspace(base.db, workspace, (tx) =>
      tx.query('update vp.leases set cancel = $3 where workspace = $1 and lease = $2', [
        workspace,
        lease.lease,
        'stopped by @jess',
      ]),
    )
    expect((await send(one, 1)).body.cancel).toBe('stopped by @jess')
  })
  it('says why nobody takes work', async () => {
    const run = await startRun(inPool('nobody'))
    await inWorkspace(base.db, workspace, (tx) =>
      tx.query('update vp.work set ready_at = ready_at - 5000 where workspace = $1 and run = $2', [workspace, run]),
    )
    await explainWaiting(base.db, workspace)
    const why = await inWorkspace(
      base.db,
      workspace,
      async (tx) =>
        (await tx.query<{ why: string }>('select why from vp.work where workspace = $1 and run = $2', [workspace, run]))
          .rows[0]!.why,
    )
    expect(why).toMatch(/No runner fits: .* lacks pool nobody/)
  })
  it.each([
    [60, 30, false],
    [25, 30, true],
    [12, 5, true], // one that waits is written down every five seconds at most: with the shortest lease it is not away in between
    [20, 5, false],
  ])('heard of %d seconds ago, with a lease of %d, a runner is there: %s', async (ago, lease, online) => {
    const one = await runner('silent')
    await one.post('/wire/hello', { capabilities: capabilities(), holding: [] })
    await inWorkspace(base.db, workspace, (tx) =>
      tx.query('update vp.runners set seen_at = seen_at - $3 where workspace = $1 and runner = $2', [
        workspace,
        one.id,
        ago * 1_000,
      ]),
    )
    await markSilentRunners(base.db, stuck, silentMillis(lease * 1_000))
    const { rows } = await inWorkspace(base.db, workspace, (tx) =>
      tx.query<{ online: boolean }>('select online from vp.runners where workspace = $1 and runner = $2', [
        workspace,
        one.id,
      ]),
    )
    expect(rows[0]!.online).toBe(online)
  })
  it('what a restarted runner does not hold any more is lost at once', async () => {
    const one = await runner('restart', {}, 'restart')
    await startRun(inPool('restart'))
    const lease = (await one.lease())!
    await one.report(lease, 1, started)
    expect(
      (await one.post('/wire/hello', { capabilities: capabilities(), holding: [{ lease: lease.lease, epoch: 1 }] }))
        .body.keep,
    ).toEqual([lease.lease])
    expect((await one.post('/wire/hello', { capabilities: capabilities(), holding: [] })).body.keep).toEqual([])
    expect(await one.lease()).toMatchObject({ attempt: 2 })
  })
})

describe('reports', () => {
  it('come in order, once, signed; a repeated one is accepted, another one under its number is not', async () => {
    const one = await runner('report', {}, 'report')
    const run = await startRun(inPool('report'))
    const lease = (await one.lease())!
    expect((await one.report(lease, 2, planned)).body.code).toBe('report_gap')
    expect(await one.report(lease, 1, started)).toMatchObject({ status: 200, body: { accepted: 1, done: false } })
    expect(await one.report(lease, 1, started)).toMatchObject({ status: 200, body: { accepted: 1 } })
    expect((await one.report(lease, 1, planned)).body.code).toBe('report_conflict')
    const unsigned = await one.post(`/wire/leases/${lease.lease}/reports`, {
      epoch: 1,
      reports: [{ seq: 2, report: planned, signature: null }],
    })
    expect(unsigned.body.code).toBe('proof_invalid')
    const moved = await one.signed(lease, 3, planned)
    expect(
      (await one.post(`/wire/leases/${lease.lease}/reports`, { epoch: 1, reports: [{ ...moved, seq: 2 }] })).body.code,
    ).toBe('proof_invalid')
    expect(await one.report(lease, 2, planned)).toMatchObject({ body: { accepted: 2, done: true } })
    expect((await one.report(lease, 3, planned)).body.code).toBe('stale_epoch')
    const { state, facts } = await readRun(base.db, workspace, run)
    expect(Object.values(state.gates)).toMatchObject([{ kind: 'plan', state: 'open' }])
    expect(facts.map((f) => f.type)).toEqual([
      'run.started',
      'step.started',
      'step.finished',
      'gate.opened',
      'refusal.recorded',
    ])
  })
  it('tells which gate an ask opened, and parked work frees the slot', async () => {
    const one = await runner('ask', { slots: 1 }, 'ask')
    await startRun(inPool('ask'))
    await startRun(inPool('ask'))
    const lease = (await one.lease())!
    expect(await one.lease()).toBeNull() // full
    const said = await one.report(lease, 1, started, {
      type: 'ask',
      ask: 'a1',
      argv: ['npm', 'install'],
      cwd: '.',
      reason: null,
      question: null,
      choices: [],
    })
    expect(said.body.gates).toMatchObject([{ ask: 'a1', gate: expect.stringMatching(/^gate_/) }])
    await one.report(lease, 3, { type: 'parked', session: 's', usage })
    expect(await one.lease()).not.toBeNull()
  })
  it('a body that is said to be stored must be there whole, with its digest', async () => {
    const one = await runner('store', {}, 'store')
    const run = await startRun({ ...inPool('store'), bodies: 'stored' })
    const lease = (await one.lease())!
    await one.report(lease, 1, started)
    const bytes = randomBytes(150_000)
    const digests = bodyDigests(bytes)
    const finished: Report = {
      type: 'finished',
      result: {
        kind: 'plan',
        body: { ...digests, kind: 'plan', media: 'text/markdown', home: 'stored' },
        files: [],
        steps: 1,
        title: null,
      },
      usage,
      log: null,
      session: null,
      millis: 1,
    }
    expect((await one.report(lease, 2, finished)).body.code).toBe('log_incomplete')
    const put = (digest: string, offset: number, part: Uint8Array) =>
      one.send('PUT', `/wire/bodies/${digest}?run=${run}&kind=plan&bytes=${bytes.length}&offset=${offset}`, part)
    expect((await put(digests.digest, 65_536, bytes.subarray(65_536))).body.code).toBe('offset_gap')
    expect((await put(digests.digest, 0, bytes.subarray(0, 65_536))).body).toEqual({ offset: 65_536, complete: false })
    expect((await put(digests.digest, 0, bytes.subarray(0, 65_536))).body).toEqual({ offset: 65_536, complete: false })
    expect((await put(digests.digest, 65_536, bytes.subarray(65_536))).body).toEqual({
      offset: 150_000,
      complete: true,
    })
    const wrong = 'a'.repeat(64)
    expect((await put(wrong, 0, bytes)).body.code).toBe('body_mismatch')
    expect(await one.report(lease, 2, finished)).toMatchObject({ status: 200 })
    const got = await bodies.fetchBody({
      workspace,
      run,
      digest: digests.digest,
      offset: 60_000,
      length: 20_000,
      signal: new AbortController().signal,
    })
    if (isRefusal(got)) throw new Error(got.words)
    const parts: Uint8Array[] = []
    for await (const part of got) parts.push(part)
    expect(Buffer.concat(parts).equals(bytes.subarray(60_000, 80_000))).toBe(true)
  })
  it('live log bytes: replays accepted, other bytes refused, a gap answered with the offset', async () => {
    const one = await runner('log', {}, 'log')
    await startRun({ ...inPool('log'), bodies: 'stored' })
    const lease = (await one.lease())!
    const put = (offset: number, text: string) =>
      one.send('PUT', `/wire/leases/${lease.lease}/log?epoch=1&offset=${offset}`, new TextEncoder().encode(text))
    expect((await put(0, 'hello ')).body.offset).toBe(6)
    expect((await put(0, 'hello ')).body.offset).toBe(6)
    expect((await put(3, 'lo world')).body.offset).toBe(11)
    expect((await put(0, 'jello')).body.code).toBe('offset_conflict')
    expect(await put(99, 'x')).toMatchObject({ status: 416, body: { facts: { expected: 11 } } })
  })
})

describe('bodies from the edge', () => {
  const ask = (run: string, digest: string) =>
    bodies.fetchBody({ workspace, run, digest, offset: 0, length: null, signal: AbortSignal.timeout(10_000) })
  const held = async (name: string) => {
    const one = await runner(name, {}, name)
    const run = await startRun(inPool(name))
    const lease = (await one.lease())!
    await one.post('/wire/hello', { capabilities: capabilities(), holding: [{ lease: lease.lease, epoch: 1 }] })
    await one.report(lease, 1, started)
    return { one, run }
  }
  it('come through an order in transit and are counted', async () => {
    const { one, run } = await held('edge')
    const bytes = randomBytes(300_000)
    const wanted = ask(run, bodyDigests(bytes).digest)
    const { body } = await one.post('/wire/orders', { done: [], waitSeconds: 10 })
    const order = body.orders[0]
    expect(order).toMatchObject({ order: 'serve', run, offset: 0, follow: false })
    const stranger = await runner('stranger')
    const path = new URL(order.to).pathname
    expect((await stranger.send('PUT', path, bytes)).status).toBe(404)
    const sent = one.send('PUT', path, bytes)
    const got = await wanted
    if (isRefusal(got)) throw new Error(got.words)
    const parts: Uint8Array[] = []
    for await (const part of got) parts.push(part)
    expect((await sent).status).toBe(204)
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    expect((await one.send('PUT', path, bytes)).status).toBe(404) // nobody waits any more
    const again = await one.post('/wire/orders', { done: [order.id], waitSeconds: 0 })
    expect(again.body.orders).toEqual([])
  })
  it('what left a runner is asked of it in the same way, is not counted as served, and must have its form', async () => {
    const { one, run } = await held('left')
    const told = { messages: 1, bytes: 2, kept: 0, rows: [] }
    const answers: [string, unknown][] = [
      [JSON.stringify(told), told],
      [JSON.stringify({ ...told, rows: [{ to: 'x' }] }), { refusal: 'runner_unreadable' }],
      ['{"messages": 1', { refusal: 'runner_unreadable' }],
      [' '.repeat(1_100_000), { refusal: 'runner_unreadable' }],
    ]
    let done: string[] = []
    for (const [text, expected] of answers) {
      const wanted = bodies.askLeft({ workspace, run, signal: AbortSignal.timeout(10_000) })
      const [order] = (await one.post('/wire/orders', { done, waitSeconds: 10 })).body.orders
      expect(order).toMatchObject({ order: 'serve', run, what: { left: true } })
      done = [order.id]
      await one.send('PUT', new URL(order.to).pathname, Buffer.from(text)).catch(() => {}) // cut where it is too long
      expect(await wanted).toMatchObject(expected as object)
    }
    const counted = await inWorkspace(base.db, workspace, (tx) =>
      tx.query('select from vp.served where workspace = $1 and run = $2', [workspace, run]),
    )
    expect(counted.rowCount).toBe(0)
  })
  /** Sends bytes in answer to an order and then nothing more, without ending. */
  const stalled = async (one: TestRunner, to: string, bytes: Buffer) => {
    const put = http.request(to, {
      method: 'PUT',
      agent: one.agent,
      headers: {
        'content-type': 'application/octet-stream',
        authorization: `DPoP ${one.token}`,
        dpop: await one.proof('PUT', new URL(to).pathname),
      },
    })
    put.on('error', () => {}) // it is cut
    put.write(bytes)
  }
  it.each(['come in pieces', 'fail when the runner does not have the rest any more'])(
    'when they take longer than one request may, they %s',
    async (how) => {
      const { one, run } = await held(how.split(' ')[0]!)
      const bytes = randomBytes(200_000)
      const orders = async (done: string[]) => (await one.post('/wire/orders', { done, waitSeconds: 10 })).body.orders
      pieceMillis = 500
      const wanted = ask(run, bodyDigests(bytes).digest)
      const [first] = await orders([])
      await stalled(one, first.to, bytes.subarray(0, 70_000))
      const got = await wanted
      if (isRefusal(got)) throw new Error(got.words)
      const parts: Uint8Array[] = []
      const whole = (async () => {
        for await (const part of got) parts.push(part)
        return Buffer.concat(parts).equals(bytes)
      })()
      whole.catch(() => {})
      const [second] = await orders([first.id])
      pieceMillis = 60_000
      expect(second).toMatchObject({ order: 'serve', run, offset: 70_000, length: null })
      const path = new URL(second.to).pathname
      if (how === 'come in pieces') {
        expect((await one.send('PUT', path, bytes.subarray(70_000))).status).toBe(204)
        expect(await whole).toBe(true)
      } else {
        await one.send('PUT', path, Buffer.alloc(0), {}, { 'viewport-absent': 'gone' })
        await expect(whole).rejects.toThrow(/body/)
      }
    },
  )
  it('are away when the runner is, or does not answer', async () => {
    const { one, run } = await held('away')
    const silent = await ask(run, 'b'.repeat(64))
    expect(isRefusal(silent) && silent.refusal).toBe('body_away')
    await inWorkspace(base.db, workspace, (tx) =>
      tx.query('update vp.runners set online = false where workspace = $1 and runner = $2', [workspace, one.id]),
    )
    const gone = await ask(run, 'b'.repeat(64))
    expect(isRefusal(gone) && gone.words).toContain('has not answered since')
  })
})

it('one address may not begin pairings without end', async () => {
  const one = new TestRunner(url)
  const codes: number[] = []
  for (let i = 0; i < 61; i++)
    codes.push(
      (await one.post('/wire/pairings', { key: one.jwk, name: null, pool: null, capabilities: capabilities() })).status,
    )
  expect(codes.at(-1)).toBe(429)
})
