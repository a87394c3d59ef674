import { expect, test } from 'vitest'
import { calledAs, isTurnedAway } from './called.ts'

const came = { title: '', event: '', tool: 'ci', outcome: 'refused' }
test.each([
  [{ ...came, title: 'The cart is empty', event: 'issue_opened' }, 'The cart is empty'],
  [{ ...came, event: 'ping', outcome: 'ignored' }, 'ping'],
  [came, 'Something that was sent to ci'],
  [{ ...came, tool: '' }, 'Something that was sent to an address'],
  [{ ...came, outcome: 'arriving' }, 'ci'],
])('%o is called by what is known of it', (one, name) => expect(calledAs(one)).toBe(name))

test('what a workflow refused was read all the same', () =>
  expect(
    [
      { outcome: 'refused', dedupe: 'refused:dlv_1' },
      { outcome: 'refused', dedupe: 'gh-7' },
      { outcome: 'ignored', dedupe: 'refused:dlv_1' },
    ].map(isTurnedAway),
  ).toEqual([true, false, false]))
