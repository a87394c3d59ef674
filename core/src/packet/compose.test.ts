import { describe, expect, test } from 'vitest'
import { input, play } from './testing/tampered.ts'
import { morning, rechained } from './testing/packets.ts'
import { composePacket } from './compose.ts'
import { bytesOf } from './utf8.ts'

describe('a ledger that is damaged is not signed', () => {
  test.each([
    [
      'a wrong hash',
      { facts: input.facts.with(3, { ...input.facts[3]!, hash: '0'.repeat(64) }) },
      'fact 4 does not have the hash',
    ],
    ['a gap', { facts: rechained(play.facts).slice(1) }, 'does not have the hash'],
    ['a key that is missing', { keys: [] }, 'is not among the control plane'],
    [
      'a key that does not count yet',
      { exportedAt: morning - 2 * 86_400_000 },
      'does not count at 2026-11-21T09:00:00.000Z',
    ],
    ['a wrong body', { bodies: new Map([['0'.repeat(64), bytesOf('x')]]) }, 'have another digest'],
    [
      'a report that is none',
      { reports: [{ fact: 3, text: '{}', signature: 'a..b' }] },
      'is not one that a runner signed',
    ],
  ])('%s', async (_, over, words) => {
    await expect(composePacket({ ...input, ...over })).rejects.toThrow(words)
  })
})
