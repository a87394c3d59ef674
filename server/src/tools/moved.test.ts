/** A connection that leads to another server takes nothing of the one before with it. With a whole control plane and two of our emulated sites of Jira, which number alike. */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test, vi } from 'vitest'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedJira, tokens } from './jira/testing/emulated.ts'
import { payload } from './jira/testing/samples.ts'

const signing = 'the-secret-of-the-webhook'
const [a, b] = [await emulatedJira(), await emulatedJira()]
/** Before a site: it holds answers to these questions back while it is told to, and says when one waits and how many questions came. */
const frontOf = async (site: string) => {
  const gate = { holds: '', isWaited: false, asked: 0, open: () => {} }
  const front = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      gate.asked++
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
      const headers = { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' }
      const came = await fetch(site + request.url!, { method: request.method!, headers, ...body })
      const text = await came.text()
      if (gate.holds !== '' && request.url!.includes(gate.holds)) {
        gate.isWaited = true
        await new Promise<void>((open) => (gate.open = open))
      }
      response.writeHead(came.status, { 'content-type': 'application/json' }).end(text)
    })
  })
  await new Promise<void>((go) => front.listen(0, '127.0.0.1', go))
  afterAll(() => {
    gate.open()
    front.closeAllConnections()
    front.close()
  })
  return Object.assign(gate, { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}` })
}
const [gate, other] = [await frontOf(a.url), await frontOf(b.url)]
const first = gate.url

const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const of = await workspace('acme')
const { admin } = of
const query = <T extends object>(text: string, ...more: unknown[]) =>
  inWorkspace(plane.context.db, of.id, async (tx) => (await tx.query<T>(text, [of.id, ...more])).rows)
type Delivery = { title: string; outcome: string }
const deliveries = async (): Promise<Delivery[]> => (await admin.get('/api/deliveries')).body.deliveries
const soon = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 50 })

const values = { site: first, email: 'us@acme.dev', token: tokens.us, signing }
const { connection } = (await admin.post('/api/connections', { tool: 'jira', name: 'jira', values })).body
const leadTo = async (site: string): Promise<void> => {
  const { status, body } = await admin.put(`/api/connections/${connection.id}`, { values: { site, token: tokens.us } })
  expect(status, JSON.stringify(body)).toBe(200)
}

let count = 0
/** Jira's webhook about the making of its issue 10042, and what came of it. */
const told = async (): Promise<string> => {
  const title = `Told ${++count}`
  const made = payload({ webhookEvent: 'jira:issue_created' }) as { issue: { fields: object } }
  const issue = { ...made.issue, fields: { ...made.issue.fields, summary: title } }
  const body = JSON.stringify({ ...made, issue, timestamp: Date.now() })
  const headers = {
    'content-type': 'application/json',
    'x-atlassian-webhook-identifier': `hook-${count}`,
    'x-hub-signature': `sha256=${createHmac('sha256', signing).update(body).digest('hex')}`,
  }
  const { origin, pathname } = new URL(connection.url)
  expect((await send(origin, 'POST', pathname, { body, headers })).status).toBe(202)
  return soon(async () => {
    const mine = (await deliveries()).filter((one) => one.title.includes(title) && one.outcome !== 'arriving')
    expect(mine.length).toBeGreaterThan(1) // it is labelled and assigned as well
    expect(new Set(mine.map(({ outcome }) => outcome)).size).toBe(1)
    return mine[0]!.outcome
  })
}

test(
  "another site's issue of the same number is another one, and the first site's stays known",
  { timeout: 120_000 },
  async () => {
    expect([await told(), await told()]).toEqual(['no_match', 'duplicate'])
    await leadTo(b.url)
    expect([await told(), await told()]).toEqual(['no_match', 'duplicate'])
    await leadTo(first)
    expect(await told()).toBe('duplicate')
  },
)

test(
  'what a version before kept without its site is known, before the connection leads elsewhere and when it is back',
  { timeout: 120_000 },
  async () => {
    await query(`delete from vp.seen_events where workspace = $1 and event like '% ' || $2 || ' %'`, b.url)
    await query(`update vp.seen_events set event = replace(event, ' ' || $2 || ' ', ' ') where workspace = $1`, first)
    const names = async () =>
      (await query<{ event: string }>('select event from vp.seen_events where workspace = $1')).map(
        ({ event }) => event,
      )
    expect((await names()).filter((name) => name.includes('http'))).toEqual([])
    expect(await told()).toBe('duplicate')
    await leadTo(b.url)
    expect((await names()).filter((name) => !name.includes(` ${first} issue_`))).toEqual([])
    expect(await told()).toBe('no_match')
    await leadTo(first)
    expect(await told()).toBe('duplicate')
  },
)

test(
  'asking begins anew at the other site: neither the place nor what was found is taken for its own',
  { timeout: 120_000 },
  async () => {
    const place = async () =>
      (
        await query<{ cursor: unknown; asked: boolean }>(
          'select cursor, asked_at is not null as asked from vp.polls where workspace = $1 and connection = $2',
          connection.id,
        )
      )[0]!
    const ask = () => query('update vp.polls set next_at = 0 where workspace = $1')
    /** No webhook leads here. */
    const found = (title: string) =>
      soon(async () => {
        await ask()
        const mine = (await deliveries()).filter((one) => one.title.includes(title) && one.outcome !== 'arriving')
        expect(mine).toEqual([expect.objectContaining({ outcome: 'no_match' })])
      })
    await soon(async () => expect((await place()).cursor).not.toBeNull())
    expect((await a.create({ summary: 'Of the first site' })).id).toBe('10001')
    await found('Of the first site')
    // An asking of the first site that is on its way is told into nothing.
    Object.assign(gate, { holds: '/search/', isWaited: false })
    await a.create({ summary: 'Too late' })
    await ask()
    await soon(async () => expect(gate.isWaited).toBe(true))
    await query(
      `insert into vp.whispers (workspace, connection, account, delivery, place, reason, known, next_at) values ($1, $2, 'sam', 'dlv_1', '{}', 'unlinked', false, vp.now_ms() + 3600000)`,
      connection.id,
    )
    const before = JSON.stringify((await place()).cursor)
    await leadTo(b.url)
    expect(await place()).toEqual({ cursor: null, asked: false })
    gate.holds = ''
    gate.open()
    await soon(async () => expect((await place()).cursor).not.toBeNull())
    expect(JSON.stringify((await place()).cursor)).not.toBe(before)
    expect((await b.create({ summary: 'Of the other site' })).id).toBe('10001')
    await found('Of the other site')
    expect((await deliveries()).filter(({ title }) => title.includes('Too late'))).toEqual([])
    expect(await query('select problem from vp.whispers where workspace = $1')).toEqual([
      { problem: 'its connection leads to another server now' },
    ])
  },
)

test(
  'a first asking that is on its way when its connection is led elsewhere is none of the other site',
  { timeout: 120_000 },
  async () => {
    await leadTo(first)
    Object.assign(gate, { holds: '/myself', isWaited: false })
    await query('update vp.polls set cursor = null, next_at = 0 where workspace = $1')
    await soon(async () => expect(gate.isWaited).toBe(true))
    await leadTo(other.url)
    // Whoever asks next waits for the one that is held.
    const { asked } = other
    Object.assign(gate, { holds: '' }).open()
    await soon(async () => expect(other.asked).toBeGreaterThan(asked))
  },
)
