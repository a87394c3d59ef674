/** A text to take along: shown whole, copied by a button where the browser has a clipboard. */
import { useState } from 'react'
import { Icon } from './icon.tsx'

/** `label`: show only a button with these words. */
export const CopyText = ({ text, label }: { text: string; label?: string }) => {
  const [copied, setCopied] = useState(false)
  const can = 'clipboard' in navigator
  if (!can && label) return null
  return (
    <span className="copytext">
      {!label && <code>{text}</code>}
      {can && (
        <button
          type="button"
          className="btn sm"
          onClick={() => {
            void navigator.clipboard.writeText(text).then(() => {
              setCopied(true)
              setTimeout(() => setCopied(false), 1_500)
            })
          }}
        >
          <Icon name="copy" small />
          {copied ? 'Copied' : (label ?? 'Copy')}
        </button>
      )}
    </span>
  )
}
