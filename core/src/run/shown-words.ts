/**
 * What of a review whose words somebody else may have changed does a person see who lets them pass, and is an agent given?
 * One cut for both, as of an event (`shown-event.ts`): nothing reaches an agent that nobody could read. It never judges the words; the run's facts keep all.
 */
import { revealed } from '../policy/hidden.ts'
import type { ReviewLine } from './pull-seen.ts'
import { bothEnds, elsewhere } from './shown-event.ts'
import type { z } from 'zod'

/** What a review says: in its own text, and on lines. */
export type Words = { readonly text: string; readonly lines: z.infer<typeof ReviewLine>[] }

/** How many characters of such words one question holds in all, with hidden ones written out. */
export const outsideRoom = 15_000
/** Stands between what several reviews said. */
export const cardGap = '\n\n---\n\n'
/** Of one review: so that the next finds room beside it. */
const head = 7_000
const tail = 3_000
/** Less than this is no room to say anything in. */
const least = 1_000
/** For the sentences that say what is left out. */
const forSaying = 300

/** Both ends of a long text, and of the comments on lines those that find room; null: there is no room (characters) for any of it. */
export const shownWords = ({ text, lines }: Words, room: number): Words | null => {
  if (room < least) return null
  const most = Math.min(head + tail, room - forSaying)
  const written = revealed(text)
  const size = Math.min(head, Math.floor(most * 0.7))
  const short = written.length <= most ? text : bothEnds(written, size, most - size)
  let left = most - Math.min(written.length, most)
  const kept = lines.filter((one) => (left -= revealed(lineOnCard(one)).length + 1) >= 0)
  const gone = lines.length - kept.length
  return {
    text:
      gone === 0
        ? short
        : [short, `[${gone} of ${lines.length} comments on lines are left out here${elsewhere}]`]
            .filter((part) => part !== '')
            .join('\n'),
    lines: kept,
  }
}

/** The words as the card has them. */
export const wordsOnCard = ({ text, lines }: Words): string =>
  [text, ...lines.map(lineOnCard)].filter((part) => part !== '').join('\n')

const lineOnCard = ({ path, line, text }: Words['lines'][number]): string => `${path}:${line}: ${text}`
