/**
 * May an agent run this command without asking?
 * A deterministic answer from word lists, with a trace. It never runs anything and never guesses: what is not plain is asked.
 * No parser finds every hidden command, so this is no wall: the wall is that the agent has nothing to push with. It only says what needs no question.
 */
import { allowRefusal, patternFits, patternRefusal } from './command-pattern.ts'
import { readings } from './command-readings.ts'
import { firstHidden, isPlainAscii } from './hidden.ts'
import { readsOnly } from './read-only.ts'

export type CommandRules = { allow: readonly string[]; ask: readonly string[]; deny: readonly string[] }
/** What was looked at, in order; the first that does not say `next` decides. */
export type CommandTrace = { check: string; found: string; says: 'allow' | 'ask' | 'deny' | 'next' }[]
export type CommandDecision = {
  decision: 'allow' | 'ask' | 'deny'
  why: string
  rule: string | null
  trace: CommandTrace
}

/**
 * Decides one command. `command`: an argv as it will be executed, or the text a shell will read. `sandboxed`: does a real sandbox hold the agent?
 * Deny wins over ask, ask over allow; a command on no list is allowed only in a sandbox and only from the tiny read-only list.
 */
export const decideCommand = (
  command: readonly string[] | string,
  rules: CommandRules,
  { sandboxed }: { sandboxed: boolean },
): CommandDecision => {
  const trace: CommandTrace = []
  const next = (check: string, found: string): null => (trace.push({ check, found, says: 'next' }), null)
  const end = (
    decision: CommandDecision['decision'],
    check: string,
    why: string,
    rule: string | null = null,
  ): CommandDecision => {
    trace.push({ check, found: rule ?? why, says: decision })
    return { decision, why, rule, trace }
  }

  const heard = readings(command)
  const denied = rules.deny.find(
    (pattern) => patternRefusal(pattern) === null && heard.programs.some((words) => patternFits(pattern, words)),
  )
  if (denied !== undefined) return end('deny', 'deny rules', `the rule \`${denied}\` denies it`, denied)
  // A deny rule that cannot be read might have meant this command.
  const unreadable = rules.deny.find((pattern) => patternRefusal(pattern) !== null)
  if (unreadable !== undefined)
    return end('ask', 'deny rules', `the deny rule \`${unreadable}\` cannot be read`, unreadable)
  const mentioned = rules.deny.find((pattern) => heard.mentions.some((words) => patternFits(pattern, words)))
  if (mentioned !== undefined)
    return end('ask', 'deny rules', `it mentions what the rule \`${mentioned}\` denies`, mentioned)
  next('deny rules', 'none fits')

  const strange = notPlain(command)
  if (strange !== null) return end('ask', 'plain words', strange)
  const words = typeof command === 'string' ? command.trim().split(/ +/) : command
  next('plain words', 'yes')

  const asked = rules.ask.find(
    (pattern) => patternRefusal(pattern) !== null || heard.programs.some((read) => patternFits(pattern, read)),
  )
  if (asked !== undefined) return end('ask', 'ask rules', `the rule \`${asked}\` asks`, asked)
  next('ask rules', 'none fits')

  const allowed = rules.allow.find((pattern) => allowRefusal(pattern) === null && patternFits(pattern, words))
  if (allowed !== undefined) return end('allow', 'allow rules', `the rule \`${allowed}\` allows it`, allowed)
  next('allow rules', 'none fits')

  const reads = readsOnly(words)
  if (!reads.yes) return end('ask', 'read-only list', reads.why)
  if (!sandboxed) return end('ask', 'sandbox', 'no sandbox holds the agent')
  next('read-only list', reads.why)
  return end('allow', 'sandbox', 'it only reads, inside the sandbox')
}

const shellWords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'select',
  'function',
  'time',
  'coproc',
  'in',
  'eval',
  'exec',
  'source',
  'command',
  'builtin',
  'alias',
  'unalias',
  'trap',
  'set',
  'shopt',
  'export',
  'declare',
  'typeset',
  'local',
  'readonly',
  'unset',
  'enable',
  'hash',
  'bind',
  'fc',
  'ulimit',
  'umask',
  'cd',
  'pushd',
  'popd',
])

/** What makes a command more than plain words, or null. */
const notPlain = (command: readonly string[] | string): string | null => {
  const texts = typeof command === 'string' ? [command] : command
  const whole = texts.join(' ')
  if (whole.trim() === '') return 'there is no command'
  if (whole.length > 4_000) return 'it is longer than 4000 characters'
  const hidden = texts.map((text) => firstHidden(text)).find((found) => found !== null)
  if (hidden) return `it holds a hidden character (${hidden.code})`
  if (!texts.every(isPlainAscii)) return 'it holds characters other than plain ASCII, or a line break'
  const words = typeof command === 'string' ? command.trim().split(/ +/) : command
  const [program = '', ...rest] = words
  if (/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(program)) return 'it begins with an assignment'
  if (program.startsWith('/') || program.startsWith('~') || program.split('/').includes('..'))
    return 'it names its program by a path outside the working directory'
  if (!/^(\.\/)?[A-Za-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)*$/.test(program))
    return `\`${program}\` is not a plain program name`
  if (shellWords.has(program)) return `\`${program}\` is a word of the shell`
  // A shell reads the text again, so each word must be inert; an argv reaches the program as it is.
  const wrong =
    typeof command === 'string'
      ? rest.find((word) => !/^[A-Za-z0-9_./:@+,-][A-Za-z0-9_./:=@%+,-]*$/.test(word))
      : rest.find((word) => word === '')
  return wrong === undefined
    ? null
    : typeof command === 'string'
      ? `\`${wrong}\` holds characters that a shell reads`
      : 'it has an empty argument'
}
