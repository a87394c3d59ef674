/**
 * Which programs may this command run, as far as can be seen?
 * Reads generously, so that a deny or an ask rule finds more than is there and never less than a plain reading. It never says that a command is safe.
 */
import { trimmedEnd } from '../trimmed.ts'
import { programOf } from './command-pattern.ts'

export type Readings = {
  /** Words from where a program can begin: the whole, each part of a pipeline or list, what stands behind a wrapper. */
  programs: string[][]
  /** Words from every other place: perhaps only an argument. */
  mentions: string[][]
}

const wrappers = new Set([
  'env',
  'command',
  'builtin',
  'exec',
  'nohup',
  'timeout',
  'time',
  'nice',
  'ionice',
  'stdbuf',
  'setsid',
  'sudo',
  'doas',
  'su',
  'xargs',
  'parallel',
  'watch',
  'eval',
  'sh',
  'bash',
  'zsh',
  'dash',
  'ksh',
  'busybox',
  'if',
  'then',
  'else',
  'elif',
  'while',
  'until',
  'do',
  'coproc',
  '!',
  '-c',
  '-lc',
  '-exec',
  '-execdir',
  'flock',
  'script',
  'trap',
  'source',
  '.',
  'in',
  'function',
  'npx',
  'chroot',
  'unshare',
])
const most = 400 // words that are looked at; longer commands are asked anyway

/** All readings of a command. */
export const readings = (command: readonly string[] | string): Readings => {
  const programs: string[][] = []
  const mentions: string[][] = []
  for (const words of segments(command)) {
    let begins = true
    let behind = false // a wrapper: its options, numbers and assignments come before the program
    for (const [i, word] of words.entries()) {
      if (word === '') continue
      const read = plainly(words.slice(i))
      if (read.length > 0) (begins ? programs : mentions).push(read)
      if (wrappers.has(programOf(word))) begins = behind = true
      else if (begins && (assignment.test(word) || (behind && /^(-|\d|\{\}$)/.test(word)))) continue
      else begins = behind = false
    }
  }
  return { programs, mentions }
}

const assignment = /^[A-Za-z_]\w*\+?=/

/** The parts of a command, quotes and escapes taken away. An argv is one part, and each of its arguments may hold a text for a shell. */
const segments = (command: readonly string[] | string): string[][] => {
  const whole = typeof command === 'string' ? [] : [command.slice(0, most).map(bare)]
  const texts = typeof command === 'string' ? [command] : command.filter((word) => /\s/.test(word))
  return [
    ...whole,
    ...texts
      .flatMap(splits)
      .flatMap((text) => text.split(/[;&|\n\r()<>`]|\$\(|\{ | \}/))
      .map((part) => part.trim().split(/\s+/).slice(0, most).map(bare)),
  ]
}

/** The text as written, and with quotes and escapes removed across words (`g''it pu""sh`, `git push \⏎ origin`). */
const splits = (text: string): string[] => {
  const cut = text.slice(0, 8_000)
  const joined = cut.replace(/\\\r?\n/g, ' ')
  return [joined, joined.replace(/['"\\]/g, '')]
}

const bare = (word: string): string => trimmedEnd(word.replace(/^[${('"\\!]+/, ''), ')}\'"\\;').replace(/['"\\]/g, '')

/** Words with the program's bare name, and git's options before its command left out. */
const plainly = (words: string[]): string[] => {
  const [program = '', ...rest] = words.filter((word) => word !== '')
  const name = programOf(program)
  if (name !== 'git') return name === '' ? [] : [name, ...rest]
  let i = 0
  while (i < rest.length && rest[i]!.startsWith('-'))
    i += /^(-C|-c|--git-dir|--work-tree|--namespace|--exec-path|--config-env|--super-prefix)$/.test(rest[i]!) ? 2 : 1
  return [name, ...rest.slice(i)]
}
