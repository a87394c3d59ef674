/** A connection that answers nothing is left alone longer each time, others are not, and an answer ends it. */
import { NotSent, NoWholeAnswer, TooLong, type Outside } from '@viewportai/core/tools/outside'
import { expect, test } from 'vitest'
import { heardBy, makeSilences } from './silences.ts'

test('each silence is longer than the one before, up to a minute, and an answer ends it', () => {
  const silences = makeSilences()
  expect(silences.until('con_a', 0)).toBeNull()
  expect([0, 15_000, 45_000, 105_000].map((now) => silences.silent('con_a', now) - now)).toEqual([
    15_000, 30_000, 60_000, 60_000,
  ])
  expect([silences.until('con_a', 164_999), silences.until('con_a', 165_000)]).toEqual([165_000, null])
  expect(silences.until('con_b', 105_000)).toBeNull()
  silences.answered('con_a')
  expect(silences.until('con_a', 105_000)).toBeNull()
  expect(silences.silent('con_a', 0)).toBe(15_000)
})

const asked = { method: 'GET', url: 'https://api.dev/' } as const
test.each<[string, (string | Error)[], boolean]>([
  ['nothing was asked', [], false],
  ['no question had an answer', [new NotSent('a'), new NoWholeAnswer('b')], true],
  ['one of them had', [new NotSent('a'), 'no'], false],
  ['its answer was too long', [new TooLong('c')], false],
  ['our own code broke', [new Error('d')], false],
])('where %s, is that silence: %s', async (_, answers, expected) => {
  const left = [...answers]
  const outside: Outside = {
    now: () => 0,
    async ask() {
      const next = left.shift()!
      if (typeof next !== 'string') throw next
      return { status: 500, headers: {}, text: next }
    },
  }
  const heard = heardBy(outside)
  for (const answer of answers) await heard.outside.ask(asked).catch((error: unknown) => expect(error).toBe(answer))
  expect(heard.isSilent()).toBe(expected)
})
