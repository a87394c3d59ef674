/** How long is something waited for? */

/** Resolves with the promise, or after this many milliseconds, whichever is first: did the promise come in time? Rejects when the promise does. */
export const atMost = async (millis: number, promise: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((done) => (timer = setTimeout(() => done(false), millis)))
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer))
}
