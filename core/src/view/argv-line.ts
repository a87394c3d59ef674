/** How do the words of a command stand in one line, so that two commands never look the same? */

/** Plain words as they are; every other one as a JSON string, so that `"a b"` is not `a b`. */
export const argvLine = (argv: readonly string[]): string =>
  argv.map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
