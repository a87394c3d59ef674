/** A text to take along: shown whole, copied by a button where the browser has a clipboard. */
import { capital } from './amounts.ts'
import { Icon } from './icon.tsx'
import { useCopy } from './use-copy.ts'

/** `label`: show only a button with these words. */
export const CopyText = ({ text, label }: { text: string; label?: string }) => {
  const { can, said, copy } = useCopy(text)
  if (!can && label) return null
  return (
    <span className="copytext">
      {!label && <code>{text}</code>}
      {can && (
        <button type="button" className="btn sm" onClick={copy}>
          <Icon name="copy" small />
          {said ? capital(said) : (label ?? 'Copy')}
        </button>
      )}
    </span>
  )
}
