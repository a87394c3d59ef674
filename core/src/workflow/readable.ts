/**
 * May this text be given to the YAML parser at all?
 * Bounds size, nesting and hidden characters before the parser sees them, so that no text can tire or deceive it.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { Lexer } from 'yaml'
import { firstHidden } from '../policy/hidden.ts'
import type { Mistakes, Spot } from './mistakes.ts'

/** The largest file in bytes and lines, the deepest nesting, and the most values after aliases are followed. So bounded, that reading one holds nobody up for long. */
export const limits = { bytes: 262_144, lines: 10_000, depth: 24, values: 5_000 } as const

/** Checks that cost little and come before the parser, so that no text can tire it. */
export const mayBeRead = (text: string, mistakes: Mistakes): boolean => {
  const refuse = (message: string, spot: Spot, code = 'yaml'): boolean => (
    mistakes.add({ code, path: [], spot, message }),
    false
  )
  if (text.length > limits.bytes || utf8ToBytes(text.toWellFormed()).length > limits.bytes)
    return refuse(`The file is larger than ${limits.bytes / 1024} kB.`, { from: 0, to: 0 }, 'too_large')
  if (text.split(/\r\n?|\n/, limits.lines + 1).length > limits.lines)
    return refuse(`The file has more than ${limits.lines} lines.`, { from: 0, to: 0 }, 'too_large')
  if (!text.isWellFormed()) return refuse('The text holds half a character (a lone surrogate).', { from: 0, to: 0 })
  const hidden = firstHidden(text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text, { joiners: true })
  if (hidden)
    return refuse(
      `A hidden character (${hidden.code}) stands here; a reader could not see it.`,
      { from: hidden.at, to: hidden.at + 1 },
      'hidden_character',
    )
  const excess = excessOf(text)
  if (excess === null) return true
  return excess === 'depth'
    ? refuse(`The file is nested deeper than ${limits.depth} levels.`, { from: 0, to: 0 }, 'too_deep')
    : refuse(tooMany, { from: 0, to: 0 }, 'too_large')
}

/** Also said where it is only aliases that make so many. */
export const tooMany = `The file has more than ${limits.values} values.`

/**
 * What is there too much of? Counts by the lexer, which does not recurse as the parser does and takes a tenth of its time. Depth: brackets and
 * the marks of one line. Values: at least one for each dash and colon outside of brackets, and for each comma within.
 */
const excessOf = (text: string): 'depth' | 'values' | null => {
  let flow = 0
  let marks = 0
  let values = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++
    else if (token === ']' || token === '}') flow--
    else if (token === '-' || token === '?') marks++
    else if (token.startsWith('\n') || token.startsWith('\r')) marks = 0
    if (flow > 0 ? token === ',' : token === '-' || token === ':') values++
    if (flow > limits.depth || marks > limits.depth) return 'depth'
    if (values > limits.values) return 'values'
  }
  return null
}
