/** What a page shows before its first answer, and when there is none. */
import type { ReactNode } from 'react'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { Skeleton } from '../look/waiting.tsx'

/** An answer to one question, or to one that goes on page by page. */
type Answer<T> = { data: T | undefined; isError: boolean; error: unknown; refetch: () => Promise<unknown> }

/** Calls `children` with the newest answer there is. Old content stays while a new answer is asked, and when asking failed. */
export const Held = <T,>({
  answer,
  what,
  children,
}: {
  answer: Answer<T>
  what: string
  children: (value: T) => ReactNode
}) => {
  if (answer.data !== undefined) return <>{children(answer.data)}</>
  if (answer.isError) {
    const problem = asProblem(answer.error)
    return (
      <ProblemNotice
        problem={problem}
        actions={
          problem.code !== 'not_found' && (
            <button type="button" className="btn sm" onClick={() => void answer.refetch()}>
              Ask again
            </button>
          )
        }
      />
    )
  }
  return <Skeleton what={what} />
}
