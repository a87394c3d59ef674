/** A sentence of the program: what stands between backticks, branches of runs and digests in it are set as code, and a digest is never broken over two lines. */
import { Revealed } from '../text/revealed.tsx'
import { WordsWithCode } from './words-with-code.tsx'

const codeLike = /(\bvp\/[\w./-]*[\w-]|\b[0-9a-f]{6}…[0-9a-f]{4}\b)/

export const Sentence = ({ text }: { text: string }) => (
  <>
    {text.split(codeLike).map((piece, at) =>
      at % 2 === 0 ? (
        <WordsWithCode key={at} text={piece} />
      ) : (
        <code key={at} className={piece.includes('…') ? 'nw' : undefined}>
          <Revealed text={piece} code />
        </code>
      ),
    )}
  </>
)
