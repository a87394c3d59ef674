/** Which sections fit the work best, and why? Every part of a score is kept, so that the choice can be shown. */
import { wordsOf } from './words.ts'

/** What is ranked. `age`: seconds between the file's last change and the newest one of its repository; null when not known. */
export type Candidate = {
  readonly path: string
  readonly title: string
  readonly text: string
  readonly age: number | null
}
/** Parts from 0 to 1, and their weighted sum. */
export type Score = { readonly words: number; readonly path: number; readonly recency: number; readonly total: number }

const weights = { words: 0.75, path: 0.15, recency: 0.1 }
// Robertson, Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009)
const k1 = 1.2
const b = 0.75
const month = 30 * 86_400

/** One score per candidate, in their order. `question`: the words of the work. */
export const rank = (candidates: readonly Candidate[], question: string): Score[] => {
  const wanted = [...new Set(wordsOf(question))]
  const documents = candidates.map((one) => countOf(wordsOf(`${one.title}\n${one.text}`)))
  const lengths = documents.map((counts) => [...counts.values()].reduce((sum, n) => sum + n, 0))
  const average = lengths.reduce((sum, n) => sum + n, 0) / Math.max(1, lengths.length)
  const weightOf = new Map(
    wanted.map((word) => {
      const holding = documents.filter((counts) => counts.has(word)).length
      return [word, Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5))]
    }),
  )
  const raw = documents.map((counts, at) =>
    wanted.reduce((sum, word) => {
      const n = counts.get(word) ?? 0
      return (
        sum +
        ((weightOf.get(word) ?? 0) * n * (k1 + 1)) /
          (n + k1 * (1 - b + (b * (lengths[at] ?? 0)) / Math.max(1, average)))
      )
    }, 0),
  )
  const best = Math.max(...raw, 0)
  return candidates.map((one, at) => {
    const names = [...new Set(wordsOf(one.path))]
    const words = best === 0 ? 0 : (raw[at] ?? 0) / best
    const path = names.length === 0 ? 0 : names.filter((name) => wanted.includes(name)).length / names.length
    const recency = one.age === null ? 0 : 1 / (1 + one.age / month)
    return {
      words: round(words),
      path: round(path),
      recency: round(recency),
      total: round(weights.words * words + weights.path * path + weights.recency * recency),
    }
  })
}

const countOf = (words: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
const round = (value: number): number => Math.round(value * 1_000) / 1_000
