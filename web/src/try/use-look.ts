/** How does a look go? Asked again at every note, and every few seconds while it is open, so that a silent runner is seen. */
import { useQuery } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'

export type Look = AnswerOf<'look', Response>

export const useLook = (id: string | null): { look: Look | null; gone: boolean } => {
  const asked = useQuery({
    ...questions.look(id ?? ''),
    enabled: id !== null,
    retry: false,
    refetchInterval: (query) => {
      const state = query.state.data?.state
      return query.state.error || state === 'looked' || state === 'failed' ? false : 3_000
    },
  })
  const gone = id !== null && asked.isError && asProblem(asked.error).code === 'not_found'
  return { look: id === null || gone ? null : (asked.data ?? null), gone }
}
