/** A text with its hidden characters drawn as marks. */
import { memo } from 'react'
import { drawnAs, hiddenSentence, marksOf, reveal, type Mark } from './hidden.ts'

const HiddenMark = ({ mark }: { mark: Mark }) => (
  <mark className="uc" title={`${mark.label}, ${mark.name}`}>
    {drawnAs(mark)}
  </mark>
)

/** `code`: the text is read by a program, look-alikes count more strictly. */
export const Revealed = memo(({ text, code = false }: { text: string; code?: boolean }) => {
  const pieces = reveal(text, code)
  if (pieces.length === 1 && typeof pieces[0] === 'string') return <>{text}</>
  return <>{pieces.map((piece, at) => (typeof piece === 'string' ? piece : <HiddenMark key={at} mark={piece} />))}</>
})

/** What a text hides, in one sentence; empty when nothing. */
export const hiddenIn = (text: string, code = false): string => hiddenSentence(marksOf(reveal(text, code)))
