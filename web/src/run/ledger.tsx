/** The facts themselves: exact text and hash, as they are chained and signed. */
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/call.ts'
import { Held } from '../frame/held.tsx'
import { Digest } from '../look/digest.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

export const Ledger = ({ run }: { run: string }) => {
  const answer = useQuery({ queryKey: ['timeline', run, 'facts'], queryFn: () => api.facts({ params: { run } }) })
  return (
    <Held answer={answer} what="the facts">
      {({ facts }) => (
        <>
          <p className="mute">
            {facts.length} facts. Each hash covers the one before it; the last one is the head of the packet.
          </p>
          {facts.map((fact) => (
            <details className="fact" key={fact.seq}>
              <summary>
                <Head text={fact.text} seq={fact.seq} />
              </summary>
              <p className="mute">
                hash <Digest of={fact.hash} what="hash of the fact" />
              </p>
              <pre>
                <Revealed text={fact.text} />
              </pre>
            </details>
          ))}
        </>
      )}
    </Held>
  )
}

type Told = { type?: string; at?: number; by?: { kind?: string; name?: string } }

/** Number, time, type and who, read from the exact text. */
const Head = ({ text, seq }: { text: string; seq: number }) => {
  const fact = JSON.parse(text) as Told
  return (
    <>
      <span className="mute num">{seq}</span>
      <span className="mute">{fact.at !== undefined && <When at={fact.at} as="second" />}</span>
      <b className="m">{fact.type}</b>
      <span className="mute">
        <Revealed text={fact.by?.name ?? (fact.by?.kind === 'system' ? 'Viewport' : '')} />
      </span>
    </>
  )
}
