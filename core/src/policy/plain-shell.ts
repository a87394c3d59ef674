/**
 * Which commands, with which words, would a shell make of this text?
 * Answers only where there is one plain reading: words, whole words in quotes that hold nothing a shell replaces, commands joined by `|` or `&&`, and
 * `2>&1` or `2>/dev/null` behind one. Anything else is null: it is not guessed.
 */

/** A word that a shell passes on as it is. */
const inert = /^[A-Za-z0-9_./:@+,-][A-Za-z0-9_./:=@%+,-]*$/
const single = /^'([^'\\]*)'$/
const double = /^"([^"\\$`!]*)"$/
const token = /'[^']*'|"[^"]*"|[^\s'"]+/y
const commandsAtMost = 8

/** The commands of the text in order, each as the words that its program gets; null when it is more than plain. */
export const plainCommands = (text: string): string[][] | null => {
  if (!/^[\x20-\x7e]+$/.test(text)) return null
  const commands: string[][] = [[]]
  let ended = false // behind a redirection nothing but the next command comes
  for (const word of tokens(text) ?? []) {
    const now = commands.at(-1)!
    if (word === '|' || word === '&&') {
      if (now.length === 0) return null
      commands.push([])
      ended = false
    } else if (word === '2>&1' || word === '2>/dev/null') {
      if (now.length === 0) return null
      ended = true
    } else {
      const quoted = single.exec(word)?.[1] ?? double.exec(word)?.[1]
      // A program in quotes is nobody's habit.
      if (ended || (quoted === undefined ? !inert.test(word) : now.length === 0)) return null
      now.push(quoted ?? word)
    }
  }
  return commands.length <= commandsAtMost && commands.every((words) => words.length > 0) ? commands : null
}

/** Words as they stand, a blank between any two; null when quotes touch a word or are not closed. */
const tokens = (text: string): string[] | null => {
  const found: string[] = []
  for (let at = 0; at < text.length;) {
    if (text[at] === ' ') {
      at++
      continue
    }
    token.lastIndex = at
    const [word] = token.exec(text) ?? []
    if (word === undefined) return null
    at += word.length
    if (at < text.length && text[at] !== ' ') return null
    found.push(word)
  }
  return found
}
