/** What is asked again when something has changed: because a note said so, or because this page did it. */
import type { StreamNote } from '@viewportai/core/api/stream'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { touched } from './topics.ts'

/** Makes the answers with these first words stale. Resolves when those on the page were asked again. */
export const lookAgain = (queries: QueryClient, words: ReadonlySet<string>): Promise<void> =>
  queries.invalidateQueries({ predicate: (query) => words.has(String(query.queryKey[0])) })

/** For after a change of one's own: the same answers that a note about it makes stale. */
export const useLookAgain = (topic: StreamNote['topic']): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => lookAgain(queries, new Set(touched[topic]))
}

/** For after a change that no note tells of: the answers with these first words. */
export const useLookAgainAt = (...words: readonly string[]): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => lookAgain(queries, new Set(words))
}
