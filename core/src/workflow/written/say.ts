/**
 * How does a schema of the language say what it expected?
 * Each schema carries its noun ("an action") and its valid words inside zod's message; `schema-mistakes` reads them back. It never checks anything.
 */
import { z } from 'zod'

/** `mend`: a known way in which people write it wrongly, and how that is put right. */
export type Mend = 'who' | 'starter' | 'repo'
export type Expected = { noun: string; words: readonly string[] | null; mend: Mend | null }

/** zod's `error` option of a schema: what is expected here, and the words that are valid. */
export const say = (
  noun: string,
  words: readonly string[] | null = null,
  mend: Mend | null = null,
): { error: () => string } => {
  const message = JSON.stringify({ noun, words, mend } satisfies Expected)
  return { error: () => message }
}

/** What a message of zod says in our form; null when it is zod's own. */
export const expectedIn = (message: string): Expected | null => {
  if (!message.startsWith('{"noun":')) return null
  return JSON.parse(message) as Expected
}

/** A mapping with these keys and no other. */
export const keyed = <S extends z.ZodRawShape>(noun: string, shape: S): z.ZodObject<S, z.core.$strict> =>
  z.strictObject(shape, say(noun, Object.keys(shape)))

/** A whole number between these two, both included. */
export const wholeNumber = (from: number, to: number) => {
  const said = say(`a whole number from ${from} to ${to}`)
  return z.int(said).min(from, said).max(to, said)
}

/** One of these words. */
export const oneOf = <const W extends readonly [string, ...string[]]>(noun: string, words: W) =>
  z.enum(words as unknown as [W[number], ...W[number][]], say(noun, words))

/** A text of this form. */
export const formed = (noun: string, form: RegExp, mend: Mend | null = null) =>
  z.string(say(noun, null, mend)).regex(form, say(noun, null, mend))

/** One of these or a list of them; the same as a list of one. */
export const listOf = <S extends z.ZodType>(noun: string, item: S, { min = 0, max = 100 } = {}) =>
  z.union(
    [
      item,
      z
        .array(item, say(noun))
        .min(min, say(noun))
        .max(max, say(`${noun}, at most ${max}`)),
    ],
    say(noun),
  )
