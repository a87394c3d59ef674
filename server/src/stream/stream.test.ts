import http from 'node:http'
import { once } from 'node:events'
import { afterAll, expect, test } from 'vitest'
import { StreamNote } from '@viewportai/core/api/stream'
import { send, testPlane, type TestPerson } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const { plane, workspace, replica, url } = await testPlane()
const { db } = plane.context
const [acme, beta] = [await workspace('acme'), await workspace('beta')]
const open = new Set<http.ClientRequest>()
afterAll(() => open.forEach((one) => one.destroy()))

/** Opens a stream over a real socket and collects its notes. */
const listen = async (person: TestPerson, at = url, agent?: http.Agent) => {
  const request = http.get(`${at}/api/stream`, {
    headers: { ...person.headers, accept: 'text/event-stream' },
    ...(agent ? { agent } : {}),
  })
  open.add(request)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const heard = {
    status: response.statusCode,
    headers: response.headers,
    notes: [] as StreamNote[],
    text: '',
    ended: false,
  }
  response.on('data', (chunk: Buffer) => {
    heard.text += chunk.toString()
    for (const [, beat, line] of chunk.toString().matchAll(/^(event: beat\n)?data: (.*)$/gm))
      if (!beat) heard.notes.push(StreamNote.parse(JSON.parse(line!)))
  })
  response.on('close', () => (heard.ended = true))
  response.on('error', () => {})
  return heard
}

test('a run that moves is told to its workspace, at every replica, and to nobody else', async () => {
  const other = await replica()
  const [here, there, elsewhere] = [
    await listen(acme.admin),
    await listen(acme.admin, other.url),
    await listen(beta.admin),
  ]
  expect(here).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
  const story = await new Story(db, acme.id).start(specFor(acme.admin))
  await expect
    .poll(() => [here, there].map((one) => one.notes.some((note) => note.topic === 'run' && note.id === story.run)))
    .toEqual([true, true])
  const mine = await new Story(db, beta.id).start(specFor(beta.admin))
  await expect.poll(() => elsewhere.notes.map((note) => note.id)).toContain(mine.run)
  expect(elsewhere.notes.map((note) => note.id)).not.toContain(story.run)
  expect(here.notes.map((note) => note.id)).not.toContain(mine.run)
})

test('nobody listens without being signed in, nor from another site', async () => {
  expect((await send(url, 'GET', '/api/stream')).body.code).toBe('not_signed_in')
  expect((await acme.admin.call('GET', '/api/stream', undefined, { 'sec-fetch-site': 'cross-site' })).body.code).toBe(
    'cross_origin',
  )
})

test('who is removed hears nothing more, at every replica', async () => {
  const other = await replica()
  const mallory = await acme.person('mallory')
  const pages = [await listen(mallory), await listen(mallory, other.url)]
  await acme.admin.put(`/api/people/${mallory.id}`, { active: false })
  await expect.poll(() => pages.map((page) => page.ended)).toEqual([true, true])
})

test('five hundred pages hear one nudge, and the server answers meanwhile', async () => {
  const people = await Promise.all(Array.from({ length: 20 }, (_, n) => acme.person(`reader${n}`)))
  const agent = new http.Agent({ maxSockets: 1_000 })
  const pages = await Promise.all(Array.from({ length: 500 }, (_, n) => listen(people[n % people.length]!, url, agent)))
  const from = performance.now()
  db.nudges.send({ workspace: acme.id, topic: 'gate', id: 'gate_x-1' })
  await expect
    .poll(() => pages.filter((page) => page.notes.some((note) => note.id === 'gate_x-1')).length, { interval: 5 })
    .toBe(500)
  expect(performance.now() - from).toBeLessThan(10_000) // within a second where nobody else computes
  expect((await send(url, 'GET', '/healthz')).status).toBe(200)
})

test('a lost connection to the database ends the pages, so that they look at everything anew', async () => {
  const page = await listen(acme.admin)
  await db.asOwner(async (owner) => {
    await owner.query('reset role')
    await owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'viewport nudges'`,
    )
  })
  await expect.poll(() => page.ended, { timeout: 20_000 }).toBe(true)
})
