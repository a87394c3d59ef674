/**
 * May this text be given to the YAML parser at all?
 * Bounds size, nesting and hidden characters before the parser sees them, so that no text can tire or deceive it.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { Lexer } from 'yaml'
import { firstHidden } from '../policy/hidden.ts'
import type { Mistakes, Spot } from './mistakes.ts'

/** The largest file in bytes, the deepest nesting, and the most values after aliases are followed. */
export const limits = { bytes: 262_144, depth: 24, values: 20_000 } as const

/** Checks that cost little and come before the parser, so that no text can tire it. */
export const mayBeRead = (text: string, mistakes: Mistakes): boolean => {
  const refuse = (message: string, spot: Spot, code = 'yaml'): boolean => (
    mistakes.add({ code, path: [], spot, message }),
    false
  )
  if (text.length > limits.bytes || utf8ToBytes(text.toWellFormed()).length > limits.bytes)
    return refuse(`The file is larger than ${limits.bytes / 1024} kB.`, { from: 0, to: 0 }, 'too_large')
  if (!text.isWellFormed()) return refuse('The text holds half a character (a lone surrogate).', { from: 0, to: 0 })
  const hidden = firstHidden(text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text, { joiners: true })
  if (hidden)
    return refuse(
      `A hidden character (${hidden.code}) stands here; a reader could not see it.`,
      { from: hidden.at, to: hidden.at + 1 },
      'hidden_character',
    )
  return (
    shallow(text) || refuse(`The file is nested deeper than ${limits.depth} levels.`, { from: 0, to: 0 }, 'too_deep')
  )
}

/** Is the nesting bounded? Counts brackets and the marks of one line by the lexer, which does not recurse as the parser does. */
const shallow = (text: string): boolean => {
  let flow = 0
  let marks = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++
    else if (token === ']' || token === '}') flow--
    else if (token === '-' || token === '?') marks++
    else if (token.startsWith('\n') || token.startsWith('\r')) marks = 0
    if (flow > limits.depth || marks > limits.depth) return false
  }
  return true
}
