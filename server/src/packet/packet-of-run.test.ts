import { createHash, randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { changeDigest } from '@viewportai/core/gate/subject'
import { idFrom } from '@viewportai/core/ids'
import { readGivenKeys } from '@viewportai/core/packet/given-keys'
import type { Verdict } from '@viewportai/core/packet/verdict'
import { verifyPacket } from '@viewportai/core/packet/verify'
import { isRefusal } from '@viewportai/core/refusal'
import { branch, changed, checks, edited, person, planned, specOf } from '@viewportai/core/run/testing/play'
import type { Lease, Report } from '@viewportai/core/wire/messages'
import { unzipSync } from 'fflate'
import pino from 'pino'
import { afterAll, expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeApp } from '../http/app.ts'
import { ownAddress } from '../http/own-address.ts'
import { loadSigningKeys, rotateSigningKey, type SigningKeys } from '../keys/signing-keys.ts'
import { act } from '../ledger/act.ts'
import { wireKeys } from '../wire/keys.ts'
import { makeStuck } from '../stuck.ts'
import { registerWire } from '../wire/routes.ts'
import { started, TestRunner } from '../wire/testing/known-runner.ts'
import { readRun } from '../wire/testing/read-run.ts'
import { bodiesSetting, packetOfRun } from './packet-of-run.ts'

const made = await testDatabase()
const { db } = made
const signing = await loadSigningKeys(db, made.key)
const log = pino({ level: 'silent' })
let port = 0
const app = await makeApp(
  ownAddress(null, '127.0.0.1', () => port),
  log,
)
const url = (): string => `http://127.0.0.1:${port}`
await registerWire(app, {
  db,
  stuck: makeStuck(() => {}),
  keys: wireKeys(signing),
  get publicUrl() {
    return url()
  },
  get replicaUrl() {
    return url()
  },
  leaseSeconds: 30,
  beatSeconds: 10,
  bodyMillis: 2_000,
  pieceMillis: 60_000,
  log,
})
await app.listen({ host: '127.0.0.1', port: 0 })
port = (app.server.address() as { port: number }).port
afterAll(() => app.close())

/** A whole run over the wire: every report signed by the runner's own key, every decision through the one door. */
const wholeRun = async () => {
  const workspace = await made.workspace()
  const run = idFrom('run', randomBytes(13))
  const runner = await new TestRunner(url()).pair(db, workspace, 'laptop')
  const by = { kind: 'system' } as const
  await act(db, { workspace, run, command: { do: 'start', by, spec: specOf(), delivery: null, tainted: false } })
  const work = async (step: string, ...reports: Report[]) => {
    const lease: Lease = (await runner.lease())!
    expect(lease).toMatchObject({ run, step })
    await runner.ack(lease)
    expect(await runner.report(lease, 1, ...reports)).toMatchObject({ status: 200, body: { accepted: reports.length } })
  }
  const approve = async (name: string) => {
    const { state } = await readRun(db, workspace, run)
    const gate = Object.values(state.gates).find((one) => one.state === 'open')!
    const acted = await act(db, {
      workspace,
      run,
      command: {
        do: 'decide',
        gate: gate.id,
        verdict: 'approve',
        digest: gate.digest,
        person: person(name),
        via: { surface: 'web', auth: 'session' },
        comment: null,
        lines: [],
        answer: null,
      },
    })
    expect(acted.refusal).toBeNull()
  }
  const effect = async () => {
    const { state } = await readRun(db, workspace, run)
    const intent = Object.values(state.intents).find((one) => one.state === 'approved')!.id
    const { commit, tree } = changed('one')
    await work(
      intent,
      { type: 'effect_started', intent, attempt: 1 },
      {
        type: 'effect_succeeded',
        intent,
        attempt: 1,
        reconciled: false,
        receipt: { provider: 'git', id: commit, url: null, observed: { ref: branch, commit, tree }, readBack: true },
      },
    )
  }
  await work(
    'plan',
    { type: 'pinned', repo: 'acme/shop', ref: 'refs/heads/main', commit: changed('one').base },
    started,
    planned,
  )
  await approve('jess')
  await work('implement', started, edited('one'))
  await work('verify', { ...started, agent: null }, checks(true))
  await approve('dana')
  await effect()
  const { state } = await readRun(db, workspace, run)
  const { change } = state.change!
  await act(db, {
    workspace,
    run,
    command: {
      do: 'merge',
      change: state.change!.id,
      digest: changeDigest(change),
      person: person('jess'),
      via: { surface: 'web', auth: 'session' },
    },
  })
  await effect()
  return { workspace, run }
}
const { workspace, run } = await wholeRun()
const packet = async (keys: SigningKeys = signing): Promise<Map<string, Uint8Array>> => {
  const found = await inWorkspace(db, workspace, (tx) => packetOfRun(tx, db, keys, run))
  if (isRefusal(found)) throw new Error(found.words)
  const bytes = await buffer(found.bytes)
  expect(bytes.length).toBe(found.total)
  return new Map(Object.entries(unzipSync(bytes)))
}
const verdict = async (files: ReadonlyMap<string, Uint8Array>, keys: SigningKeys = signing): Promise<Verdict> => {
  const given = readGivenKeys(
    JSON.stringify({ keys: keys.all.map(({ key, from, until }) => ({ ...key, notBefore: from, notAfter: until })) }),
  )
  return verifyPacket(files, { keys: 'keys' in given ? given.keys : [] })
}
const change = (text: string, values: unknown[]) => inWorkspace(db, workspace, (tx) => tx.query(text, values))

test('the packet of a run that went over the wire verifies, and every runner fact stands on a signed report', async () => {
  const told = await verdict(await packet())
  const { facts } = await readRun(db, workspace, run)
  expect(told).toMatchObject({ outcome: 'verified', faults: [], notes: [], run: { id: run, outcome: 'succeeded' } })
  expect(told.counts).toMatchObject({
    facts: facts.length,
    decisions: 3,
    effects: 3,
    reports: facts.filter((fact) => fact.by.kind === 'runner').length,
    bodies: 0,
  })
})

test('a run that is not there is not found, nor one of another workspace', async () => {
  const other = await made.workspace()
  expect(await inWorkspace(db, other, (tx) => packetOfRun(tx, db, signing, run))).toMatchObject({
    refusal: 'not_found',
  })
})

test('after a rotation the new key signs, and old packets still verify', async () => {
  const before = await packet()
  const rotated = await rotateSigningKey(db, made.key)
  expect(rotated.current.kid).not.toBe(signing.current.kid)
  expect((await verdict(before, rotated)).outcome).toBe('verified')
  const after = await packet(rotated)
  expect((await verdict(after, rotated)).outcome).toBe('verified')
  expect((await verdict(after, signing)).faults[0]).toMatchObject({ code: 'wrong_key' })
})

test('stored bodies are in it where the workspace chose so', async () => {
  const keys = await loadSigningKeys(db, made.key)
  const bytes = Buffer.from('the plan')
  const { digest } = (planned as { result: { body: { digest: string } } }).result.body
  await change(
    'insert into vp.bodies (workspace, run, digest, kind, bytes, have, complete) values ($1, $2, $3, $4, $5, $5, true)',
    [workspace, run, digest, 'plan', bytes.length],
  )
  await change('insert into vp.body_chunks (workspace, run, digest, n, bytes) values ($1, $2, $3, 0, $4)', [
    workspace,
    run,
    digest,
    bytes,
  ])
  expect((await verdict(await packet(keys), keys)).counts.bodies).toBe(0)
  await change(`insert into vp.settings (workspace, name, value) values ($1, $2, 'true')`, [workspace, bodiesSetting])
  const files = await packet(keys)
  expect(files.get(`bodies/${digest}`)).toEqual(new Uint8Array(bytes))
  expect(await verdict(files, keys)).toMatchObject({ outcome: 'verified', counts: { bodies: 1 } })
})

test('a large body is never held: it is read in chunks when its turn comes, and held against what was found before', async () => {
  const keys = await loadSigningKeys(db, made.key)
  const { digest } = (planned as { result: { body: { digest: string } } }).result.body
  const bytes = randomBytes(40 * 65_536 + 17)
  const large = createHash('sha256').update(bytes).digest('hex')
  await change(
    `insert into vp.bodies (workspace, run, digest, kind, bytes, have, complete) values ($1, $2, $3, 'log', $4, $4, true)`,
    [workspace, run, large, bytes.length],
  )
  await change(
    `insert into vp.body_chunks (workspace, run, digest, n, bytes) select $1, $2, $3, n, substring($4::bytea from n * 65536 + 1 for 65536) from generate_series(0, 40) n`,
    [workspace, run, large, bytes],
  )
  const opened = async () => {
    const found = await inWorkspace(db, workspace, (tx) => packetOfRun(tx, db, keys, run))
    if (isRefusal(found)) throw new Error(found.words)
    return found
  }
  const parts: Uint8Array[] = []
  for await (const part of (await opened()).bytes) parts.push(part)
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(65_536)
  const files = new Map(Object.entries(unzipSync(Buffer.concat(parts))))
  expect(Buffer.compare(files.get(`bodies/${large}`)!, bytes)).toBe(0)
  expect(files.has(`bodies/${digest}`)).toBe(true)
  // What changes between the two readings ends the zip instead of spoiling it.
  const chunk = (text: string, n: number) =>
    change(`update vp.body_chunks set bytes = ${text} where workspace = $1 and run = $2 and digest = $3 and n = $4`, [
      workspace,
      run,
      large,
      n,
    ])
  const before = await opened()
  await chunk('set_byte(bytes, 5, 255 - get_byte(bytes, 5))', 30)
  await expect(buffer(before.bytes)).rejects.toThrow(`bodies/${large} changed while the zip was written`)
  await expect(opened()).rejects.toThrow(`the bytes of body ${large} have another digest`)
  await change('delete from vp.body_chunks where workspace = $1 and run = $2 and digest = $3', [workspace, run, large])
  await change('delete from vp.bodies where workspace = $1 and run = $2 and digest = $3', [workspace, run, large])
})

test('a ledger whose end does not fit is not signed', async () => {
  const keys = await loadSigningKeys(db, made.key)
  await change('update vp.runs set seq = seq + 1 where workspace = $1 and run = $2', [workspace, run])
  await expect(packet(keys)).rejects.toThrow(/ends with fact \d+ in the ledger/)
})
