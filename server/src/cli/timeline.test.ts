import { expect, test } from 'vitest'
import type { TimelineItem } from '@viewportai/core/view/shapes'
import { openTerminal } from './terminal.ts'
import { timelineLine } from './timeline.ts'

const terminal = openTerminal(false, {})
const item = (bold: string, rest: string): TimelineItem =>
  ({ at: 0, mark: 'dot', tone: 'idle', indent: false, bold, rest, evidence: null, gate: null }) as TimelineItem

test.each([
  ['Jess approved', ', self-approved', 'Jess approved, self-approved'],
  ['my-agent', 'began plan ', 'my-agent began plan'],
  ['vm began to push the branch', '', 'vm began to push the branch'],
])('%j and %j are one sentence', (bold, rest, said) => {
  expect(timelineLine(terminal, item(bold, rest)).replace(/^[\d:]+ {2}· /, '')).toBe(said)
})
