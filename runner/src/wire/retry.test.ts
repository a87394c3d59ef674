import { expect, test } from 'vitest'
import { pauseBefore, retryAfter, usualPace, whyAgain } from './retry.ts'
import { refusalIn, introducedAs } from './refused.ts'
import { serverClock, skewWords } from './server-clock.ts'

const answer = (status: number, text = '{}', headers: Record<string, string> = {}) => ({ status, text, headers })

test.each([
  [200, '{}', false],
  [204, '', false],
  [200, '<html>', true],
  [200, '{"a":', true],
  [302, '', true],
  [408, '', true],
  [425, '', true],
  [429, '', true],
  [500, '{}', true],
  [503, '', true],
  [400, '{}', false],
  [401, '{}', false],
  [403, '{}', false],
  [404, '<html>', false],
  [409, '{}', false],
  [410, '{}', false],
  [416, '{}', false],
  [422, '{}', false],
])('status %d with %j: try again %s', (status, text, again) => {
  expect(whyAgain(answer(status, text), true) !== null).toBe(again)
})

test('pauses grow, are bounded, never fall in step, and heed Retry-After up to a minute', () => {
  const at = (n: number, random: number, asked: number | null = null) => pauseBefore(n, usualPace, asked, () => random)
  expect([1, 2, 3, 4].map((n) => at(n, 1))).toEqual([250, 500, 1_000, 2_000])
  expect(at(1, 0)).toBe(125)
  expect(at(99, 1)).toBe(15_000)
  expect(at(1, 0, 5_000)).toBe(5_000)
  expect(at(1, 0, 3_600_000)).toBe(60_000)
  expect(retryAfter('7', 0)).toBe(7_000)
  expect(retryAfter('Thu, 01 Jan 1970 00:01:40 GMT', 90)).toBe(10_000)
  expect(retryAfter('soon', 0)).toBeNull()
  expect(retryAfter(undefined, 0)).toBeNull()
})

test('a problem document becomes its refusal; an unknown or missing one becomes that of its status', () => {
  const document = { code: 'stale_epoch', detail: 'Gone to another.', next: 'Stop.', facts: { current: 4, epoch: 3 } }
  expect(refusalIn(answer(409, JSON.stringify(document)))).toMatchObject({
    refusal: 'stale_epoch',
    words: 'Gone to another.',
    next: 'Stop.',
    facts: { current: 4, status: 409 },
  })
  expect(refusalIn(answer(403, JSON.stringify({ code: 'brand_new', detail: 'A new rule.' })))).toMatchObject({
    refusal: 'not_allowed',
    words: 'A new rule.',
  })
  for (const code of ['constructor', '__proto__', 'toString'])
    expect(refusalIn(answer(403, JSON.stringify({ code, detail: 'No.' })))).toMatchObject({
      refusal: 'not_allowed',
      words: 'No.',
    })
  expect(refusalIn(answer(404, '<html>'))).toMatchObject({ refusal: 'not_found' })
  expect(refusalIn(answer(418, 'null'))).toMatchObject({ refusal: 'invalid' })
})

test("F13: the control plane's clock goes on whatever this machine's does", () => {
  let wall = 1_000_000_000_000
  let steady = 5_000
  const clock = serverClock(
    () => wall,
    () => steady,
  )
  expect(clock.seconds()).toBe(1_000_000_000)
  expect(clock.skew()).toBeNull()
  clock.note('Sun, 09 Sep 2001 02:46:40 GMT', steady) // one hour ahead of this machine
  expect(clock.seconds()).toBe(1_000_003_600)
  wall -= 7_200_000
  steady += 10_000
  expect(clock.seconds()).toBe(1_000_003_610)
  expect(skewWords(clock.skew())).toMatch(/^The clock of this machine is 3\.0 hours behind the control plane's/)
  expect(skewWords(30)).toBeNull()
  clock.note('not a date', steady)
  expect(clock.seconds()).toBe(1_000_003_610)
})

test('a control plane that does not know why it does not understand this vpd: the words say whose version is to be looked at', () => {
  const problem = JSON.stringify({
    code: 'invalid',
    detail: 'The request is not valid: message.capabilities.dreams: Unrecognized key.',
    next: 'Mend it and send again.',
  })
  const said = introducedAs(refusalIn(answer(422, problem)), '0.2.0', 'https://viewport.acme.dev')
  expect(said.words).toBe(
    'The control plane at https://viewport.acme.dev does not understand what vpd 0.2.0 says of this machine: The request is not valid: message.capabilities.dreams: Unrecognized key.',
  )
  expect(said.next).toMatch(/Where it is the older one, upgrade it first/)
  for (const code of ['runner_newer', 'runner_revoked', 'runner_doubled']) {
    const other = refusalIn(answer(422, JSON.stringify({ code, detail: 'Words.', next: 'Then.' })))
    expect(introducedAs(other, '0.2.0', 'https://viewport.acme.dev')).toBe(other)
  }
})
