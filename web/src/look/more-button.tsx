/** Asks for the next page of a long list. Not there when there is none. */
import type { ReactNode } from 'react'

type Paged = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }

export const MoreButton = ({ answer, children }: { answer: Paged; children: ReactNode }) =>
  answer.hasNextPage && (
    <button
      type="button"
      className="fresh"
      disabled={answer.isFetchingNextPage}
      onClick={() => void answer.fetchNextPage()}
    >
      {answer.isFetchingNextPage ? 'Asking for more' : children}
    </button>
  )
