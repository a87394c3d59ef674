import { expect, test } from 'vitest'
import { addLine, checkSeen } from './decide.ts'
import { Stop } from './exit.ts'

const digest = '3f9c52'.padEnd(64, '0')

test.each([['3f9c52000000'], [digest], [`sha256:${digest}`], [digest.toUpperCase()], [undefined]])(
  '%s is the digest that stands there',
  (seen) => {
    expect(() => checkSeen(seen, digest)).not.toThrow()
  },
)

test.each([
  ['another digest', '4f9c52000000', 'refused'],
  ['too few digits to mean one thing', '3f9c52', 'usage'],
  ['no digest at all', 'approve', 'usage'],
])('%s is refused', (_, seen, kind) => {
  expect(() => checkSeen(seen, digest)).toThrow(expect.objectContaining({ kind }) as Stop)
})

test('comments on lines: new and removed ones, and paths with colons', () => {
  const lines = ['src/a.js:3:round once', 'src/a.js:-7:why: gone', 'c:/x:y.js:12:two'].reduce<
    ReturnType<typeof addLine>
  >((before, text) => addLine(text, before), [])
  expect(lines).toEqual([
    { path: 'src/a.js', line: 3, side: 'new', text: 'round once' },
    { path: 'src/a.js', line: 7, side: 'old', text: 'why: gone' },
    { path: 'c:/x:y.js', line: 12, side: 'new', text: 'two' },
  ])
  expect(() => addLine('no line', [])).toThrow(/path:line:words/)
})
