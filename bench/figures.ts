/** How are many measured numbers said in few? Medians and percentiles; never a mean. */

/** The value below which `p` (0 to 1) of the values lie: nearest rank. NaN without values. */
export const percentile = (values: readonly number[], p: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN
}

/** Milliseconds with a sensible number of digits. */
export const ms = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} ms` : value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`

/** One line of the table: what was measured, what it should be, what it was. `met`: null when there is no goal. */
export type Figure = {
  what: string
  goal: string
  got: string
  ratio: number | null
  met: boolean | null
  note?: string
}

/** A figure whose value should stay below (or above, `atLeast`) a goal; `ratio` = value / goal. */
export const against = (
  what: string,
  value: number,
  goal: number,
  show: (n: number) => string,
  { atLeast = false, note }: { atLeast?: boolean; note?: string } = {},
): Figure => ({
  what,
  goal: `${atLeast ? '>=' : '<='} ${show(goal)}`,
  got: show(value),
  ratio: value / goal,
  met: Number.isFinite(value) && (atLeast ? value >= goal : value <= goal),
  ...(note ? { note } : {}),
})

/** The figures as a table for a terminal. */
export const table = (figures: readonly Figure[]): string => {
  const rows = [
    ['measure', 'goal', 'got', 'got / goal', ''],
    ...figures.map((f) => [
      f.what,
      f.goal,
      f.got,
      f.ratio === null ? '' : f.ratio.toFixed(2),
      f.met === null ? '' : f.met ? 'met' : 'MISSED',
    ]),
  ]
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
  const notes = figures.flatMap((f) => (f.note ? [`  ${f.what}: ${f.note}`] : []))
  return [lines[0]!, '-'.repeat(lines[0]!.length), ...lines.slice(1), ...(notes.length ? ['', ...notes] : [])].join(
    '\n',
  )
}
