/**
 * Whose turn is it, where one piece of work of a name is done at a time?
 * The others wait in the order they came, up to a number of them; of other names nobody waits. It never stops what has begun.
 */

/** `done: false`: too many wait already, or whoever asked had left when its turn came. */
export type Turn<T> = { readonly done: true; readonly value: T } | { readonly done: false }

/** Gives a function that does work when its turn has come. `most`: so many of a name are at work or wait at once. Throws what the work throws. */
export const oneAtATime = (most: number) => {
  const lines = new Map<string, { count: number; last: Promise<void> }>()
  return async <T>(name: string, left: AbortSignal, work: () => Promise<T>): Promise<Turn<T>> => {
    const line = lines.get(name) ?? { count: 0, last: Promise.resolve() }
    if (line.count >= most) return { done: false }
    line.count += 1
    lines.set(name, line)
    const before = line.last
    let next = (): void => {}
    line.last = new Promise((ended) => (next = ended))
    try {
      await before
      return left.aborted ? { done: false } : { done: true, value: await work() }
    } finally {
      next()
      line.count -= 1
      if (line.count === 0) lines.delete(name)
    }
  }
}
