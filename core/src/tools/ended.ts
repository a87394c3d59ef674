/**
 * How does an effect end that cannot go on?
 * What is thrown on the way becomes how it went: nothing was sent, it comes back later; the answer was lost, it is looked for.
 */
import { NotSent, NoWholeAnswer } from './outside.ts'
import type { Found, Went } from './port.ts'

type Stopped = Exclude<Went, { is: 'done' }>

/** An effect cannot go on: how it went. */
export class Ended extends Error {
  override readonly name = 'Ended'
  readonly went: Stopped
  constructor(went: Stopped) {
    super(went.is === 'failed' ? went.summary : went.why)
    this.went = went
  }
}

/** It did not happen, and a person should see why. To be thrown. */
export const failed = (code: string, summary: string, check: string, retrySafe = true): Ended =>
  new Ended({ is: 'failed', code, summary, check, retrySafe })

/** A look gave up before the end. To be thrown. */
export const notSeenWhole = (why: string): Ended => new Ended({ is: 'unsure', why })

/** The tool broke before a whole answer: what was to be written may have happened, what was only asked is asked again. To be thrown. */
export const brokeOff = (kind: 'read' | 'write', why: string): Ended =>
  new Ended(kind === 'write' ? { is: 'unsure', why } : { is: 'later', why, afterMillis: 30_000 })

/** Runs an effect; whatever stops it becomes how it went. */
export const ending = async (effect: () => Promise<Went>): Promise<Went> => {
  try {
    return await effect()
  } catch (error) {
    if (error instanceof Ended) return error.went
    if (error instanceof NotSent) return { is: 'later', why: error.message, afterMillis: 30_000 }
    if (error instanceof NoWholeAnswer) return { is: 'unsure', why: error.message }
    throw error
  }
}

/** Runs a look: what cannot be told now, or is refused, is unsure; what cannot be, because the target is not there, is absent. */
export const looking = async (look: () => Promise<Found>): Promise<Found> => {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Ended) {
      if (error.went.is !== 'failed') return { is: 'unsure', why: error.went.why }
      return error.went.code === 'refused_there' ? { is: 'unsure', why: error.went.summary } : { is: 'absent' }
    }
    if (error instanceof NotSent || error instanceof NoWholeAnswer) return { is: 'unsure', why: error.message }
    throw error
  }
}
