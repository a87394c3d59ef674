import { expect, test } from 'vitest'
import { control, samplePacket } from './testing/packets.ts'
import { verifyPacket } from './verify.ts'

test('a packet verifies with the key of its control plane', async () => {
  const files = await samplePacket()
  const verdict = verifyPacket(files, { keys: [control.given] })
  expect(verdict.faults).toEqual([])
  expect(verdict.outcome).toBe('verified')
})
