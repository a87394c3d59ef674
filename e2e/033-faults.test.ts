// 200 runs on one control plane and three runners, with faults drawn from their seeds: the network between them, kills, stops, a full
// disk, clocks. Whatever befell it, every run comes to its end and the seven invariants hold. More, and one seed again: `npm run faults`.
import { randomInt } from 'node:crypto'

import { expect, test } from 'vitest'

import { tryFaults } from './faults/testing/try-faults.ts'

const fixed = Array.from({ length: 199 }, (_, n) => 2_001 + n)
/** One that nobody has tried; it is printed, so that it can be tried again. */
const fresh = randomInt(1_000_000, 2_000_000_000)

test(
  '200 runs with random faults: each comes to its end, and all invariants hold',
  { timeout: 2_400_000 },
  async () => {
    console.log(`The fresh seed is ${fresh}: npm run faults -- --seed ${fresh}`)
    const seeds = [fresh, ...fixed]
    const { played, broke, summary } = await tryFaults({
      next: (n) => seeds[n] ?? null,
      atOnce: 10, // leases are five seconds: more at once starve the beats of a busy machine, and work is lost that nothing befell
      say: (line) => console.log(line),
    })
    console.log(summary)
    expect(broke).toEqual([])
    expect(played).toHaveLength(seeds.length)
    // A harness whose faults do not fall proves nothing.
    expect(played.flatMap(({ fell }) => fell).length).toBeGreaterThan(150)
  },
)
