/**
 * What does a comment tell us to do: `/viewport fix` or `/fix`, at the beginning of a line that is neither quoted nor code?
 * One rule for every tool that has comments. Nothing but up to three blanks may stand before the slash: behind a mention or a word it is
 * said to somebody, or about something. The first such line counts.
 */

/**
 * The word after the slash in lower case (`fix`), or null. Logins that the comment mentions come separately.
 * `text`: as people wrote it, in Markdown; other markup is brought to this form first (`jira/own-words.ts`).
 */
export const commandIn = (text: string): string | null => {
  for (const line of ownLines(text)) {
    const said = /^[ \u00a0]{0,3}\/(?:viewport[ \t\u00a0]+)?([a-z][a-z0-9_-]{0,60})(?=\s|$)/i.exec(line)
    if (said) return said[1]!.toLowerCase()
  }
  return null
}

/**
 * The command of a comment that was told and then fetched again: one that stood in it from the beginning and still does. What an edit put
 * there is none, for whoever edited it may be somebody else; what an edit took away is taken back. `now` undefined: it was not fetched.
 */
export const lastingCommand = (told: string, now: string | undefined): string | null => {
  const command = commandIn(told)
  return now === undefined || commandIn(now) === command ? command : null
}

/** Logins and teams that are mentioned, as written after the sign: `octocat`, `acme/payments`. At most 50. */
export const mentionsIn = (text: string): string[] =>
  [
    ...new Set(
      ownLines(text).flatMap((line) =>
        [
          ...line.replace(/`[^`]*`/g, '').matchAll(/(?<![\w/`@])@([A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[\w-]{1,100})?)/g),
        ].map((found) => found[1]!),
      ),
    ),
  ].slice(0, 50)

/** Lines that are the writer's own: no quotes, no code, nothing hidden in an HTML comment. */
const ownLines = (text: string): string[] => {
  const lines: string[] = []
  let fence: string | null = null
  for (const line of text
    .slice(0, 65_536)
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .split(/\r?\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null
    } else if (mark) fence = mark
    else if (!/^( {0,3}>| {4}|\t)/.test(line)) lines.push(line.trimEnd())
  }
  return lines
}
