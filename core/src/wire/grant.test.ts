import { expect, test } from 'vitest'
import { assertionMisfit } from './assertion.ts'
import { fromBase64url, toBase64url } from './base64url.ts'
import { grantFor, grantMisfit } from './grant.ts'
import type { Job } from './job.ts'
import { reportText } from './report-text.ts'

const job: Job = {
  kind: 'checks',
  round: 1,
  commands: ['npm test'],
  repos: [],
  change: null,
  baseline: false,
  limits: { seconds: 60, tokens: null, usdMicros: null },
}
const source = { text: 'name: x', digest: 'a'.repeat(64), budgets: 1 }
const lease = { run: 'run_1', step: 'verify', attempt: 1, epoch: 3, job }

test('a grant fits the work it was made for, until it expires', () => {
  expect(grantMisfit(grantFor(lease, 100), lease, 100)).toBeNull()
  expect(grantMisfit(grantFor(lease, 100), lease, 101)).toBe('it expired 1 seconds ago')
})

test.each([
  ['run', { run: 'run_2' }],
  ['step', { step: 'plan' }],
  ['attempt', { attempt: 2 }],
  ['epoch', { epoch: 4 }],
  ['work', { job: { ...job, commands: ['rm -rf /'] } }],
])('a grant does not fit another %s', (_, changed) => {
  const asGiven = { ...lease, source }
  expect(grantMisfit(grantFor({ ...asGiven, ...changed }, 100), asGiven, 1)).toMatch(/^it is for|^the work is not/)
})

test.each([
  ['another text', { ...source, text: 'name: y' }],
  ['another digest', { ...source, digest: 'b'.repeat(64) }],
  ['more budgets', { ...source, budgets: 2 }],
  ['no text', null],
])('a grant does not fit a workflow with %s, nor one without it', (_, changed) => {
  const why = 'the text of the workflow is not the one that was signed'
  expect(grantMisfit(grantFor({ ...lease, source: changed }, 100), { ...lease, source }, 1)).toBe(why)
  expect(grantMisfit(grantFor({ ...lease, source }, 100), { ...lease, source: changed }, 1)).toBe(why)
})

test('an assertion fits its own token endpoint in its own time', () => {
  const claims = {
    iss: 'rnr_1',
    sub: 'rnr_1',
    aud: 'https://vp.example/wire/token',
    jti: 'a'.repeat(22),
    iat: 1_000,
    exp: 1_060,
  }
  const url = 'https://vp.example/wire/token'
  expect(assertionMisfit(claims, url, 1_030)).toBeNull()
  expect(assertionMisfit({ ...claims, sub: 'rnr_2' }, url, 1_030)).toMatch(/issuer/)
  expect(assertionMisfit(claims, 'https://other.example/wire/token', 1_030)).toMatch(/another control plane/)
  expect(assertionMisfit({ ...claims, exp: 9_000 }, url, 1_030)).toMatch(/longer/)
  expect(assertionMisfit(claims, url, 1_121)).toMatch(/expired/)
  expect(assertionMisfit(claims, url, 900)).toMatch(/ahead/)
})

test('the text of a report does not depend on the order of its keys, but on its place', () => {
  const place = { run: 'run_1', step: 'plan', attempt: 1, lease: 'lease_1', epoch: 1, seq: 1 }
  const report = { type: 'effect_started', intent: 'int_1', attempt: 1 } as const
  expect(reportText(place, report)).toBe(
    '{"attempt":1,"epoch":1,"lease":"lease_1","report":{"attempt":1,"intent":"int_1","type":"effect_started"},"run":"run_1","seq":1,"step":"plan","v":1}',
  )
  expect(reportText({ ...place, seq: 2 }, report)).not.toBe(reportText(place, report))
})

test('base64url goes both ways and is unambiguous', () => {
  for (let length = 0; length < 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255)
    const text = toBase64url(bytes)
    expect(text).toBe(Buffer.from(bytes).toString('base64url'))
    expect(fromBase64url(text)).toEqual(bytes)
  }
  expect(['A', 'AB=', 'A+', 'AB', 'A/b', 'aé'].map(fromBase64url)).toEqual(Array(6).fill(null))
})
