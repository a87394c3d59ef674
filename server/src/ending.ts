/**
 * How is what was begun ended, when a part of it may fail or never end?
 * The latest first, each for itself: a part that fails, or is not done in time, is named, and the rest is ended all the same.
 * What is stored is whole at any moment, so going on without a part loses nothing.
 */

/** `name` as it stands in a sentence: "the engine". */
export type Part = { readonly name: string; end(): unknown }

/** How long one part may take, in milliseconds. */
export const partPatience = 40_000

/** Ends them; `tell` hears at once what did not end as it should. Gives the sentences that were told. */
export const endInReverse = async (
  parts: readonly Part[],
  tell: (words: string) => void,
  patienceMillis = partPatience,
): Promise<string[]> => {
  const told: string[] = []
  for (const { name, end } of parts.toReversed()) {
    const trouble = await endOne(end, patienceMillis)
    if (trouble === null) continue
    const words = `While stopping ${name}: ${trouble}`
    told.push(words)
    tell(words)
  }
  return told
}

/** Null when it has ended, else why not. */
const endOne = async (end: () => unknown, patienceMillis: number): Promise<string | null> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    const words = `it did not end within ${patienceMillis / 1_000} seconds and is left behind.`
    timer = setTimeout(() => resolve(words), patienceMillis)
  })
  const ended = async (): Promise<null> => {
    await end()
    return null
  }
  try {
    return await Promise.race([ended(), late])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}
