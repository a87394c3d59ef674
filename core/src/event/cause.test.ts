import { describe, expect, it } from 'vitest'
import { causeIn, causeOf, causeText, nextCause } from './cause.ts'

const run = 'run_abc123'

describe('the cause of an event', () => {
  it.each([
    ['as a run sends it', { cause: { run, depth: 3 } }, { run, depth: 3 }],
    ['as a text', { cause: `${run}; depth=3` }, { run, depth: 3 }],
    ['without a depth', { cause: run }, { run, depth: 1 }],
    [
      'of a body that was passed on',
      { type: 'viewport.run', data: { run, url: 'https://v.dev/runs/7' } },
      { run, depth: 1 },
    ],
    ['deeper than is counted', { cause: { run, depth: 1e308 } }, { run, depth: 1_000 }],
    ['with a depth that is none', { cause: { run, depth: -4 } }, { run, depth: 1 }],
    ['of another word', { cause: 'because' }, null],
    ['of a run that is none', { data: { run: 'nightly' } }, null],
    ['of nothing', {}, null],
    ['in a list', { cause: [run], data: [run] }, null],
  ])('%s', (_, body, cause) => expect(causeIn(body)).toEqual(cause))

  it('is read back as it was written, one deeper for each run', () => {
    const first = nextCause(run, undefined)
    const second = nextCause('run_b', first)
    expect(second).toEqual({ run: 'run_b', depth: 2 })
    expect(causeOf(causeText(second))).toEqual(second)
    expect(nextCause(run, { run, depth: 1_000 }).depth).toBe(1_000)
  })
})
