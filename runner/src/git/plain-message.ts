/**
 * How does a title from outside become a commit message that does nothing by itself?
 * Forges close issues, notify people and run bots on words in messages; a title may be written by anybody.
 */

/** One line, at most 100 characters, with `#1`, `@name`, trailers and commands taken apart, then our own trailer. */
export const plainMessage = (title: string, digest: string): string => {
  const line = title
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/([#@!&])(?=[\p{L}\p{N}_-])/gu, '$1 ')
    .replace(/^[/\\:[\]*-]+\s*/, '')
    .replace(/^([A-Za-z-]+):(?=\s)/, '$1 -')
    .replace(/\[(?:skip ci|ci skip|no ci|skip actions)\]/gi, '')
    .slice(0, 100)
    .trim()
  return `${line || 'A change of a Viewport run'}\n\nViewport-Change: sha256:${digest}`
}
