import { expect, test } from 'vitest'
import { sha256Hex } from '../digest/canonical.ts'
import type { Link } from './links.ts'
import { bodyFaults } from './verify-files.ts'

const bodies = Array.from({ length: 40 }, (_, n) => new TextEncoder().encode(`body ${n}`))
const files = new Map(bodies.map((bytes) => [`bodies/${sha256Hex(bytes)}`, bytes]))
let read = 0
/** A fact with this text, which counts how often it is looked at. */
const link = (text: string): Link =>
  ({
    get text() {
      read++
      return text
    },
  }) as unknown as Link

test('bodies that a fact names are found in one pass over the facts, however many there are', () => {
  const digests = bodies.map((bytes) => sha256Hex(bytes))
  const links = [...digests.slice(1).map((digest) => link(`{"digest":"${digest}"}`)), link(`{"x":"${'a'.repeat(64)}"}`)]
  expect(bodyFaults(files, links)).toMatchObject([{ code: 'unlisted_file', file: `bodies/${digests[0]}` }])
  expect(read).toBe(links.length)
  expect(bodyFaults(files, [link(JSON.stringify(digests))])).toEqual([])
  expect(bodyFaults(files, [link(`"x${digests.join(' ')}"`)])).toHaveLength(bodies.length) // within other text a digest names nothing
  expect(bodyFaults(files, null)).toEqual([])
})
