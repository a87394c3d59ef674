/** Runs that wake each other through a program of the customer's own, and over two connections to one tool: with the real intake, broker and receiver. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test, vi } from 'vitest'
import { body as bodyOf, planned } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver, type Signing } from '../../test/signed.ts'
import { Story } from '../../test/story.ts'

type Got = { headers: http.IncomingHttpHeaders; body: string }
const got: Got[] = []
const receiver = http.createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    got.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') })
    response.writeHead(200).end()
  })
})
receiver.listen(0, '127.0.0.1')
await once(receiver, 'listening')
afterAll(() => void receiver.close())
const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`

const { plane, workspace, url } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context
const read = { ...planned, result: { kind: 'text' as const, body: bodyOf('looked', 'output') } } as typeof planned
let count = 0

/** A workflow that is started by a webhook and by programs, and tells a target of it. */
const ready = async (more = '') => {
  const of = await workspace(`c${++count}`, ['payments'])
  await of.person(`lead${count}`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', {
    name: 'acme/shop',
    url: 'https://git.dev/acme/shop.git',
    defaultBranch: 'main',
  })
  const source = (await of.admin.post('/api/sources', { name: 'loop' })).body
  await of.admin.post('/api/connections', { tool: 'webhook', name: 'ops', values: { url: target } })
  const saved = await of.admin.post('/api/workflows', {
    source: `name: ping\nteam: payments\ntrigger:\n  - webhook: { source: loop }\n  - manual\nrepos: [{ acme/shop: { access: read } }]\nbreaker: { chain: 2 }\n${more}steps: [{ id: read, agent: sample, mode: read, prompt: Look }, { action: webhook.send, to: ops, type: ping.done }]\n`,
  })
  expect(saved.body.missing ?? saved.body.errors ?? saved.body).toEqual([])
  await of.admin.put('/api/workflows/ping/enabled', { enabled: true })
  return { of, source: { url: source.source.url as string, secret: source.secret as string } }
}
type Ready = Awaited<ReturnType<typeof ready>>

/** The run that a delivery started. */
const startedBy = ({ of }: Ready, delivery: string) =>
  vi.waitFor(
    async () => {
      const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
      expect(body.runs).toHaveLength(1)
      return body.runs[0].run as string
    },
    { timeout: 20_000, interval: 30 },
  )
const delivered = async (here: Ready, payload: object, how: Signing = {}): Promise<string> =>
  startedBy(here, (await deliver(url, here.source, payload, how)).body.delivery)
/** What the target hears of the run once it went on to its end. */
const heardOf = async ({ of }: Ready, run: string): Promise<Got> => {
  const before = got.length
  const story = new Story(db, of.id, run)
  if ((await story.state()).tainted) await story.letGo()
  await story.finishes('read', read)
  await vi.waitFor(() => expect(got.length).toBe(before + 1), { timeout: 20_000, interval: 30 })
  return got.at(-1)!
}
const heldOf = async ({ of }: Ready, run: string) => (await new Story(db, of.id, run).state()).held

test.each<[string, (here: Ready, heard: Got) => Promise<string>]>([
  [
    'that says the cause in its body',
    (here, { body }) => delivered(here, { type: 'pong', cause: JSON.parse(body).cause }),
  ],
  [
    'that says it in the header alone',
    (here, { headers }) =>
      delivered(here, { type: 'pong' }, { headers: { 'viewport-cause': String(headers['viewport-cause']) } }),
  ],
  ['that passes the body on as it came', (here, { body }) => delivered(here, JSON.parse(body))],
  [
    'that passes on what stood in data alone',
    (here, { body }) => delivered(here, { type: 'pong', data: JSON.parse(body).data }),
  ],
  [
    'that starts the workflow with a token of a person',
    async ({ of }, { headers }) => {
      const cause = headers['viewport-cause']
      const { body, status } = await of.admin.post('/api/runs', { workflow: 'ping', title: 'Again', cause })
      expect(status).toBe(201)
      return body.run
    },
  ],
])(
  'a circle through a program %s ends at the length that the workflow lets',
  { timeout: 60_000 },
  async (_, answer) => {
    const here = await ready()
    let run = await delivered(here, { type: 'ping' })
    for (let n = 1; n <= 2; n++) {
      const heard = await heardOf(here, run)
      expect(JSON.parse(heard.body).cause).toEqual({ run, depth: expect.any(Number) })
      run = await answer(here, heard)
      expect(await heldOf(here, run)).toBeNull()
    }
    run = await answer(here, await heardOf(here, run))
    expect(await heldOf(here, run)).toMatchObject({
      limit: 'chain',
      why: expect.stringContaining('3 runs woke each other'),
    })
  },
)

test('over two workspaces each carries on how long the chain is', { timeout: 60_000 }, async () => {
  const both = [await ready(), await ready()] as const
  let run = await delivered(both[0], { type: 'ping' })
  const depths: number[] = []
  for (let n = 1; n <= 3; n++) {
    const { body } = await heardOf(both[(n + 1) % 2]!, run)
    depths.push(JSON.parse(body).cause.depth)
    run = await delivered(both[n % 2]!, { type: 'pong', cause: JSON.parse(body).cause })
  }
  expect(depths).toEqual([1, 2, 3])
  expect(await heldOf(both[1], run)).toMatchObject({ limit: 'chain' })
})

test(
  'many answers to one run are no circle, and what names no run is refused or counts for nothing',
  { timeout: 60_000 },
  async () => {
    const here = await ready()
    const heard = await heardOf(here, await delivered(here, { type: 'ping' }))
    const { cause } = JSON.parse(heard.body)
    for (let n = 0; n < 14; n++)
      expect(await heldOf(here, await delivered(here, { type: 'finding', cause }))).toBeNull()
    expect(
      await heldOf(here, await delivered(here, { type: 'ping', cause: { run: 'nightly', depth: 900 } })),
    ).toBeNull()
    const no = await here.of.admin.post('/api/runs', { workflow: 'ping', title: 'x', cause: 'because' })
    expect([no.status, JSON.stringify(no.body)]).toEqual([422, expect.stringContaining('viewport-cause')])
  },
)

test(
  'a circle through a program that drops the cause is nothing that the breaker can count: it ends at the cap of the hour, where a person is asked',
  { timeout: 60_000 },
  async () => {
    const here = await ready('caps: { webhook.send: { run: 1, hour: 3 } }\n')
    let run = await delivered(here, { type: 'ping' })
    for (let n = 1; n <= 3; n++) {
      await heardOf(here, run)
      run = await delivered(here, { type: 'pong' })
      expect(await heldOf(here, run)).toBeNull()
    }
    const before = got.length
    const story = new Story(db, here.of.id, run)
    if ((await story.state()).tainted) await story.letGo()
    await story.finishes('read', read)
    await vi.waitFor(
      async () => {
        const { body } = await here.of.admin.get('/api/effects')
        expect(JSON.stringify(body)).toContain('webhook.send may be done 3 times in an hour by this workflow')
      },
      { timeout: 20_000, interval: 50 },
    )
    expect(got).toHaveLength(before)
  },
)
