/**
 * How is one attempt at an effect made, so that it is done once at the most, and how did it end?
 * Only what nobody can have begun is done at once; everything else is looked for first, and what is there is not done again. The same
 * wherever the credential lies. The beginning was recorded before; it keeps nothing.
 */
import type { EffectEnd } from '../run/command.ts'
import type { Outside } from './outside.ts'
import type { Action, Connection, Effect, Went } from './port.ts'

export type Attempt = { readonly action: Action; readonly effect: Effect; readonly connection: Connection }
/** `fresh`: nobody can have begun it before. `lookOnly`: the run was stopped, or a person asked for a look and no more. */
export type How = { readonly fresh: boolean; readonly lookOnly: boolean }

/** Looks where it must, and does it where it may. A receipt with `observed.reconciled`: it was there already. Throws what the action throws. */
export const doneOnce = async (
  { action, effect, connection }: Attempt,
  { fresh, lookOnly }: How,
  outside: Outside,
): Promise<Went> => {
  if (!fresh) {
    const found = await action.look(effect, connection, outside)
    if (found.is === 'there')
      return { is: 'done', receipt: { ...found.receipt, observed: { ...found.receipt.observed, reconciled: true } } }
    if (found.is === 'unsure') return { is: 'unsure', why: found.why }
  }
  if (!lookOnly) return action.carryOut(effect, connection, outside)
  return action.blind ? { is: 'unsure', why: 'nobody can be asked whether it arrived' } : notThere(effect)
}

const notThere = ({ target }: Effect): Went => ({
  is: 'failed',
  code: 'not_there',
  summary: `It was looked for on ${target} and is not there; nothing was done.`,
  check: 'Try again when it is still wanted.',
  retrySafe: true,
})

/** How an attempt ended, as it is recorded. `provider`: the tool. What still asks to come back later is not known. */
export const endOf = (provider: string, went: Went): EffectEnd => {
  switch (went.is) {
    case 'done': {
      const { reconciled = false, ...observed } = went.receipt.observed
      return {
        is: 'succeeded',
        reconciled: reconciled === true,
        receipt: { provider, ...went.receipt, observed },
      }
    }
    case 'failed':
      return {
        is: 'failed',
        failure: {
          code: went.code,
          class: 'effect',
          summary: went.summary.slice(0, 1_000),
          check: went.check.slice(0, 1_000),
          retrySafe: went.retrySafe,
          started: true,
        },
      }
    case 'later':
      return { is: 'unknown', why: `It could not be done for a long time: ${went.why}.`.slice(0, 1_000) }
    case 'unsure':
      return { is: 'unknown', why: went.why.slice(0, 1_000) }
  }
}

/** How long one attempt may ask its tool in all (ms): looks may make many requests. */
export const patienceMillis = 120_000
/** What an attempt that broke off has sent may still be on its way for so long (ms): a look right after it would see nothing of it. */
export const settleMillis = 5_000
