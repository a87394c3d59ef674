/** How the webhook of a connection is set up at its tool: the address to copy, and the words. */
import { CopyText } from '../look/copy-text.tsx'

export const HookWords = ({ words, url }: { words: string | null; url: string | null }) =>
  words === null || url === null ? null : (
    <div className="hook">
      <p className="dim">{words.replaceAll('{url}', 'the address below')}</p>
      <CopyText text={url} />
    </div>
  )
