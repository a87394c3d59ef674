/** A sentence of the program or the server: what stands between backticks, branches of runs and digests in it are set as code, and a digest is never broken over two lines. */
import { Revealed } from '../text/revealed.tsx'

const codeLike = /(`[^`]+`|\bvp\/[\w./-]*[\w-]|\b[0-9a-f]{6}…[0-9a-f]{4}\b)/
const isDigest = /^[0-9a-f]{6}…/

export const Sentence = ({ text }: { text: string }) => (
  <>
    {text.split(codeLike).map((piece, at) =>
      at % 2 === 0 ? (
        <Revealed key={at} text={piece} />
      ) : (
        <code key={at} className={isDigest.test(piece) ? 'nw' : undefined}>
          <Revealed text={piece.startsWith('`') ? piece.slice(1, -1) : piece} code />
        </code>
      ),
    )}
  </>
)
