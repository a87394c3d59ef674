// The faults of 033 with the real Claude Code and the real Codex as the agents; their model alone is played. Fewer runs: each of them takes a
// quarter of a gigabyte while it works.
import { randomInt } from 'node:crypto'

import { expect, test } from 'vitest'

import { tryFaults } from './faults/testing/try-faults.ts'
import { agentsAreHere as here, platform } from './testing/real-agents.ts'

const seeds = [randomInt(1_000_000, 2_000_000_000), ...Array.from({ length: 23 }, (_, n) => 3_001 + n)]

test.skipIf(!here)(
  `24 runs of real agents with random faults${here ? '' : `: no binaries for ${platform}`}`,
  { timeout: 900_000 },
  async () => {
    const { played, broke, summary } = await tryFaults({
      next: (n) => seeds[n] ?? null,
      atOnce: 4,
      real: 100,
      say: (line) => console.log(line),
    })
    console.log(summary)
    expect(broke).toEqual([])
    expect(new Set(played.map(({ plan }) => plan.agent))).toEqual(new Set(['claude', 'codex']))
    expect(played.flatMap(({ fell }) => fell).length).toBeGreaterThan(15)
  },
)
