/**
 * Is there room for one more run of a limit, and what becomes of it where there is none?
 * The rule alone: who counts what goes on, and who stops or keeps waiting, asks it.
 */
import type { Compiled } from '../workflow/compiled.ts'

export type Concurrency = Pick<NonNullable<Compiled['concurrency']>, 'limit' | 'whenFull'>

/**
 * `start`: it begins. `skip`: nothing begins, nothing waits. `queue`: it waits for its turn. `replace`: what waits is dropped and the oldest run
 * stopped; it begins where that makes room at once, and waits otherwise. Nothing overtakes what waits already.
 */
export const roomFor = (
  { limit, whenFull }: Concurrency,
  { running, waiting }: { readonly running: number; readonly waiting: number },
): 'start' | 'skip' | 'queue' | 'replace' => (running < limit && waiting === 0 ? 'start' : whenFull)
