/**
 * What is a person asked about an effect that failed for good or stays unknown, and what does the answer bring?
 * They may have it looked for, tried again, called done by their own word, or given up. It never does an effect.
 */
import { trimmedEnd } from '../trimmed.ts'
import { refuse } from '../refusal.ts'
import { no, yes, type Answer } from './answer.ts'
import type { Command } from './command.ts'
import { approversFor } from './consequence.ts'
import { isStuck } from './due.ts'
import type { Draft } from './facts.ts'
import type { GateState, IntentState, RunState, VoteState } from './state.ts'

type Choice = { id: string; label: string; text: 'none' | 'optional' | 'required' }

/** What happened, and what was tried, in words. */
export const stuckWords = ({ action, target, state, attempt, failure, tried }: IntentState): string => {
  const last = tried.at(-1)
  const first =
    state === 'failed'
      ? `${failure?.summary.startsWith(action) ? '' : `${action} failed: `}${failure?.summary ?? 'no reason was given'} ${failure?.check ?? ''}`.trim()
      : `Whether ${action} on ${target} happened is not known after ${attempt} looks. ${last ? `The last one: ${last.why}` : ''}`.trim()
  const earlier = tried.slice(0, -1).slice(-4)
  return earlier.length === 0
    ? first
    : `${first} Before that: ${earlier.map((one) => `attempt ${one.attempt} ${one.how} (${one.why.slice(0, 300)})`).join('; ')}.`
}

/** What can be answered. A push or merge is never called done by a word: git can always be asked. */
export const stuckChoices = ({ action }: Pick<IntentState, 'action'>): Choice[] => [
  { id: 'again', label: 'Try again: look first, and do it when it is not there', text: 'optional' },
  // Nobody can be asked whether a webhook arrived; sending it again under its id is what its receiver expects.
  ...(action === 'webhook.send'
    ? []
    : [{ id: 'look', label: 'Look again, and do nothing', text: 'optional' as const }]),
  ...(action.startsWith('git.')
    ? []
    : [{ id: 'done', label: 'It is done: I saw it (say where, with its link)', text: 'required' as const }]),
  { id: 'give_up', label: 'Give it up, and go on without it (say why)', text: 'required' },
  { id: 'stop', label: 'Stop the run', text: 'optional' },
]

/** The intent that a question is about, or null when it is about something else. */
export const stuckIntent = (state: RunState, { subject }: Pick<GateState, 'subject'>): IntentState | null =>
  subject.kind === 'question' && subject.about.startsWith('effect:')
    ? (state.intents[subject.about.slice('effect:'.length)] ?? null)
    : null

/** Why an answer cannot be taken as it is, or null. What is called done must be seen somewhere, except where a tool has no page for it. */
export const stuckMisfit = (intent: IntentState, answer: { choice: string; text: string | null }): string | null =>
  answer.choice === 'done' && intent.action !== 'webhook.send' && linkIn(answer.text) === null
    ? 'It is done (with its link, https://…)'
    : null

/** The fact that closes the effect by this answer; none when it goes on being looked for or tried. */
export const settlement = (intent: IntentState, gate: string, vote: VoteState): Draft[] => {
  const { choice, text } = vote.answer!
  if (choice !== 'done' && choice !== 'give_up' && choice !== 'stop') return []
  return [
    {
      type: 'effect.settled',
      by: { kind: 'person', id: vote.person, name: vote.name },
      data: {
        intent: intent.id,
        how: choice === 'done' ? 'done' : 'given_up',
        gate,
        url: choice === 'done' ? linkIn(text) : null,
        reason: text?.trim() || (choice === 'stop' ? 'The run was stopped.' : ''),
      },
    },
  ]
}

/** Closes an effect that stayed unknown after its run ended. Asked twice it says who was first. */
export const settleEffect = (
  state: RunState,
  { intent: id, attempt, how, text, person }: Extract<Command, { do: 'settleEffect' }>,
): Answer => {
  const intent = Object.hasOwn(state.intents, id) ? state.intents[id]! : undefined
  if (!intent) return no(refuse('not_found', { what: 'effect', id }))
  if (intent.settled)
    return no(refuse('effect_settled', { by: intent.settled.by, how: intent.settled.how.replace('_', ' ') }))
  if (!isStuck(intent) || intent.attempt !== attempt || !state.finished)
    return no(refuse('effect_moved', { action: intent.action, state: intent.state, attempt: intent.attempt }))
  const approvers = approversFor(state, intent.step)
  if (!approvers.some((one) => person.principals.includes(one)))
    return no(refuse('not_an_approver', { who: person.name, approvers: approvers.join(', ') }))
  const misfit = text.trim() === '' ? 'a reason in words' : stuckMisfit(intent, { choice: how, text })
  if (misfit) return no(refuse('answer_required', { choices: misfit }))
  return yes([
    {
      type: 'effect.settled',
      by: { kind: 'person', id: person.id, name: person.name },
      data: { intent: id, how, gate: null, url: how === 'done' ? linkIn(text) : null, reason: text.trim() },
    },
  ])
}

const linkIn = (text: string | null): string | null =>
  trimmedEnd(/https?:\/\/[^\s<>"'`)\]]{3,1900}/.exec(text ?? '')?.[0] ?? '', '.,;:!?') || null
