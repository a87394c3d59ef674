/** How are many measured numbers said in few? Medians and percentiles; never a mean. */

/** The value below which `p` (0 to 1) of the values lie: nearest rank. NaN without values. */
export const percentile = (values: readonly number[], p: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** Milliseconds with a sensible number of digits. */
export const ms = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} ms` : value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`

/** What a user would have instead, measured here as well. */
type Instead = { readonly what: string; readonly value: number }

/** One line of the table. `met`: null when there is no goal or it was not measured. */
export type Figure = {
  readonly what: string
  readonly goal: string
  readonly got: string
  /** The median of the single values, where `got` is a percentile of them. */
  readonly median: string
  /** The alternative and how many times as much (or as fast) it is. */
  readonly instead: string
  readonly met: boolean | null
  readonly note?: string
}

type Beside = {
  readonly median?: number
  readonly instead?: Instead
  readonly note?: string
  readonly atLeast?: boolean
}

/** A figure whose value should stay below (or above, `atLeast`) a goal; null: there is no goal, it is there to be known. */
export const against = (
  what: string,
  value: number,
  goal: number | null,
  show: (n: number) => string,
  { atLeast = false, median: middle, instead, note }: Beside = {},
): Figure => ({
  what,
  goal: goal === null ? '' : `${atLeast ? '>=' : '<='} ${show(goal)}`,
  got: show(value),
  median: middle === undefined ? '' : show(middle),
  instead: instead ? `${instead.what} ${show(instead.value)}, ratio ${ratio(value / instead.value)}` : '',
  met: goal === null ? null : Number.isFinite(value) && (atLeast ? value >= goal : value <= goal),
  ...(note ? { note } : {}),
})

const ratio = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

/**
 * The p95 of several rounds, each a list of milliseconds: the middle one of the rounds' p95, so that one disturbed round does not
 * decide; the spread is said beside it. The alternative is treated in the same way.
 */
export const p95Of = (
  what: string,
  rounds: readonly (readonly number[])[],
  goal: number | null,
  { instead, note }: { instead?: { what: string; rounds: readonly (readonly number[])[] }; note?: string } = {},
): Figure => {
  const each = rounds.map((round) => percentile(round, 0.95))
  const spread = each.length > 1 ? `p95 of ${each.length} rounds: ${each.map(ms).join(', ')}` : ''
  return against(what, median(each), goal, ms, {
    median: median(rounds.flat()),
    ...(instead && {
      instead: { what: instead.what, value: median(instead.rounds.map((round) => percentile(round, 0.95))) },
    }),
    note: [spread, note].filter(Boolean).join('; '),
  })
}

/** A line for what was left out, so that the table is whole and does not look better than it is. */
export const notMeasured = (what: string, goal: string, how: string): Figure => ({
  what,
  goal,
  got: `not measured, use ${how}`,
  median: '',
  instead: '',
  met: null,
})

/** The figures as a table that reads well in a terminal and in Markdown. */
export const table = (figures: readonly Figure[]): string => {
  const rows = [
    ['measure', 'goal', 'got', 'median', 'instead', ''],
    ...figures.map((f) => [f.what, f.goal, f.got, f.median, f.instead, f.met === null ? '' : f.met ? 'met' : 'MISSED']),
  ]
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const line = (row: readonly string[]): string => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`
  const notes = figures.flatMap((f) => (f.note ? [`- ${f.what}: ${f.note}`] : []))
  return [
    line(rows[0]!),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.slice(1).map(line),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}
