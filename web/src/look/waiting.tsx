/** What is there while an answer is on its way: a skeleton the first time, a thin line over the old content later. */
import { useIsFetching } from '@tanstack/react-query'

export const Skeleton = ({ lines = 9, what }: { lines?: number; what: string }) => (
  <output className="skeleton" aria-label={`Loading ${what}`}>
    {Array.from({ length: lines }, (_, at) => (
      <i key={at} />
    ))}
  </output>
)

/** A 2 px line on top of the page while something that is shown is asked again. The clock's own look is no news. */
export const LookLine = () => {
  const asking = useIsFetching({
    predicate: (query) => query.state.data !== undefined && query.queryKey[0] !== 'status',
  })
  return <div className={`lookline${asking ? ' on' : ''}`} aria-hidden="true" />
}
