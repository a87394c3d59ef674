/** An effect of the control plane from its approval to its receipt, with the engine, the ledger and a real receiver. */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { planned, specOf } from '@viewportai/core/run/testing/play'
import { testPlane } from '../../test/plane.ts'
import { Story, type atPlanGate, toChangeGate } from '../../test/story.ts'
import { act } from '../ledger/act.ts'
import { inWorkspace } from '../database/tenant.ts'
import { alone } from './alone.ts'
import { carryOut } from './carry-out.ts'

type Got = { id: string; signature: string; at: string; body: string }
const got: Got[] = []
let answers: ((response: http.ServerResponse) => void)[] = []
const receiver = http.createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const one = (name: string): string => String(request.headers[name])
    got.push({
      id: one('webhook-id'),
      at: one('webhook-timestamp'),
      signature: one('webhook-signature'),
      body: Buffer.concat(parts).toString('utf8'),
    })
    const next = answers.shift()
    if (next) next(response)
    else response.writeHead(200).end()
  })
})
await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
afterAll(() => void receiver.close())
const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`

const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, key, engine, outside, log, own } = plane.context
const acme = await workspace('acme', ['payments'])
const ops = (await acme.admin.post('/api/connections', { tool: 'webhook', name: 'ops', values: { url: target } })).body
const secret = ops.made.secret as string

test('another address gets another secret: who receives there must not know what the one before was signed with', async () => {
  const made = await acme.admin.post('/api/connections', { tool: 'webhook', name: 'moved', values: { url: target } })
  const change = (values: object) => acme.admin.put(`/api/connections/${made.body.connection.id}`, { values })
  expect((await change({ url: target })).body.made).toEqual({})
  const { status, body } = await change({ url: `${target}/elsewhere` })
  expect([status, body.made]).toEqual([200, { secret: expect.stringMatching(/^whsec_/) }])
  expect(body.made.secret).not.toBe(made.body.made.secret)
})

beforeEach(() => {
  got.length = 0
  answers = []
})

const compiled = (to = 'ops', more = '') => {
  const read = compileWorkflow(
    `name: tell\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\n${more}actions: [git.open_change, { webhook.send: { to: ${to}, type: change.ready, data: { title: "{{ run.title }}", where: ["{{ run.url }}"] } } }]\n`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}
/** A run whose change was approved and pushed: what the control plane does itself is due. */
const pushed = async (to?: string, more = '', delivery: string | null = null): Promise<Story> => {
  const story = await toChangeGate(
    await atPlanGateApproved({ ...specOf(compiled(to, more)), address: 'https://viewport.acme.dev' }, delivery),
  )
  await story.vote('dana', 'approve')
  return story.pushed('a'.repeat(40))
}
const atPlanGateApproved = async (
  spec: Parameters<typeof atPlanGate>[2],
  delivery: string | null = null,
): Promise<Story> => {
  const story = await new Story(db, acme.id).start(spec, delivery)
  await story.finishes('plan', planned)
  await story.vote('jess', 'approve')
  return story
}
const sent = async (story: Story) =>
  Object.values((await story.state()).intents).find((one) => one.action === 'webhook.send')!
const becomes = (story: Story, state: string, timeout = 15_000) =>
  vi.waitFor(async () => expect((await sent(story)).state).toBe(state), { timeout, interval: 50 })

test('a target is made with a secret that is shown once; nothing shows it again', async () => {
  expect(secret).toMatch(/^whsec_/)
  expect(ops.connection).toMatchObject({ tool: 'webhook', name: 'ops', settings: { url: target }, problem: null })
  const listed = JSON.stringify((await acme.admin.get('/api/connections')).body)
  expect(listed).not.toContain(secret.slice(6, 30))
  const { rows } = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ row: string }>('select c::text as row from vp.connections c'),
  )
  expect(rows[0]!.row).not.toContain(secret.slice(6, 30))
})

test('the message goes out once, signed, with its places filled, and leaves a receipt', async () => {
  const story = await pushed()
  await becomes(story, 'succeeded')
  expect(got).toHaveLength(1)
  const [{ id, at, signature, body }] = got as [Got]
  const intent = await sent(story)
  expect(id).toBe(intent.id)
  expect(signature).toBe(
    `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(`${id}.${at}.${body}`)
      .digest('base64')}`,
  )
  expect(JSON.parse(body)).toMatchObject({
    type: 'change.ready',
    data: { run: story.run, data: { where: [expect.stringContaining('https://viewport.acme.dev/runs/')] } },
  })
  expect(intent).toMatchObject({ receipt: { id: intent.id, observed: { status: 200 } }, reconciled: false })
  expect((await story.state()).finished?.outcome).toBe('succeeded')
})

describe('with another secret', () => {
  /** Which of these secrets signed what was sent last, as a receiver looks (Standard Webhooks 1.0). */
  const signedWith = (secrets: readonly string[]): number[] => {
    const { id, at, signature, body } = got.at(-1)!
    const came = signature.split(' ')
    expect(came.every((one) => /^v1,[A-Za-z0-9+/]{43}=$/.test(one))).toBe(true)
    return secrets.flatMap((one, index) => {
      const mine = createHmac('sha256', Buffer.from(one.slice(6), 'base64')).update(`${id}.${at}.${body}`)
      return came.includes(`v1,${mine.digest('base64')}`) ? [index] : []
    })
  }
  const made = acme.admin.post('/api/connections', { tool: 'webhook', name: 'turns', values: { url: target } })
  const sends = async (): Promise<number> => {
    const story = await pushed('turns')
    await becomes(story, 'succeeded')
    return got.at(-1)!.signature.split(' ').length
  }

  test(
    'both sign for a while, then the new one alone: at its time, or when somebody ends it',
    { timeout: 60_000 },
    async () => {
      const { connection, made: first } = (await made).body
      const secrets = [first.secret as string]
      const rotate = async (oldHours: number): Promise<void> => {
        const came = await acme.admin.post(`/api/connections/${connection.id}/secrets`, { oldHours })
        expect(came.status, JSON.stringify(came.body)).toBe(201)
        secrets.push(came.body.made.secret)
      }
      const shown = async (): Promise<{ until: number }[]> =>
        (await acme.admin.get('/api/connections')).body.connections.find(
          (one: { id: string }) => one.id === connection.id,
        ).oldSecrets
      expect([await sends(), signedWith(secrets)]).toEqual([1, [0]])
      await rotate(2)
      expect([await sends(), signedWith(secrets)]).toEqual([2, [0, 1]])
      const [old] = await shown()
      expect(Math.abs(old!.until - Date.now() - 2 * 3_600_000)).toBeLessThan(60_000)
      expect(JSON.stringify(await shown())).not.toContain(secrets[0]!.slice(6, 30))
      await rotate(24)
      expect([await sends(), signedWith(secrets)]).toEqual([3, [0, 1, 2]])
      expect((await acme.admin.del(`/api/connections/${connection.id}/old-secrets`)).status).toBe(204)
      expect([await sends(), signedWith(secrets)]).toEqual([1, [2]])
      expect((await acme.admin.del(`/api/connections/${connection.id}/old-secrets`)).body.code).toBe('no_old_secret')
      await rotate(1)
      // It leaked: it ends at once, and so does the older one.
      await rotate(0)
      expect([await sends(), signedWith(secrets), await shown()]).toEqual([1, [4], []])
      for (let at = 0; at < 4; at++) await rotate(1)
      const many = await acme.admin.post(`/api/connections/${connection.id}/secrets`, { oldHours: 1 })
      expect([many.status, many.body.code]).toEqual([409, 'many_old_secrets'])
      // Who receives elsewhere gets no signature of before.
      const moved = await acme.admin.put(`/api/connections/${connection.id}`, { values: { url: `${target}/moved` } })
      expect(moved.body.connection.oldSecrets).toEqual([])
      secrets.push(moved.body.made.secret)
      expect([await sends(), signedWith(secrets)]).toEqual([1, [secrets.length - 1]])
      // One that is given is followed in the same way.
      const given = `whsec_${'A'.repeat(43)}=`
      await acme.admin.put(`/api/connections/${connection.id}`, { values: { secret: given }, oldHours: 3 })
      secrets.push(given)
      expect([await sends(), signedWith(secrets)]).toEqual([2, [secrets.length - 2, secrets.length - 1]])
    },
  )
})

test('a receiver that is busy is asked again under the same id, and people see that it waits', async () => {
  answers = [(response) => void response.writeHead(503, { 'retry-after': '1' }).end()]
  const story = await pushed()
  await becomes(story, 'succeeded')
  expect(got.map((one) => one.id)).toEqual([got[0]!.id, got[0]!.id])
  const facts = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ text: string }>(
      `select text from vp.facts where workspace = $1 and run = $2 and type = 'refusal.recorded'`,
      [acme.id, story.run],
    ),
  )
  expect(JSON.parse(facts.rows.at(-1)!.text).data).toMatchObject({
    code: 'tool_busy',
    words: 'webhook.send waits: ops answered 503.',
  })
})

test('a receiver that stays busy is come back to within the hour, which is told once, and at last it is not known', async () => {
  const busy = (response: http.ServerResponse) => void response.writeHead(503, { 'retry-after': '864000' }).end()
  answers = [busy]
  const story = await pushed()
  await vi.waitFor(() => expect(got).toHaveLength(1), { timeout: 10_000 })
  const { id } = await sent(story)
  const dueIn = async (returns: number): Promise<number | undefined> =>
    inWorkspace(db, acme.id, async (tx) => {
      const { rows } = await tx.query<{ wait: number }>(
        'select at - vp.now_ms() as wait from vp.due where workspace = $1 and key = $2 and done_at is null',
        [acme.id, `${id}:1~${returns}`],
      )
      return rows[0] && Number(rows[0].wait)
    })
  await vi.waitFor(async () => expect(await dueIn(1)).toBeGreaterThan(60_000), { timeout: 10_000, interval: 50 })
  expect(await dueIn(1)).toBeLessThanOrEqual(3_600_000)
  const comeBack = async (returns: number): Promise<void> => {
    answers = [busy]
    const options = { db, key, engine, outside, address: own.url, log }
    await carryOut(options, { workspace: acme.id, key: `${id}:1~${returns}`, attempt: 1 })
  }
  await comeBack(1)
  expect(await dueIn(2)).toBeGreaterThan(60_000)
  await comeBack(39)
  expect([(await sent(story)).state, await dueIn(40)]).toEqual(['executing', expect.any(Number)])
  await comeBack(40)
  const { state, tried } = await sent(story)
  expect([state, tried.at(-1)]).toEqual([
    'unknown',
    expect.objectContaining({ why: expect.stringContaining('It could not be done for a long time: ops answered 503') }),
  ])
  expect([await dueIn(41), got.length]).toEqual([undefined, 4])
  const told = await inWorkspace(db, acme.id, (tx) =>
    tx.query(`select from vp.facts where workspace = $1 and run = $2 and type = 'refusal.recorded'`, [
      acme.id,
      story.run,
    ]),
  )
  expect(told.rowCount).toBe(1)
  answers = []
  await becomes(story, 'succeeded', 40_000) // looked for again, as whatever is not known
  expect((await sent(story)).attempt).toBe(2)
})

test(
  'an answer that was lost leaves the effect unknown; it is told again under the same id',
  { timeout: 30_000 },
  async () => {
    answers = [(response) => void response.socket!.destroy()]
    const story = await pushed()
    await becomes(story, 'unknown')
    await becomes(story, 'succeeded', 25_000)
    expect(new Set(got.map((one) => one.id)).size).toBe(1)
    expect((await sent(story)).attempt).toBe(2)
  },
)

test('a receiver that says no asks a person', async () => {
  answers = [(response) => void response.writeHead(410).end()]
  const story = await pushed()
  await becomes(story, 'failed')
  expect((await story.gate()).subject).toMatchObject({
    kind: 'question',
    text: expect.stringContaining('ops answered 410. The receiver does not want messages any more.'),
  })
})

test('two replicas at the same effect send it once; the second looks again later', async () => {
  let letGo = (): void => {}
  answers = [(response) => void (letGo = () => response.writeHead(200).end())]
  const story = await pushed()
  await vi.waitFor(() => expect(got).toHaveLength(1), { timeout: 20_000 })
  const again = carryOut(
    { db, key, engine, outside, address: own.url, log },
    { workspace: acme.id, key: `${(await sent(story)).id}:1`, attempt: 1 },
  )
  await again
  const later = await inWorkspace(
    db,
    acme.id,
    async (tx) =>
      (
        await tx.query('select from vp.due where workspace = $1 and key = $2 and done_at is null', [
          acme.id,
          `${(await sent(story)).id}:1~1`,
        ])
      ).rowCount,
  )
  expect(later).toBe(1)
  letGo()
  await becomes(story, 'succeeded')
  expect(got).toHaveLength(1)
})

test('a connection that was removed fails in words, with its secrets erased', async () => {
  const gone = (await acme.admin.post('/api/connections', { tool: 'webhook', name: 'gone', values: { url: target } }))
    .body
  const sealed = async () =>
    (
      await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ sealed: string }>('select sealed from vp.connections where connection = $1', [gone.connection.id]),
      )
    ).rows[0]!.sealed
  const before = await sealed()
  expect((await acme.admin.del(`/api/connections/${gone.connection.id}`)).status).toBe(204)
  expect(await sealed()).not.toBe(before)
  const story = await pushed('gone')
  await becomes(story, 'failed')
  expect((await sent(story)).failure?.summary).toContain('the webhook target gone')
  expect(got).toEqual([])
})

test('a connection that is changed after the approval is asked about once more', { timeout: 30_000 }, async () => {
  const made = (await acme.admin.post('/api/connections', { tool: 'webhook', name: 'moving', values: { url: target } }))
    .body
  answers = [(response) => void response.writeHead(503, { 'retry-after': '2' }).end()]
  const story = await pushed('moving', 'approvals: [plan_review, pr_approval, webhook.send]\n')
  expect(await sent(story)).toBeUndefined()
  await story.vote('dana', 'approve')
  await vi.waitFor(() => expect(got).toHaveLength(1), { timeout: 20_000 })
  const changed = await acme.admin.put(`/api/connections/${made.connection.id}`, {
    values: { secret: made.made.secret, url: `${target}/elsewhere` },
  })
  expect(changed.status).toBe(200)
  await becomes(story, 'failed')
  expect((await sent(story)).failure).toMatchObject({ code: 'connection_changed' })
  expect(got).toHaveLength(1)
  const gate = await story.gate()
  await story.doing({
    do: 'decide',
    gate: gate.id,
    verdict: 'answer',
    digest: gate.digest,
    person: { id: 'usr_dana', name: 'dana', principals: ['team:payments'], ownsRunner: false },
    via: { surface: 'web', auth: 'session' },
    comment: null,
    lines: [],
    answer: { choice: 'again', text: null },
  })
  await becomes(story, 'succeeded')
  expect(got).toHaveLength(2)
})

test('what an event named is not looked for at another connection than the one it came by', async () => {
  await inWorkspace(db, acme.id, async (tx) => {
    await tx.query(
      `insert into vp.sources (workspace, source, kind, name, sealed, connection, removed_at) values ($1, 'src_gone', 'webhook', 'gone', 'x', 'con_gone', 1)`,
      [acme.id],
    )
    await tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, state) values ($1, 'dlv_gone', 'src_gone', 'x', 'processed')`,
      [acme.id],
    )
  })
  const story = await pushed('ops', '', 'dlv_gone')
  await becomes(story, 'failed')
  expect((await sent(story)).failure).toMatchObject({ code: 'connection_gone' })
  expect(got).toEqual([])
})

test('a workspace whose tool is slow leaves turns for the others', async () => {
  const order: string[] = []
  const letGo: (() => void)[] = []
  const slow = (workspace: string, n: number) =>
    alone(db, { workspace, intent: `int_${workspace}-${n}` }, async () => {
      order.push(workspace)
      await new Promise<void>((done) => letGo.push(done))
    })
  const running = [1, 2, 3, 4, 5, 6].map((n) => slow('ws_slow', n))
  await vi.waitFor(() => expect(order).toHaveLength(2), 20_000)
  const other = slow('ws_other', 1)
  await vi.waitFor(() => expect(order).toEqual(['ws_slow', 'ws_slow', 'ws_other']), 20_000)
  for (let n = 0; n < 7; n++) {
    await vi.waitFor(() => expect(letGo.length).toBeGreaterThan(n), 20_000)
    letGo[n]!()
  }
  expect(await Promise.all([...running, other])).toEqual(Array.from({ length: 7 }, () => true))
})

describe('an address on this machine or its network', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data',
    'https://[::1]:9/x',
    'https://10.0.0.1/x',
    'https://0x7f000001/x',
    'https://127.0.0.1.nip.io/x',
    'http://hooks.acme.dev/plain',
    'http://metadata.google.internal/',
  ])('%s is not asked', async (url) => {
    await expect(
      plane.context.outside.ask({ method: 'POST', url, timeoutMillis: 2_000 }).catch((error: Error) => error.name),
    ).resolves.toBe('NotSent')
  })
})

test('nothing begins for a run that was stopped', async () => {
  answers = []
  const story = await toChangeGate(await atPlanGateApproved(specOf(compiled())))
  await story.vote('dana', 'approve')
  await act(db, {
    workspace: acme.id,
    run: story.run,
    command: { do: 'cancel', by: { kind: 'system' }, reason: 'enough' },
  })
  expect(await sent(story)).toBeUndefined()
  expect(got).toEqual([])
})
