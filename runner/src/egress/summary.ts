/** What left about a run, in few lines: `vpd egress` and the page of a run say the same sums. */
import { levels } from '@viewportai/core/wire/level'
import type { LeftSummary } from '@viewportai/core/wire/left'
import type { Left } from './left.ts'

type Row = LeftSummary['rows'][number]
const rowsAtMost = 1_000

/** Sums of all lines, by where they went, what they were and how much they give away. */
export const summaryOf = (left: readonly Left[]): LeftSummary => {
  const rows = new Map<string, Row>()
  for (const line of left) {
    const at = Date.parse(line.at)
    const seen = new Set<string>()
    for (const { field, level, count, bytes, kept = 0 } of line.fields) {
      const key = JSON.stringify([line.to, line.what, level])
      const row: Row = rows.get(key) ?? {
        to: line.to.slice(0, 300),
        place: placeOf(line.what),
        what: line.what.slice(0, 120),
        level,
        messages: 0,
        bytes: 0,
        kept: 0,
        first: at,
        last: at,
        fields: [],
      }
      const before = row.fields.find((one) => one.field === field)
      const now = {
        field: field.slice(0, 200),
        count: (before?.count ?? 0) + count,
        bytes: (before?.bytes ?? 0) + bytes,
        kept: (before?.kept ?? 0) + kept,
      }
      rows.set(key, {
        ...row,
        messages: row.messages + Number(!seen.has(key)),
        bytes: row.bytes + bytes,
        kept: row.kept + kept,
        last: Math.max(row.last, at),
        fields: [...row.fields.filter((one) => one.field !== field), now].slice(-200),
      })
      seen.add(key)
    }
  }
  const all = [...rows.values()]
  return {
    messages: left.length,
    bytes: left.reduce((sum, { bytes }) => sum + bytes, 0),
    kept: all.reduce((sum, { kept }) => sum + kept, 0),
    // What gives away most comes first.
    rows: all
      .toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level) || b.bytes - a.bytes)
      .slice(0, rowsAtMost),
  }
}

/** The same, with the line that this very answer leaves. */
export const summaryWithItself = (
  left: readonly Left[],
  lineOf: (bytes: number) => Left,
): { text: string; line: Left } => {
  let line = lineOf(0)
  for (let tries = 0; tries < 8; tries++) {
    const text = JSON.stringify(summaryOf([...left, line]))
    if (Buffer.byteLength(text) === line.bytes) return { text, line }
    line = lineOf(Buffer.byteLength(text))
  }
  return { text: JSON.stringify(summaryOf([...left, line])), line }
}

const placeOf = (what: string): Row['place'] => {
  if (what === 'model request') return 'model'
  if (what.startsWith('git ')) return 'git'
  return what === 'connection' ? 'host' : 'control plane'
}
