/**
 * Which effects of a run wait for a person, and what is shown of each?
 * Of a run that goes on: what failed, and what stays unknown. Of one that ended: what stays unknown, for nobody asks about it any more.
 */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { runTitle } from '../match/title.ts'
import { isStuck } from '../run/due.ts'
import { isPersonsMerge, type IntentState, type RunState } from '../run/state.ts'
import { stuckChoices, stuckIntent } from '../run/stuck-effect.ts'

export const StuckEffect = z.strictObject({
  intent: z.string(),
  run: z.string(),
  number: z.int(),
  title: z.string(),
  workflow: z.string(),
  action: z.string(),
  target: z.string(),
  /** Who does it: a runner, or the control plane itself. */
  at: z.enum(['runner', 'server']),
  state: z.enum(['failed', 'unknown']),
  /** Attempts so far, looks included. */
  attempt: z.int(),
  since: Millis,
  /** Why it failed, or what the last look met. */
  why: z.string(),
  /** What to look at, or empty. */
  check: z.string(),
  tried: z.array(z.strictObject({ attempt: z.int(), how: z.enum(['failed', 'unknown']), why: z.string(), at: Millis })),
  /** The question in the inbox; null: the run has ended, or no question is open. */
  gate: z.string().nullable(),
  ended: z.boolean(),
  choices: z.array(
    z.strictObject({ id: z.string(), label: z.string(), text: z.enum(['none', 'optional', 'required']) }),
  ),
})
export type StuckEffect = z.infer<typeof StuckEffect>

/** Those of this run. A merge that a person asked for is told on the page of its change, and not here. */
export const stuckEffects = (state: RunState): StuckEffect[] =>
  Object.values(state.intents)
    .filter(
      (intent) =>
        isStuck(intent) && !isPersonsMerge(state, intent) && (state.finished === null || intent.state === 'unknown'),
    )
    .map((intent) => shown(state, intent))

const shown = (state: RunState, intent: IntentState): StuckEffect => {
  const { id, action, target, at, attempt, failure, tried } = intent
  const last = tried.at(-1)
  const ended = state.finished !== null
  const gate = ended
    ? undefined
    : Object.values(state.gates).findLast((one) => one.state === 'open' && stuckIntent(state, one)?.id === id)
  return {
    intent: id,
    run: state.run,
    number: state.number,
    title: runTitle(state.spec.event),
    workflow: state.spec.workflow.name,
    action,
    target,
    at,
    state: intent.state === 'failed' ? 'failed' : 'unknown',
    attempt,
    since: last?.at ?? state.lastAt,
    why: (intent.state === 'failed' ? failure?.summary : last?.why) ?? '',
    check: intent.state === 'failed' ? (failure?.check ?? '') : '',
    tried,
    gate: gate?.id ?? null,
    ended,
    choices: stuckChoices(intent).filter(({ id: choice }) => !ended || choice === 'done' || choice === 'give_up'),
  }
}
