// kill -9 of the control plane, the runner or the agent at every fact boundary of the sample's run: the same final state, one push,
// one change, a packet that verifies. In the check a few of them; all of them with `npm run matrix`.
import { describe, expect, test } from 'vitest'

import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { playSample, undisturbedOutcome, type Blow, type Played } from './testing/sample-run.ts'

/** One run from its start to its end, in a place that is gone afterwards. */
const play = async (blow: Blow | null): Promise<Played> => {
  const place = makePlace('kill')
  try {
    return await playSample(place, blow)
  } finally {
    endAllOf(place.folder)
    place.remove()
  }
}

const undisturbed = await play(null)

test('undisturbed: one push, one change, a packet that verifies', () => {
  expect(undisturbed.outcome).toMatchObject(undisturbedOutcome)
  expect(undisturbed.facts.filter((type) => type === 'step.lost')).toEqual([])
})

/** The number of facts when this one has been written, the n-th of its type. */
const after = (type: string, n = 1): number => {
  const at = undisturbed.facts.map((found, index) => [found, index] as const).filter(([found]) => found === type)[n - 1]
  if (!at) throw new Error(`The undisturbed run has no ${n}. ${type}`)
  return at[1] + 1
}

/** `tells`: the fact that says what was lost. A control plane that comes back in time has lost nothing. */
const few: (Blow & { tells?: string })[] = [
  { victim: 'server', after: after('step.started'), surely: true },
  { victim: 'server', after: after('decision.made', 2), surely: true },
  { victim: 'server', after: after('effect.started'), surely: true },
  { victim: 'runner', after: after('step.started', 2), surely: true, tells: 'step.lost' },
  { victim: 'runner', after: after('effect.started'), surely: true },
  { victim: 'agent', after: after('step.started'), surely: true, tells: 'step.failed' },
]
const all: Blow[] = (['server', 'runner', 'agent'] as const).flatMap((victim) =>
  undisturbed.facts.slice(0, -1).map((_, index) => ({ victim, after: index + 1 })),
)
const blows: typeof few = process.env['VIEWPORT_MATRIX'] === 'all' ? all : few

describe('killed', () => {
  test.each(blows.map((blow) => ({ ...blow, fact: undisturbed.facts[blow.after - 1]! })))(
    '$victim after fact $after ($fact)',
    { timeout: 180_000 },
    async (blow) => {
      const { outcome, struck, facts } = await play(blow)
      expect(outcome).toEqual(undisturbed.outcome)
      if (blow.surely) expect(struck).not.toBeNull()
      if (blow.tells) expect(facts).toContain(blow.tells)
      if (struck === null) console.log(`nothing of the ${blow.victim} ran after fact ${blow.after} (${blow.fact})`)
    },
  )
})
