/** A sentence of the program or the server: what stands between backticks is set as code. */
import { Revealed } from '../text/revealed.tsx'

export const WordsWithCode = ({ text }: { text: string }) => (
  <>
    {text.split('`').map((piece, at, all) =>
      at % 2 === 1 && at < all.length - 1 ? (
        <code key={at}>
          <Revealed text={piece} code />
        </code>
      ) : (
        <Revealed key={at} text={at % 2 === 1 ? `\`${piece}` : piece} />
      ),
    )}
  </>
)
