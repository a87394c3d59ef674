/** How is our link put into a document of Jira, and found in one? */
import { withLink } from '../link-marker.ts'
import type { Effect } from '../port.ts'
import type { Told } from './ask.ts'
import { documentOf } from './document.ts'

const form = /\/runs\/\d{1,9}#(int_[0-9a-z]{1,60}-\d{1,9})(?![0-9a-z])/

export const withMarker = (text: string, effect: Pick<Effect, 'page' | 'intent'>): object =>
  documentOf(withLink(text, effect))

/**
 * Is this the document that this intent wrote? Ours is the last paragraph that holds our link and nothing else: what we quote may
 * hold the link of another effect.
 */
export const isMarked = (document: unknown, intent: string): boolean => {
  const blocks = (document as Told | null | undefined)?.['content'] as unknown
  if (!Array.isArray(blocks)) return false
  return blocks.map(linkAlone).findLast((mark) => mark !== null) === intent
}

/** Does it hold any link of ours, anywhere? A webhook has texts as they are. */
export const looksOurs = (document: unknown): boolean => form.test(JSON.stringify(document ?? ''))

/** The intent of the link that is all of this paragraph, or null. */
const linkAlone = (block: Told | null): string | null => {
  const inside = block?.['type'] === 'paragraph' ? (block['content'] as unknown) : null
  if (!Array.isArray(inside)) return null
  const [node, ...more] = (inside as Told[]).filter((one) => String(one['text'] ?? 'x').trim() !== '')
  const marks: unknown = more.length === 0 ? node?.['marks'] : null
  const link = Array.isArray(marks) ? (marks as Told[]).find((mark) => mark['type'] === 'link') : undefined
  return form.exec(String(link?.['attrs']?.['href'] ?? ''))?.[1] ?? null
}
