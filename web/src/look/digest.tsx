/** A digest as first six, ellipsis, last four. A click copies all of it. */
import { useState } from 'react'

export const shortDigest = (digest: string): string => `${digest.slice(0, 6)}…${digest.slice(-4)}`

export const Digest = ({ of, what = 'digest' }: { of: string; what?: string }) => {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(of)
    setCopied(true)
    setTimeout(() => setCopied(false), 1_500)
  }
  // Plain HTTP on a network has no clipboard: the whole digest is then in the title only.
  if (!('clipboard' in navigator)) return <code title={of}>{shortDigest(of)}</code>
  return (
    <button type="button" className="link digest mono" title={of} onClick={() => void copy()}>
      <span className="sr">{`Copy the ${what} `}</span>
      {copied ? 'copied' : shortDigest(of)}
    </button>
  )
}
