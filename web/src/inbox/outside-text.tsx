/** What somebody outside wrote, whole and apart from our own words. The core has written hidden characters out; here they are marks. */
import { counted } from '../look/amounts.ts'
import { Revealed } from '../text/revealed.tsx'

/** A hidden character as the core writes it out: ⟨U+202E⟩. */
const writtenOut = /⟨U\+[0-9A-F]{4,6}⟩/g

export const OutsideText = ({ text }: { text: string }) => {
  const marks = text.match(writtenOut) ?? []
  return (
    <figure className="theirs">
      <figcaption className="taint">
        Outside text, whole{marks.length > 0 && `; ${counted(marks.length, 'hidden character')} written out`}
      </figcaption>
      <p>
        {text.split(writtenOut).flatMap((piece, no) => [
          <Revealed key={no} text={piece} />,
          marks[no] !== undefined && (
            <mark key={`mark ${no}`} className="uc">
              {marks[no]!.slice(1, -1)}
            </mark>
          ),
        ])}
      </p>
    </figure>
  )
}

/** Our words end, and theirs begin, where the core left a line empty. */
export const apart = (text: string): { ours: string; theirs: string } => {
  const at = text.indexOf('\n\n')
  return at < 0 ? { ours: text, theirs: '' } : { ours: text.slice(0, at), theirs: text.slice(at).trim() }
}
