/** What do the checks say, before and after? Counts where they could be read, else the commands. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { duration } from '../look/ages.ts'
import { inWords } from '../look/amounts.ts'

type Tests = NonNullable<GateCard['tests']>
type Outcomes = Tests['after']
export type Said = { text: string; tone: 'stop' | 'done' | null }

const summed = (outcomes: Outcomes): { passed: number; failed: number } | null => {
  const counted = outcomes.flatMap((outcome) => (outcome.tests ? [outcome.tests] : []))
  return counted.length === 0
    ? null
    : {
        passed: counted.reduce((sum, tests) => sum + tests.passed, 0),
        failed: counted.reduce((sum, tests) => sum + tests.failed, 0),
      }
}
const red = (outcomes: Outcomes): Outcomes => outcomes.filter((outcome) => outcome.exit !== 0)

const side = (outcomes: Outcomes): Said => {
  const failed = red(outcomes)
  const counts = summed(outcomes)
  if (failed.length > 0)
    return {
      text:
        counts && counts.failed > 0
          ? `${counts.failed} red`
          : `${failed.map((outcome) => outcome.command).join(', ')} failed`,
      tone: 'stop',
    }
  return {
    text: counts ? `${counts.passed} green` : `${outcomes.map((outcome) => outcome.command).join(', ')} passed`,
    tone: 'done',
  }
}

/** Pieces of one sentence: "3 red on the base → 215 green on this tree, 41 s, one repair round". */
export const testWords = (tests: Tests): Said[] => {
  const time = tests.after.reduce((sum, outcome) => sum + outcome.millis, 0)
  const rounds =
    tests.rounds > 1 ? `, ${inWords(tests.rounds - 1)} repair ${tests.rounds === 2 ? 'round' : 'rounds'}` : ''
  const before: Said[] = tests.before ? [side(tests.before), { text: ' without the change → ', tone: null }] : []
  return [...before, side(tests.after), { text: ` on this tree, ${duration(time)}${rounds}`, tone: null }]
}
