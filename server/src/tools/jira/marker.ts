/**
 * How is what we wrote in Jira found again?
 * By the link below it: the address of the run's page with the intent as its fragment. Only together with our own account it proves anything: everybody can copy it.
 */
import type { Effect } from '../port.ts'
import { documentOf } from './document.ts'

export const withMarker = (text: string, { page, intent }: Pick<Effect, 'page' | 'intent'>): object =>
  documentOf(`${text.trimEnd()}\n\n[Viewport run ${page.split('/').at(-1)}](${page}#${intent})`)

/** Is the link of this intent, or of any of ours, in this document? */
export const isMarked = (document: unknown, intent = 'int_[0-9a-z]{1,60}-\\d{1,9}'): boolean =>
  new RegExp(`/runs/\\d{1,9}#${intent}(?![0-9])`).test(JSON.stringify(document ?? ''))
