/**
 * How is what we wrote in Linear found again?
 * By the link below it: the address of the run's page with the intent as its fragment. Only together with our own account it proves anything: everybody can copy it.
 */
import type { Effect } from '../port.ts'

const form = /\[Viewport run \d{1,9}\]\(\S{1,500}#(int_[0-9a-z]{1,60}-\d{1,9})\)/

export const withMarker = (text: string, { page, intent }: Pick<Effect, 'page' | 'intent'>): string =>
  `${text.trimEnd()}\n\n[Viewport run ${page.split('/').at(-1)}](${page}#${intent})`.trimStart()

/** Does it hold the link of this intent, or of any of ours? The tool may write the address anew, so only the intent counts. */
export const isMarked = (text: string | null | undefined, intent?: string): boolean =>
  intent === undefined ? form.test(text ?? '') : new RegExp(`#${intent}(?![0-9])`).test(text ?? '')
