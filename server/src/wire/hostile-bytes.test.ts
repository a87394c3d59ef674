/** Bytes from a runner that are too few, too many, or not wanted: each is refused in words, none blocks the right ones. */
import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { bodyDigests } from '@viewportai/core/digest/body'
import { specOf } from '@viewportai/core/run/testing/play'
import type { Lease } from '@viewportai/core/wire/messages'
import { testPlane, type TestPlane, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { capabilities, started, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let acme: TestWorkspace
beforeAll(async () => {
  at = await testPlane()
  acme = await at.workspace('acme', ['payments'])
})

let n = 0
/** A runner that works on a run whose bodies live there. */
const working = async (bodies: 'edge' | 'stored') => {
  const pool = `pool-${++n}`
  const { db } = at.plane.context
  const runner = await new TestRunner(at.url).pair(db, acme.id, `runner-${n}`, pool)
  const spec = specOf()
  const story = await new Story(db, acme.id).start({ ...spec, bodies, pins: { ...spec.pins, pool } })
  const lease = (await runner.lease())!
  expect(await runner.report(lease, 1, started)).toMatchObject({ status: 200 })
  const store = (digest: string, all: number, offset: number, bytes: Uint8Array) =>
    runner.send('PUT', `/wire/bodies/${digest}?run=${story.run}&kind=output&bytes=${all}&offset=${offset}`, bytes)
  const log = (offset: number, text: string) => runner.send('PUT', logPath(lease, offset), Buffer.from(text))
  return { runner, lease, story, store, log }
}
const logPath = (lease: Lease, offset: number): string =>
  `/wire/leases/${lease.lease}/log?epoch=${lease.epoch}&offset=${offset}`

test('an empty body is complete with its digest, and another digest is found out', async () => {
  const { store } = await working('stored')
  const { digest } = bodyDigests(new Uint8Array())
  expect(await store(digest, 0, 0, Buffer.from(''))).toMatchObject({ body: { offset: 0, complete: true } })
  expect(await store(digest, 0, 0, Buffer.from(''))).toMatchObject({ body: { offset: 0, complete: true } })
  expect((await store('b'.repeat(64), 0, 0, Buffer.from(''))).body.code).toBe('body_mismatch')
})

test('a part that ends amid a chunk is refused, and the whole arrives all the same', async () => {
  const { store } = await working('stored')
  const bytes = randomBytes(100_000)
  const { digest } = bodyDigests(bytes)
  const short = await store(digest, bytes.length, 0, bytes.subarray(0, 1_000))
  expect(short.body).toMatchObject({ code: 'invalid' })
  expect((await store(digest, bytes.length, 0, bytes.subarray(0, 65_536))).body).toEqual({
    offset: 65_536,
    complete: false,
  })
  expect((await store(digest, bytes.length, 65_536, bytes.subarray(65_536))).body).toEqual({
    offset: bytes.length,
    complete: true,
  })
})

test('a request without a body is one of no bytes, not a fault', async () => {
  const { runner, lease, story } = await working('stored')
  for (const path of [logPath(lease, 0), `/wire/bodies/${'a'.repeat(64)}?run=${story.run}&kind=log&bytes=3&offset=0`]) {
    const headers = { dpop: await runner.proof('PUT', path), authorization: `DPoP ${runner.token}` }
    expect((await fetch(at.url + path, { method: 'PUT', headers })).status).toBe(200)
  }
})

test('bytes for a run that another runner works on are not taken', async () => {
  const { story } = await working('stored')
  const { runner: other } = await working('stored')
  const path = `/wire/bodies/${'a'.repeat(64)}?run=${story.run}&kind=output&bytes=3&offset=0`
  expect((await other.send('PUT', path, Buffer.from('abc'))).body.code).toBe('not_found')
})

test('the log of a run whose bodies stay at the edge is not taken', async () => {
  const { log, lease } = await working('edge')
  expect((await log(0, 'lines that nobody asked for')).body.code).toBe('not_found')
  const kept = await inWorkspace(at.plane.context.db, acme.id, (tx) =>
    tx.query('select from vp.live_logs where workspace = $1 and lease = $2', [acme.id, lease.lease]),
  )
  expect(kept.rowCount).toBe(0)
})

test('a stranger who wants to pair brings a few kilobytes and no more', async () => {
  const stranger = new TestRunner(at.url)
  const tools = [{ name: 'x'.repeat(100_000), version: null }]
  const said = await stranger.post('/wire/pairings', {
    key: stranger.jwk,
    name: 'x',
    pool: 'local',
    capabilities: capabilities({ tools }),
  })
  expect(said).toMatchObject({ status: 413, body: { code: 'too_large', facts: { limit: 65_536 } } })
})

test('nobody begins the pairing of a key that is not theirs', async () => {
  const [stranger, other] = [new TestRunner(at.url), new TestRunner(at.url)]
  const asked = { key: other.jwk, name: 'x', pool: 'local', capabilities: capabilities() }
  expect((await stranger.post('/wire/pairings', asked)).body.code).toBe('proof_invalid')
  expect((await other.post('/wire/pairings', asked)).status).toBe(200)
})

test('places in a story that no story has are refused, not a fault', async () => {
  const { story } = await working('edge')
  for (const what of ['timeline?after=', 'facts?after=', 'steps/plan/log?attempt='])
    expect((await acme.admin.get(`/api/runs/${story.run}/${what}${Number.MAX_SAFE_INTEGER}`)).status).toBe(422)
  expect((await acme.admin.get(`/api/runs/${story.run}/timeline?after=2147483647`)).status).toBe(200)
})
