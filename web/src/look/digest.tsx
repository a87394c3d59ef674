/** A digest as first six, ellipsis, last four. A click copies all of it. */
import { useCopy } from './use-copy.ts'

export const shortDigest = (digest: string): string => `${digest.slice(0, 6)}…${digest.slice(-4)}`

export const Digest = ({ of, what = 'digest' }: { of: string; what?: string }) => {
  const { can, said, copy } = useCopy(of)
  // Plain HTTP on a network has no clipboard: the whole digest is then in the title only.
  if (!can) return <code title={of}>{shortDigest(of)}</code>
  return (
    <button type="button" className="link digest mono" title={of} onClick={copy}>
      <span className="sr">{`Copy the ${what} `}</span>
      {said ?? shortDigest(of)}
    </button>
  )
}
