/** The facts themselves: exact text and hash, as they are chained and signed. */
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/call.ts'
import { Held } from '../frame/held.tsx'
import { Digest } from '../look/digest.tsx'
import { Revealed } from '../text/revealed.tsx'

export const Ledger = ({ run, count }: { run: string; count: number }) => {
  const answer = useQuery({
    queryKey: ['timeline', run, 'facts', count],
    queryFn: () => api.facts({ params: { run } }),
    placeholderData: (before) => before,
  })
  return (
    <Held answer={answer} what="the facts">
      {({ facts }) => (
        <>
          <p className="mute">
            {facts.length} facts. Each hash covers the one before it; the last one is the head of the packet.
          </p>
          {facts.map((fact) => (
            <div className="fact" key={fact.seq}>
              <div className="kv">
                <span className="mono">{fact.seq}</span>
                <b>
                  <Digest of={fact.hash} what="hash of the fact" />
                </b>
              </div>
              <pre>
                <Revealed text={fact.text} />
              </pre>
            </div>
          ))}
        </>
      )}
    </Held>
  )
}
