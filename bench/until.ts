/** How does the bench wait? For a condition, with an end that says what did not come. */

/** Asks again and again (every `everyMillis`) until it is true. Throws with `words` after 60 s. */
export const until = async (
  words: string,
  holds: () => Promise<boolean> | boolean,
  everyMillis = 10,
): Promise<void> => {
  const patience = performance.now() + 60_000
  while (!(await holds())) {
    if (performance.now() > patience) throw new Error(`${words}: not within 60 s`)
    await pause(everyMillis)
  }
}

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))
