/**
 * How does a title from outside become a commit message that does nothing by itself?
 * Forges close issues, notify people, run bots and switch CI off on words in messages; a title may be written by anybody.
 */
import { plainLine } from '@viewportai/core/policy/plain-line'

/** One line, at most 100 characters, with everything taken apart that would have an effect, also what would be a trailer; then our own trailer. */
export const plainMessage = (title: string, digest: string): string => {
  const line = plainLine(title.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 1_000))
    .replace(/^[/\\:()*-]+\s*/, '')
    .replace(/^([A-Za-z-]+):(?=\s)/, '$1 -')
    .slice(0, 100)
    .trim()
  return `${line || 'A change of a Viewport run'}\n\nViewport-Change: sha256:${digest}`
}
