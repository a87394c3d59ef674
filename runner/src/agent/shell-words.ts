/** Which text does a shell get in an argv that was written as one line? */

/** Splits a line of quoted words as POSIX shells do; null when a quote stays open. Nothing is expanded. */
export const splitWords = (line: string): string[] | null => {
  const words: string[] = []
  let word: string | null = null
  for (let at = 0; at < line.length; at += 1) {
    const sign = line.charAt(at)
    if (/[ \t\n]/.test(sign)) {
      if (word !== null) words.push(word)
      word = null
    } else if (sign === "'") {
      const end = line.indexOf("'", at + 1)
      if (end < 0) return null
      word = (word ?? '') + line.slice(at + 1, end)
      at = end
    } else if (sign === '"') {
      word ??= ''
      for (at += 1; line.charAt(at) !== '"'; at += 1) {
        if (at >= line.length) return null
        if (line.charAt(at) === '\\' && /["\\$`\n]/.test(line.charAt(at + 1))) at += 1
        word += line.charAt(at)
      }
    } else if (sign === '\\') {
      if (at + 1 >= line.length) return null
      at += 1
      word = (word ?? '') + line.charAt(at)
    } else word = (word ?? '') + sign
  }
  if (word !== null) words.push(word)
  return words
}

/** The command in a line like `/bin/bash -lc 'npm test'`: the shell's text; an argv where there is no shell; the line itself where it cannot be read. */
export const commandIn = (line: string): string | readonly string[] => {
  const argv = splitWords(line)
  if (!argv || argv.length === 0) return line
  const [program = '', option = '', text] = argv
  const isShell = /(?:^|\/)(?:ba|da|k|z)?sh$/.test(program)
  if (isShell && argv.length === 3 && /^-l?c$/.test(option) && text !== undefined) return text
  return argv
}

/** A text as one word of a POSIX shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
