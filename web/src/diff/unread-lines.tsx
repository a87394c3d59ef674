/** Lines of a patch that belong to no file or hunk: shown as they are, and nothing is decided on such a patch. */
import { Revealed } from '../text/revealed.tsx'
import type { Patch } from './patch.ts'

export const UnreadLines = ({ of }: { of: Pick<Patch, 'unread'> | null }) => (
  <>
    {of?.unread.map(({ line, text }) => (
      <p className="stop mono wrap" key={line}>
        line {line} of the patch is not understood: <Revealed text={text} code />
      </p>
    ))}
  </>
)
