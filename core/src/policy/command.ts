/**
 * May an agent run this command without asking?
 * A deterministic answer from word lists, with a trace: what is seen of the command is held against a fixed policy. It never runs anything and never guesses: what is not plain is asked.
 * No parser finds every hidden command, so this is no wall: the wall is that the agent has nothing to push with. It only says what needs no question.
 */
import { allowRefusal, patternFits, patternRefusal } from './command-pattern.ts'
import { readings } from './command-readings.ts'
import { evaluate, type Effect, type Rule } from './evaluate.ts'
import { firstHidden, isPlainAscii } from './hidden.ts'
import { plainCommands } from './plain-shell.ts'
import { readOnlyChain, readsOnly } from './read-only.ts'

export type CommandRules = { allow: readonly string[]; ask: readonly string[]; deny: readonly string[] }
/** Every rule that was looked at, in the order people read them: did it hold, and what was found: a pattern between backticks, or why? */
export type CommandTrace = { rule: string; effect: Effect; held: boolean; found: string | null }[]
/** `rule`: the pattern that decided, null when none did. */
export type CommandDecision = { decision: Effect; why: string; rule: string | null; trace: CommandTrace }

/**
 * Decides one command. `command`: an argv as it will be executed, or the text a shell will read. `sandboxed`: does a real sandbox hold the agent?
 * Deny wins over ask, ask over allow; a command on no list is allowed only in a sandbox and only from the tiny read-only list.
 */
export const decideCommand = (
  command: readonly string[] | string,
  rules: CommandRules,
  { sandboxed }: { sandboxed: boolean },
): CommandDecision => {
  const seen = looked(command, rules, sandboxed)
  const { decision, trace } = evaluate(policy, seen)
  const held = new Map(trace.map((one) => [one.rule, one.held === 'yes']))
  const lines = policy.map(({ id, effect }) => ({ ...found[id](seen), rule: id, effect, held: held.get(id) === true }))
  const decisive = lines.find((line) => line.held && line.effect === decision)
  return {
    decision,
    why: decisive?.why ?? 'no rule allows it',
    rule: decisive?.pattern ? decisive.found : null,
    trace: lines.map(({ rule, effect, held: yes, found: what, pattern }) => ({
      rule,
      effect,
      held: yes,
      found: yes ? (pattern ? `\`${what}\`` : what) : null,
    })),
  }
}

type Seen = {
  /** the first deny rule that means it */ denied: string | null
  /** a deny rule that cannot be read: it might have meant this command */ unreadable: string | null
  /** a deny rule that means something the command mentions */ mentioned: string | null
  /** what makes it more than plain words */ strange: string | null
  asked: string | null
  allowed: string | null
  /** why it is not on the read-only list; null: it is */ writes: string | null
  sandboxed: boolean
}

const looked = (command: readonly string[] | string, rules: CommandRules, sandboxed: boolean): Seen => {
  const heard = readings(command)
  const isRead = (pattern: string): boolean => patternRefusal(pattern) === null
  const anyOf = (programs: readonly string[][], pattern: string): boolean =>
    programs.some((words) => patternFits(pattern, words))
  const parts = typeof command === 'string' ? plainCommands(command) : [command]
  const reads = parts
    ? readOnlyChain(parts)
    : readsOnly(typeof command === 'string' ? command.trim().split(/ +/) : command)
  return {
    denied: rules.deny.find((pattern) => isRead(pattern) && anyOf(heard.programs, pattern)) ?? null,
    unreadable: rules.deny.find((pattern) => !isRead(pattern)) ?? null,
    mentioned: rules.deny.find((pattern) => isRead(pattern) && anyOf(heard.mentions, pattern)) ?? null,
    strange:
      notPlain(command) ?? (parts && !reads.yes ? firstStrange(parts) : parts ? null : wordsThatAShellReads(command)),
    asked: rules.ask.find((pattern) => !isRead(pattern) || anyOf(heard.programs, pattern)) ?? null,
    allowed: parts ? allowedBy(parts, rules.allow, sandboxed) : null,
    writes: reads.yes ? null : reads.why,
    sandboxed,
  }
}

/** The first rule that allows, when every command is allowed by one, or only reads inside a sandbox; null otherwise. */
const allowedBy = (
  parts: readonly (readonly string[])[],
  allow: readonly string[],
  sandboxed: boolean,
): string | null => {
  const rules = parts.map(
    (words) => allow.find((pattern) => allowRefusal(pattern) === null && patternFits(pattern, words)) ?? null,
  )
  const each = parts.every((words, at) => rules[at] !== null || (sandboxed && readsOnly(words).yes))
  return each ? (rules.find((rule) => rule !== null) ?? null) : null
}

type RuleName = keyof typeof found
const policy: readonly (Rule & { id: RuleName })[] = [
  { id: 'deny rules', effect: 'deny', when: { denied: { exists: true } } },
  { id: 'deny rules that cannot be read', effect: 'ask', when: { unreadable: { exists: true } } },
  { id: 'deny rules, by mention', effect: 'ask', when: { mentioned: { exists: true } } },
  { id: 'more than plain words', effect: 'ask', when: { strange: { exists: true } } },
  { id: 'ask rules', effect: 'ask', when: { asked: { exists: true } } },
  { id: 'allow rules', effect: 'allow', when: { allowed: { exists: true } } },
  { id: 'read-only list', effect: 'allow', when: { writes: { exists: false }, sandboxed: { is: [true] } } },
  { id: 'on no list', effect: 'ask', when: { allowed: { exists: false }, writes: { exists: true } } },
  {
    id: 'read-only without a sandbox',
    effect: 'ask',
    when: { allowed: { exists: false }, writes: { exists: false }, sandboxed: { is: [false] } },
  },
]

type Found = { found: string | null; why: string; pattern?: true }
/** What each rule found, and the sentence it decides with. */
const found = {
  'deny rules': ({ denied }: Seen): Found => ({
    found: denied,
    why: `the rule \`${denied}\` denies it`,
    pattern: true,
  }),
  'deny rules that cannot be read': ({ unreadable }: Seen): Found => ({
    found: unreadable,
    why: `the deny rule \`${unreadable}\` cannot be read`,
    pattern: true,
  }),
  'deny rules, by mention': ({ mentioned }: Seen): Found => ({
    found: mentioned,
    why: `it mentions what the rule \`${mentioned}\` denies`,
    pattern: true,
  }),
  'more than plain words': ({ strange }: Seen): Found => ({ found: strange, why: strange ?? '' }),
  'ask rules': ({ asked }: Seen): Found => ({ found: asked, why: `the rule \`${asked}\` asks`, pattern: true }),
  'allow rules': ({ allowed }: Seen): Found => ({
    found: allowed,
    why: `the rule \`${allowed}\` allows it`,
    pattern: true,
  }),
  'read-only list': (): Found => ({ found: null, why: 'it only reads, inside the sandbox' }),
  'on no list': ({ writes }: Seen): Found => ({ found: writes, why: writes ?? '' }),
  'read-only without a sandbox': (): Found => ({ found: null, why: 'no sandbox holds the agent' }),
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

/** What makes a command more than plain words, or null. Where a text is plain commands is looked at apart. */
const notPlain = (command: readonly string[] | string): string | null => {
  const texts = typeof command === 'string' ? [command] : command
  const whole = texts.join(' ')
  if (whole.trim() === '') return 'there is no command'
  if (whole.length > 4_000) return 'it is longer than 4000 characters'
  const hidden = texts.map((text) => firstHidden(text)).find((found) => found !== null)
  if (hidden) return `it holds a hidden character (${hidden.code})`
  return texts.every(isPlainAscii) ? null : 'it holds characters other than plain ASCII, or a line break'
}

/** What is strange about the first command that is. Its words reach the program as they are. */
const firstStrange = (parts: readonly (readonly string[])[]): string | null =>
  parts.map(strangeProgram).find((why) => why !== null) ??
  (parts.some((words) => words.includes('')) ? 'it has an empty argument' : null)

const strangeProgram = ([program = '']: readonly string[]): string | null => {
  if (/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(program)) return 'it begins with an assignment'
  if (program.startsWith('/') || program.startsWith('~') || program.split('/').includes('..'))
    return 'it names its program by a path outside the working directory'
  if (!/^(\.\/)?[A-Za-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)*$/.test(program))
    return `\`${program}\` is not a plain program name`
  return shellWords.has(program) ? `\`${program}\` is a word of the shell` : null
}

/** A text that is more than plain commands: what a shell would read in it. */
const wordsThatAShellReads = (command: readonly string[] | string): string => {
  const words = typeof command === 'string' ? command.trim().split(/ +/) : command
  const wrong = words.slice(1).find((word) => !/^[A-Za-z0-9_./:@+,-][A-Za-z0-9_./:=@%+,-]*$/.test(word))
  return (
    strangeProgram(words) ??
    (wrong === undefined ? 'it is more than plain words' : `\`${wrong}\` holds characters that a shell reads`)
  )
}
