/** How is a delivery called, also one of which nothing could be read? */

type Known = { readonly title: string; readonly event: string; readonly tool: string; readonly outcome: string }

/** Its title, else its event. Of one that was refused at the door neither is known. */
export const calledAs = ({ title, event, tool, outcome }: Known): string =>
  title || event || (outcome === 'refused' ? `Something that was sent to ${tool || 'an address'}` : tool)

/** Was it refused before anybody believed it? Then it is kept under an id of our own, and nothing else of it is. */
export const isTurnedAway = ({ outcome, dedupe }: { readonly outcome: string; readonly dedupe: string }): boolean =>
  outcome === 'refused' && dedupe.startsWith('refused:')
