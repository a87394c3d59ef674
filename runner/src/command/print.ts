/** How does a command speak: to people in lines, to programs in JSON? */

/** A text from elsewhere, made fit for one line of a terminal: no control, bidirectional or invisible characters. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')

export type Printer = {
  readonly json: boolean
  /** A line for people; nothing under --json. */
  line(text: string): void
  /** A line of progress for people on stderr; nothing under --json. */
  aside(text: string): void
  /** One JSON line; nothing without --json. */
  event(value: Record<string, unknown>): void
}

/** A printer for stdout. */
export const printer = (json: boolean): Printer => ({
  json,
  line: (text) => void (json || process.stdout.write(`${text}\n`)),
  aside: (text) => void (json || process.stderr.write(`${text}\n`)),
  event: (value) => void (json && process.stdout.write(`${JSON.stringify(value)}\n`)),
})

/** Rows as columns of equal width, two blanks apart. The last column is never padded. */
export const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, at) => Math.max(all[at] ?? 0, cell.length)), [])
  return rows.map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at]!))).join('  '))
}

/** 1234567 as "1.2 MB". */
export const size = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB']
  let at = 0
  let value = bytes
  for (; value >= 1_000 && at < units.length - 1; at++) value /= 1_000
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`
}

/** Milliseconds as "3 s", "4 min", "2 h", "5 d". */
export const span = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`
}
