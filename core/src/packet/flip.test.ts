import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composePacket } from './compose.ts'
import { factsFile } from './names.ts'
import { inputOf, shortRun } from './testing/packets.ts'
import { told, verdictOn } from './testing/tampered.ts'

const packet = await composePacket(inputOf(shortRun()))
// Every file as often as its share of bytes would be too kind to the small ones: half of the flips choose a file first.
const files = [...packet].filter(([, bytes]) => bytes.length > 0)
const all = files.flatMap(([path, bytes]) => [{ path, length: bytes.length }])
const total = all.reduce((sum, one) => sum + one.length, 0)
const placeOf = (offset: number): { path: string; at: number } => {
  let left = offset
  for (const { path, length } of all) {
    if (left < length) return { path, at: left }
    left -= length
  }
  throw new RangeError(`${offset} is behind the last byte`)
}
const place = fc.oneof(
  fc.nat(total - 1).map(placeOf),
  fc.constantFrom(...all).chain(({ path, length }) => fc.nat(length - 1).map((at) => ({ path, at }))),
)

test('any changed byte of any file is found and the file is named', () => {
  fc.assert(
    fc.property(place, fc.integer({ min: 1, max: 255 }), ({ path, at }, mask) => {
      const bytes = packet.get(path)!.slice()
      bytes[at] = bytes[at]! ^ mask
      const verdict = verdictOn(new Map(packet).set(path, bytes))
      expect(verdict.outcome).toBe('faulty')
      expect(verdict.faults.map((one) => one.file)).toContain(path)
    }),
    { numRuns: 3_000 },
  )
}, 300_000)

test('a changed byte of the facts names the fact', () => {
  const facts = packet.get(factsFile)!
  fc.assert(
    fc.property(fc.nat(facts.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const line = facts.subarray(0, at).filter((byte) => byte === 10).length + 1
      fc.pre(facts[at] !== 10 && (facts[at]! ^ mask) !== 10) // a line that was split or joined is another test's
      const bytes = facts.slice()
      bytes[at] = bytes[at]! ^ mask
      expect(told(verdictOn(new Map(packet).set(factsFile, bytes)))).toEqual([`edited ${factsFile} fact ${line}`])
    }),
    { numRuns: 1_000 },
  )
})

test('every file is missed', () => {
  for (const path of packet.keys()) {
    const left = new Map(packet)
    left.delete(path)
    const verdict = verdictOn(left)
    expect(verdict.outcome).toBe('faulty')
    expect(verdict.faults.map((one) => one.file)).toContain(path)
  }
})
