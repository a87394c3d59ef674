import { expect, test } from 'vitest'
import { testWords } from './test-words.ts'

const outcome = (exit: number, tests: { passed: number; failed: number } | null = null, command = 'npm test') => ({
  command,
  exit,
  millis: 20_500,
  tests,
  log: null,
})
const said = (tests: Parameters<typeof testWords>[0]) =>
  testWords(tests)
    .map((piece) => piece.text)
    .join('')

test('red before, green after, with repair', () =>
  expect(
    said({
      before: [outcome(1, { passed: 212, failed: 3 })],
      after: [outcome(0), outcome(0, { passed: 215, failed: 0 })],
      passed: true,
      rounds: 2,
    }),
  ).toBe('3 red without the change → 215 green on this tree, 41 s, one repair round'))
test('without counts the commands are named', () =>
  expect(said({ before: null, after: [outcome(0, null, 'make check')], passed: true, rounds: 1 })).toBe(
    'make check passed on this tree, 21 s',
  ))
test('red after', () =>
  expect(testWords({ before: null, after: [outcome(2, null)], passed: false, rounds: 1 })[0]).toEqual({
    text: 'npm test failed',
    tone: 'stop',
  }))
