// `npm start`: one address that opens on the waiting decision; a second start beside it, after it, and after things were killed.
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { addressIn, localAdmin } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf, processesOf, stillAlive } from './testing/processes.ts'
import { run, start, viewportProgram, type Running } from './testing/program.ts'
import { runnerPid } from './testing/sample-run.ts'

const place = makePlace('start')
const words = ['up', '--sample', '--data', place.data]
let running: Running
let gate: string

const waits = async (): Promise<void> => void (await running.says(/Ctrl-C stops everything/, 120_000))
const cookieOf = (response: Response): string => response.headers.get('set-cookie')!.split(';')[0]!

beforeAll(async () => {
  running = start(place, viewportProgram, words)
  await waits()
}, 150_000)

afterAll(async () => {
  running.child.kill('SIGINT')
  await running.ended
  endAllOf(place.folder)
  place.remove()
})

test('one address signs the admin in, once, and lands on the plan that waits', async () => {
  const { url, secret } = addressIn(running.out())
  expect((await fetch(`${url}/sign-in`)).headers.get('content-type')).toContain('text/html')
  const signIn = () =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: secret }),
    })
  const first = await signIn()
  const { to } = (await first.json()) as { to: string }
  expect(to).toMatch(/^\/inbox\/gate_/)
  gate = to.slice('/inbox/'.length)
  expect((await signIn()).status).toBe(410)
  const card = (await (await fetch(`${url}/api/gates/${gate}`, { headers: { cookie: cookieOf(first) } })).json()) as {
    kind: string
    may: { decide: boolean }
    state: string
  }
  expect(card).toMatchObject({ kind: 'plan', state: 'open', may: { decide: true } })
  const me = (await (await fetch(`${url}/api/me`, { headers: { cookie: cookieOf(first) } })).json()) as {
    person: object
    workspace: object
  }
  expect(me).toMatchObject({
    person: { handle: 'jess', role: 'admin', teams: ['payments'] },
    workspace: { name: 'Acme Co.', sample: true },
  })
})

test('the workspace is whole', async () => {
  const admin = localAdmin(place.data)
  const { people } = await admin.get('/api/people')
  expect(people.map((person: { handle: string }) => person.handle)).toEqual(['dana', 'jess', 'sam'])
  const { workflows } = await admin.get('/api/workflows')
  expect(workflows).toEqual([
    expect.objectContaining({ name: 'docs-refresh', enabled: true, ready: true }),
    expect.objectContaining({ name: 'fix-bug', enabled: true, ready: true, runs: 1 }),
  ])
  const { deliveries } = await admin.get('/api/deliveries')
  expect(deliveries).toEqual([expect.objectContaining({ tool: 'webhook', matched: 1, state: 'processed' })])
  const { runners } = await admin.get('/api/runners')
  expect(runners).toEqual([
    expect.objectContaining({ name: 'acme-laptop', pool: 'local', online: true, repositories: ['acme/shop'] }),
  ])
})

test('a second one at the same time says who runs, and does no harm', async () => {
  const { url } = addressIn(running.out())
  const second = await run(place, viewportProgram, words)
  expect(second.code).toBe(1)
  expect(second.err).toContain(`process ${running.child.pid}, ${url}`)
  expect(second.out).toBe('')
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(localAdmin(place.data).url).toBe(url)
  expect(await localAdmin(place.data).get('/api/inbox')).toMatchObject({ total: 1 })
})

test('the commands find it', async () => {
  const inbox = await run(place, viewportProgram, ['inbox', '--json'])
  expect(JSON.parse(inbox.out)).toMatchObject({ open: [{ gate }] })
  const shown = await run(place, viewportProgram, ['decide', '1'])
  expect(shown.out).toContain('checked against its digest')
})

test('a runner that was killed is started again', { timeout: 60_000 }, async () => {
  const before = runnerPid(place)!
  process.kill(before, 'SIGKILL')
  await running.says(/was ended by SIGKILL and is started again/)
  await expect.poll(() => runnerPid(place) ?? before, { timeout: 20_000 }).not.toBe(before)
  await expect.poll(async () => (await run(place, viewportProgram, ['decide', '1'])).code, { timeout: 40_000 }).toBe(0) // it serves the plan again
})

test('Ctrl-C ends everything in order, a second one right after it changes nothing', { timeout: 60_000 }, async () => {
  const all = processesOf(place.folder)
  expect(all.map((one) => one.words)).toEqual(
    expect.arrayContaining([expect.stringContaining('postgres'), expect.stringContaining('worker start')]),
  )
  const since = Date.now()
  running.child.kill('SIGINT')
  running.child.kill('SIGINT')
  const { code, err } = await running.ended
  expect({ code, err }).toMatchObject({ code: 0 })
  expect(Date.now() - since).toBeLessThan(10_000)
  expect(stillAlive(all)).toEqual([])
  expect(err).toContain('Stopped.')
})

test('started again, it goes on with the same run', { timeout: 150_000 }, async () => {
  running = start(place, viewportProgram, words)
  await waits()
  expect(await localAdmin(place.data).get('/api/inbox')).toMatchObject({ open: [{ gate }], total: 1 })
  const { deliveries } = await localAdmin(place.data).get('/api/deliveries')
  expect(deliveries).toHaveLength(1)
})

test(
  'a control plane that was killed: the next start adopts the database and ends the runner that was left',
  { timeout: 150_000 },
  async () => {
    const runner = runnerPid(place)!
    running.child.kill('SIGKILL')
    await running.ended
    const left = processesOf(place.folder)
    expect(left.map((one) => one.words)).toEqual(expect.arrayContaining([expect.stringContaining('postgres')]))
    running = start(place, viewportProgram, words)
    await waits()
    expect(running.err()).toContain('was still running and goes on')
    expect(runnerPid(place)).toEqual(expect.any(Number))
    expect(runnerPid(place)).not.toBe(runner)
    expect(stillAlive(left.filter((one) => one.pid === runner))).toEqual([])
    expect(await localAdmin(place.data).get('/api/inbox')).toMatchObject({ open: [{ gate }], total: 1 })
  },
)

test('a port that is taken is said, with what to do', async () => {
  const { url } = addressIn(running.out())
  const words = ['up', '--port', new URL(url).port, '--data', join(place.folder, 'other')]
  const refused = await run(place, viewportProgram, words)
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringContaining('is used by another program. Choose another one with --port'),
  })
})
