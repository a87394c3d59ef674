/**
 * How often may the same thing start a workflow, before a person is asked whether that is meant?
 * The limits of one workflow, with defaults, and when they are passed. It never counts.
 */
import type { Compiled } from './compiled.ts'
import { defaults } from './defaults.ts'

/** `starts` of one workflow by one subject within so many seconds; `chain` of runs that woke each other; `unchanged` rounds in a row; then the pause. */
export type Breaker = NonNullable<Compiled['breaker']>

export const breakerOf = ({ breaker }: Pick<Compiled, 'breaker'>): Breaker => breaker ?? { ...defaults.breaker }

/** Which limit one more start passes, or null. `starts`: by the same thing within the time before it. `chain`: runs that woke each other before it. */
export const tripsBreaker = (
  limits: Pick<Breaker, 'starts' | 'chain'>,
  starts: number,
  chain: number,
): 'chain' | 'starts' | null => (chain > limits.chain ? 'chain' : starts >= limits.starts ? 'starts' : null)
