/**
 * May the control plane itself begin this effect, and what is kept of its end?
 * Only one attempt at a time, only what was approved; an end is believed about the attempt that runs and no other.
 */
import { refuse } from '../refusal.ts'
import { no, yes, type Answer } from './answer.ts'
import type { Command } from './command.ts'
import { effectIsDue } from './due.ts'
import type { RunState } from './state.ts'

const system = { kind: 'system' } as const
type Of<K extends Command['do']> = Extract<Command, { do: K }>

/** An attempt begins; asked again about the attempt that runs, it brings nothing: a broker that was killed goes on with it. */
export const beginEffect = (state: RunState, { intent: id, attempt, through }: Of<'beginEffect'>): Answer => {
  const intent = Object.hasOwn(state.intents, id) ? state.intents[id]! : undefined
  if (!intent || intent.at !== 'server')
    return no(refuse('grant_invalid', { why: `there is no intent ${id} of the control plane` }))
  if (intent.state === 'executing' && intent.attempt === attempt) return yes([])
  if (effectIsDue(state, intent) && attempt === intent.attempt + 1)
    return yes([
      { type: 'effect.started', by: system, data: { intent: id, attempt, epoch: null, ...(through && { through }) } },
    ])
  return no(
    refuse(intent.state === 'succeeded' ? 'grant_used' : 'grant_invalid', {
      why: `${intent.action} is ${intent.state} after attempt ${intent.attempt}; attempt ${attempt} does not begin`,
    }),
  )
}

/** The attempt that runs ended. Asked twice it brings nothing the second time. */
export const endEffect = (state: RunState, { intent: id, attempt, end }: Of<'endEffect'>): Answer => {
  const intent = Object.hasOwn(state.intents, id) ? state.intents[id]! : undefined
  if (!intent || intent.at !== 'server' || intent.state !== 'executing' || intent.attempt !== attempt)
    return no(refuse('grant_invalid', { why: `attempt ${attempt} of ${id} is not under way` }))
  switch (end.is) {
    case 'succeeded':
      return yes([
        {
          type: 'effect.succeeded',
          by: system,
          data: { intent: id, attempt, receipt: end.receipt, reconciled: end.reconciled },
        },
      ])
    case 'failed':
      return yes([{ type: 'effect.failed', by: system, data: { intent: id, attempt, failure: end.failure } }])
    case 'unknown':
      return yes([{ type: 'effect.unknown', by: system, data: { intent: id, attempt, why: end.why } }])
  }
}
