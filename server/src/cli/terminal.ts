/**
 * How does a command speak? To people in lines, to programs in JSON.
 * Results go to stdout, everything beside them to stderr. Text from outside is made harmless before a terminal sees it.
 */
import { revealed } from '@viewportai/core/policy/hidden'

type Tone = 'wait' | 'run' | 'done' | 'stop' | 'idle' | 'bold' | 'dim'
export type Terminal = {
  readonly json: boolean
  /** Can a person answer here? */
  readonly asks: boolean
  readonly columns: number
  /** A line of the result. With `--json` nothing. */
  line(text?: string): void
  /** A line beside the result: progress, warnings. */
  note(text: string): void
  /** The result: as JSON with `--json`, else whatever `lines` prints. */
  give(value: unknown, lines: () => void): void
  /** With --json how it failed, unless the result was given before: then the words on stderr and the exit code say it. */
  fail(value: unknown): void
  paint(tone: Tone, text: string): string
}

const codes: Record<Tone, string> = { wait: '33', run: '34', done: '32', stop: '31', idle: '2', bold: '1', dim: '2' }
type Out = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/** Colours appear on a terminal alone, and never with NO_COLOR (https://no-color.org) or TERM=dumb. */
export const mayColour = (out: Pick<Out, 'isTTY'>, env: NodeJS.ProcessEnv): boolean =>
  Boolean(out.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb'

export const openTerminal = (
  json: boolean,
  env: NodeJS.ProcessEnv,
  out: Out = process.stdout,
  err: Out = process.stderr,
): Terminal => {
  const colour = mayColour(out, env)
  let given = false
  const value = (one: unknown): void => {
    given = true
    out.write(`${JSON.stringify(one, null, 2)}\n`)
  }
  const line = (text = ''): void => {
    if (!json) out.write(`${text}\n`)
  }
  return {
    json,
    asks: Boolean(process.stdin.isTTY) && Boolean(out.isTTY) && !json,
    columns: Math.max(60, Math.min(out.columns ?? 100, 160)),
    line,
    note: (text) => void err.write(`${text}\n`),
    give(result, lines) {
      if (json) value(result)
      else lines()
    },
    fail(how) {
      if (json && !given) value(how)
    },
    paint: (tone, text) => (colour && text !== '' ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text),
  }
}

/** Text from outside in one line: nothing in it moves the cursor, colours, or hides. */
export const inLine = (text: string): string =>
  revealed(text)
    .replace(/\s+/g, (blank) => (blank.includes('\n') ? ' ⏎ ' : blank))
    .replaceAll('\t', ' ')

/** Text from outside over several lines, each with a margin that shows where it begins and ends. */
export const quoted = (text: string, margin = '  │ '): string =>
  revealed(text)
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `${margin}${line}`)
    .join('\n')

/** Rows as aligned columns; the last column is not padded. Widths count what is seen. */
export const columns = (rows: readonly (readonly string[])[], indent = ''): string[] => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => width(row[i] ?? ''))))
  return rows.map((row) =>
    (
      indent +
      row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(widths[i]! - width(cell)))).join('  ')
    ).trimEnd(),
  )
}

const width = (text: string): number => [...text.replace(/\u001b\[\d+m/g, '')].length

/** A digest as people read it: first six, last four. */
export const shortDigest = (digest: string): string => `${digest.slice(0, 6)}…${digest.slice(-4)}`

/** How long ago, in the largest unit that says enough. Both in milliseconds. */
export const ago = (at: number, now = Date.now()): string => `${lasting(Math.max(0, now - at))} ago`

/** A duration in milliseconds as people say it: 3 s, 4 min, 2 h, 5 d. */
export const lasting = (millis: number): string => {
  const seconds = Math.round(millis / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`
}
