/**
 * How is what we wrote in Linear or Jira found again?
 * By the link below it: the address of the run's page with the intent as its fragment. Only together with our own account it proves anything: everybody can copy it.
 */
import type { Effect } from './port.ts'

/** The text with the link below it, as Markdown. */
export const withLink = (text: string, { page, intent }: Pick<Effect, 'page' | 'intent'>): string =>
  `${text.trimEnd()}\n\n[Viewport run ${page.split('/').at(-1)}](${page}#${intent})`.trimStart()
