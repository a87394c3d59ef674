/** How is our link put into a document of Jira, and found in one? */
import { withLink } from '../link-marker.ts'
import type { Effect } from '../port.ts'
import { documentOf } from './document.ts'

export const withMarker = (text: string, effect: Pick<Effect, 'page' | 'intent'>): object =>
  documentOf(withLink(text, effect))

/** Is the link of this intent, or of any of ours, in this document? */
export const isMarked = (document: unknown, intent = 'int_[0-9a-z]{1,60}-\\d{1,9}'): boolean =>
  new RegExp(`/runs/\\d{1,9}#${intent}(?![0-9])`).test(JSON.stringify(document ?? ''))
