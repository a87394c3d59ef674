/**
 * Whom does a workflow ask, at each of its places, once it has started?
 * Its gates, and the questions of its own that a start may bring: where it goes, whether outside text may pass, whether a breaker is let go. It counts nothing.
 */
import { approversIn } from '../run/consequence.ts'
import { breakerAbout, planIsTheWord, taintAbout } from '../run/holds.ts'
import { routeAbout, routeAskers } from '../run/routed.ts'
import { atEachPlace } from '../workflow/at-place.ts'
import type { Compiled } from '../workflow/compiled.ts'

/** `isPlan`: a gate on a plan, whose card may show outside text. */
export type Gate = { readonly gate: string; readonly approvers: readonly string[]; readonly isPlan: boolean }
/** `questions`: who answers those that no step of it writes. */
export type AskedAt = { readonly gates: readonly Gate[]; readonly questions: readonly string[] }
export type AskedOf = { readonly places: readonly AskedAt[]; readonly route: readonly string[] }

export const askedOf = (compiled: Compiled): AskedOf => ({
  places: atEachPlace(compiled).map((at) => ({
    gates: at.steps.flatMap((step) =>
      step.kind === 'gate' ? [{ gate: step.name, approvers: step.approvers, isPlan: step.gate === 'plan' }] : [],
    ),
    questions: approversIn(at, at.steps[0]!.id),
  })),
  route: routeAskers(compiled),
})

/** Outside text: who reads it? `asks`: a question of its own; `plan`: the card of the plan's gate shows it. */
export type TextAsks = 'asks' | 'plan'

/** At each place, for an event of this tool. `agents`: of each place by step, as they would be pinned. */
export const textAsks = (
  tool: string,
  places: readonly Compiled[],
  agents: readonly Readonly<Record<string, string>>[],
): TextAsks[] => places.map((at, n) => (planIsTheWord(tool, at, agents[n] ?? {}) ? 'plan' : 'asks'))

/** How a start came to be, so that it is known whom it asks. `place` null: its rows do not say where it goes. */
export type AskingStart = {
  readonly place: number | null
  readonly text: TextAsks | null
  /** A breaker tripped. `began`: all the same; false: it waits for a person. */
  readonly tripped: boolean
  readonly began: boolean
}

/** What one start asks: name, approvers, and whether what is shown there is also the word on outside text. */
export const asksOf = (
  { places, route }: AskedOf,
  { place, text, tripped, began }: AskingStart,
): { gate: string; approvers: readonly string[]; text: boolean }[] => {
  // Who is asked after that hangs on the answer.
  if (place === null) return [{ gate: routeAbout, approvers: route, text: false }]
  const { gates, questions } = places[place]!
  const own = (gate: string, isText: boolean) => ({ gate, approvers: questions, text: isText })
  return [
    ...(tripped ? [own(breakerAbout, false)] : []),
    ...(began && text === 'asks' ? [own(taintAbout, true)] : []),
    ...(began
      ? gates.map(({ gate, approvers, isPlan }) => ({ gate, approvers, text: isPlan && text === 'plan' }))
      : []),
  ]
}
