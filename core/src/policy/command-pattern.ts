/**
 * Which commands does a rule such as `git push *` mean?
 * Words separated by one blank. `*` as the last word: any further words, also none. `*` as another word: exactly one word. `*` inside a word: any
 * characters of that word. Everything else stands for itself. It decides nothing; `command.ts` does.
 */
import { nameFits } from './glob.ts'

const wordForm = /^[A-Za-z0-9_.:/=@%+,*-]+$/

/** Programs that run what they are given: a wildcard behind them would allow everything. */
const runners = new Set([
  'sh',
  'bash',
  'zsh',
  'dash',
  'ksh',
  'fish',
  'csh',
  'tcsh',
  'busybox',
  'env',
  'command',
  'builtin',
  'exec',
  'eval',
  'source',
  'nohup',
  'timeout',
  'time',
  'nice',
  'ionice',
  'stdbuf',
  'setsid',
  'sudo',
  'su',
  'doas',
  'xargs',
  'parallel',
  'find',
  'fd',
  'watch',
  'ssh',
  'script',
  'expect',
  'gdb',
  'strace',
  'unshare',
  'nsenter',
  'chroot',
  'docker',
  'podman',
  'kubectl',
  'trap',
  'alias',
  'awk',
  'gawk',
  'mawk',
  'sed',
  'tar',
  'vim',
  'vi',
  'ed',
  'ex',
  'less',
  'man',
  'tmux',
  'screen',
  'flock',
  'systemd-run',
  'at',
  'crontab',
  'coproc',
])
/** Programs that run code from an argument: a fixed word (`-m pytest`) must come before the wildcard. */
const interpreters = new Set([
  'python',
  'python2',
  'python3',
  'node',
  'nodejs',
  'deno',
  'bun',
  'perl',
  'ruby',
  'php',
  'lua',
  'osascript',
  'tclsh',
  'npx',
  'pnpx',
  'bunx',
  'uvx',
  'pipx',
  'go',
  'cargo',
  'npm',
  'pnpm',
  'yarn',
  'make',
  'git',
  'gh',
  'curl',
  'wget',
])

/** Why a text is no rule, or null when it is one. */
export const patternRefusal = (pattern: string): string | null => {
  if (pattern.length === 0 || pattern.length > 300) return 'it is empty or longer than 300 characters'
  if (pattern !== pattern.trim() || /\s{2,}|[^\S ]/.test(pattern)) return 'its words are separated by one blank each'
  const wrong = pattern.split(' ').find((word) => !wordForm.test(word))
  return wrong === undefined ? null : `\`${wrong}\` holds more than letters, digits and _ . : / = @ % + , - *`
}

/** Why a rule may not allow, or null when it may. Asking and denying may be as wide as one likes. */
export const allowRefusal = (pattern: string): string | null => {
  const refusal = patternRefusal(pattern)
  if (refusal) return refusal
  const [program = '', ...rest] = pattern.split(' ')
  if (program.includes('*')) return 'the program itself must be named'
  if (!/^(\.\/)?[A-Za-z0-9][A-Za-z0-9._+-]*(\/[A-Za-z0-9][A-Za-z0-9._+-]*)*$/.test(program))
    return 'the program must be a plain name, or a path below the working directory'
  const wild = rest.some((word) => word.includes('*'))
  const name = programOf(program)
  if (wild && runners.has(name)) return `${name} runs whatever it is given, so this would allow everything`
  if (wild && interpreters.has(name) && (rest[0]!.includes('*') || /^-(c|e|p|C|-eval|-print|-command)$/.test(rest[0]!)))
    return `${name} can run other programs; name what it may do, as in \`${name} ${name === 'git' ? 'fetch' : 'test'} *\``
  return null
}

/** The bare name of a program, without its folder, in small letters (file systems may fold case). */
export const programOf = (word: string): string =>
  word
    .slice(word.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\.exe$/, '')

/** Does the rule mean these words? */
export const patternFits = (pattern: string, words: readonly string[]): boolean => {
  const parts = pattern.split(' ')
  const open = parts.at(-1) === '*' && parts.length > 1
  const fixed = open ? parts.slice(0, -1) : parts
  if (pattern === '*') return words.length > 0
  if (open ? words.length < fixed.length : words.length !== fixed.length) return false
  return fixed.every((part, i) =>
    part.includes('*') ? nameFits(part.replaceAll('?', ''), words[i]!) : part === words[i],
  )
}
