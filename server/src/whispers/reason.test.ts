/** Why nothing began, in one word, and what is said of it: a table, and that no word of it tells what is the workspace's. */
import { describe, expect, test } from 'vitest'
import { inCode, ourLink } from '@viewportai/core/tools/slack/safe-text'
import { reasonOf, reasons } from './reason.ts'
import { wordsTo } from './words.ts'

type Row = { pass: boolean; about: 'actor' | null }
const row = (pass: boolean, about: Row['about'] = null) => ({
  condition: 'channel',
  expected: 'a channel called "#secret-plans"',
  found: '#support',
  why: null,
  pass,
  about,
})
const answer = (...rows: Row[]) =>
  ({ id: 'wf_1', name: 'ship-secret', outcome: 'no', rows, why: 'channel is another one' }) as never
const slackMarks = { quote: (text: string) => inCode(text, 300), link: ourLink }
const actor = (person: string | null) => ({ id: 'slack:T1/U1', name: 'Kim', trust: 'unknown' as const, person })
const fits = answer(row(true) as Row, row(false, 'actor') as Row)
const other = answer(row(false) as Row, row(true, 'actor') as Row)

describe('why nothing began', () => {
  test.each([
    ['nobody knows them', [other, fits], null, [], 'unlinked'],
    ['they may not', [other, fits], 'usr_1', [], 'not_allowed'],
    ['nothing fits, and nobody knows them', [other], null, [], 'no_fit'],
    ['nothing listens', [], 'usr_1', [], 'no_fit'],
    ['it could not begin', [fits], 'usr_1', ['refused'], 'refused'],
    ['enough go on', [fits], 'usr_1', ['skipped'], 'full'],
    ['it rests', [fits], 'usr_1', ['rests', 'skipped'], 'rests'],
    ['it waits', [fits], 'usr_1', ['queued', 'refused'], 'waits'],
    ['something began', [fits], 'usr_1', ['refused', 'started'], null],
    ['another event of the same making began it', [fits], 'usr_1', ['same'], null],
    ['a newer one took its place', [fits], 'usr_1', ['dropped'], null],
  ] as const)('%s', (_what, answers, person, states, expected) =>
    expect(reasonOf({ answers: [...answers], actor: actor(person) }, [...states])).toBe(expected),
  )
})

describe('what is said', () => {
  const about = { account: 'slack:T1/U1', page: 'https://viewport.acme.dev/deliveries/dlv_1' }
  test('that nothing began, or that it waits, with where to see it', () => {
    for (const reason of reasons) {
      const words = wordsTo('member', reason, about, slackMarks)
      expect(words).toMatch(reason === 'waits' ? /^It waits for its turn: / : /^Nothing was started: /)
      expect(words).toContain('<https://viewport.acme.dev/deliveries/dlv_1|See')
      expect(words.includes('`viewport people link @you slack:T1/U1`')).toBe(reason === 'unlinked')
    }
  })
  test('a guest hears one and the same, whatever fits, and where nothing leads', () => {
    const said = reasons
      .filter((reason) => reason !== 'waits')
      .map((reason) => wordsTo('guest', reason, about, slackMarks))
    expect(new Set(said)).toEqual(new Set(['Nothing was started: guests whom Viewport does not know start nothing.']))
  })
})
