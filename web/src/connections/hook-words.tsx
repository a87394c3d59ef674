/** How the webhook of a connection is set up at its tool: the words, with the way to its guide, and the address to copy. */
import { Link } from '@tanstack/react-router'
import { hookReach } from '@viewportai/core/tools/hook-reach'
import { CopyText } from '../look/copy-text.tsx'

export const HookWords = ({ words, url }: { words: string | null; url: string | null }) =>
  words === null || url === null ? null : (
    <div className="hook">
      <p className="dim">
        {withUrl(words, url)
          .split(/(docs\/integrations\/\w+\.md)/)
          .map((piece, at) => (at % 2 === 0 ? piece : <ToGuide key={at} path={piece} />))}
      </p>
      <CopyText text={url} />
      {hookReach(url) !== null && <p className="wait">{hookReach(url)}</p>}
    </div>
  )

/** In a line to type it stands as it is; in a sentence it stands below, where it is copied. */
const withUrl = (words: string, url: string): string =>
  words.replaceAll('"{url}', `"${url}`).replaceAll('{url}', 'the address below')

/** The server names pages as they lie in the repository; here they are a click away. */
const ToGuide = ({ path }: { path: string }) => (
  <Link className="link" to="/guides/$" params={{ _splat: path.replace(/^docs\/|\.md$/g, '') }}>
    its guide
  </Link>
)
