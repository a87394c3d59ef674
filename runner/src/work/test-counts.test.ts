import { describe, expect, it } from 'vitest'
import { testCounter } from './test-counts.ts'

const count = (output: string) => {
  const counter = testCounter()
  for (const line of output.split('\n')) counter.line(line)
  return counter.counts()
}

describe('test counts', () => {
  it.each<[string, string, { passed: number; failed: number } | null]>([
    [
      'node, tap',
      'TAP version 13\n# Subtest: a\nok 1 - a\n    ok 1 - inner\nnot ok 2 - b\n1..2\n# tests 2\n# suites 0\n# pass 1\n# fail 1\n',
      { passed: 1, failed: 1 },
    ],
    [
      'node, spec with colours',
      '✔ a (1ms)\n\u001b[34mℹ tests 3\u001b[39m\n\u001b[34mℹ pass 2\u001b[39m\n\u001b[34mℹ fail 1\u001b[39m\n',
      { passed: 2, failed: 1 },
    ],
    ['two node workspaces', '# pass 2\n# fail 0\n# pass 3\n# fail 1\n', { passed: 5, failed: 1 }],
    [
      'vitest',
      ' Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 5 passed | 2 skipped (8)\n',
      { passed: 5, failed: 1 },
    ],
    ['vitest, all good', '      Tests  12 passed (12)\n', { passed: 12, failed: 0 }],
    [
      'jest',
      'Test Suites: 1 failed, 1 passed, 2 total\nTests:       1 failed, 2 skipped, 5 passed, 8 total\n',
      { passed: 5, failed: 1 },
    ],
    ['pytest', '========= 1 failed, 5 passed, 1 skipped, 2 errors in 0.12s =========\n', { passed: 5, failed: 3 }],
    ['pytest -q', '7 passed in 0.01s\n', { passed: 7, failed: 0 }],
    [
      'go test -v',
      '=== RUN   TestA\n    --- PASS: TestA/sub (0.00s)\n--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\n',
      { passed: 1, failed: 1 },
    ],
    [
      'cargo, two targets',
      'test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\ntest result: FAILED. 2 passed; 1 failed; 0 ignored\n',
      { passed: 7, failed: 1 },
    ],
    [
      'TAP of another runner',
      'TAP version 14\nok 1 - a\nnot ok 2 - b # TODO later\nok 3 - c # SKIP\nnot ok 4\n1..4\n',
      { passed: 1, failed: 1 },
    ],
    ['go test without -v', 'ok  \texample.com/x\t0.003s\n', null],
    ['no tests at all', 'built in 1.2s\n5 files passed by\n', null],
    ['nothing', '', null],
  ])('%s', (_name, output, counts) => expect(count(output)).toEqual(counts))

  it('are read from hostile lines in no time', () => {
    const began = performance.now()
    for (const text of ['1 1', '1 a1 a', 'ok ', '# pass ', '= ', 'Tests  1 ']) count(text.repeat(3_000))
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})
