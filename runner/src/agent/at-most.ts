/** How long is something waited for? */

/** Resolves with the promise, or after this many milliseconds, whichever is first. Rejects when the promise does. */
export const atMost = async (millis: number, promise: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((done) => (timer = setTimeout(done, millis)))
  await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
