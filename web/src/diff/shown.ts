/**
 * What does a diff on the screen consist of?
 * Files with their rows in one flat list each, so that a cursor, comments and lazy blocks can name a row by its place.
 */
import type { Hunk, PatchFile, Row } from './patch.ts'
import type { Since } from './since.ts'

/** `gap`: the head of a hunk. */
export type ShownRow = (Row & { since?: 'new' | 'gone' | null }) | { kind: 'gap'; text: string }
export type ShownFile = {
  path: string
  file: PatchFile
  rows: ShownRow[]
  /** first changed row of each hunk */ stops: number[]
  added: number
  removed: number
  gone: boolean
}
/** A place in a diff: file and row by index. */
export type Place = { file: number; row: number }

const flat = (
  hunks: readonly Omit<Hunk, 'rows'>[],
  rowsOf: (hunk: number) => readonly Exclude<ShownRow, { kind: 'gap' }>[],
): Pick<ShownFile, 'rows' | 'stops'> => {
  const rows: ShownRow[] = []
  const stops: number[] = []
  hunks.forEach((hunk, at) => {
    rows.push({
      kind: 'gap',
      text: `${hunk.newStart > 0 ? `line ${hunk.newStart}` : `line ${hunk.oldStart}, removed`}${hunk.heading ? `  ${hunk.heading}` : ''}`,
    })
    const inside = rowsOf(at)
    const first = inside.findIndex((row) =>
      row.since === undefined
        ? row.kind === 'add' || row.kind === 'del'
        : row.since !== null || row.kind === 'add' || row.kind === 'del',
    )
    stops.push(rows.length + Math.max(0, first))
    rows.push(...inside)
  })
  return { rows, stops }
}

/** A whole patch. */
export const shownPatch = (files: readonly PatchFile[]): ShownFile[] =>
  files.map((file) => ({
    path: file.path,
    file,
    added: file.added,
    removed: file.removed,
    gone: false,
    ...flat(file.hunks, (at) => file.hunks[at]!.rows),
  }))

/** Only what changed since an earlier patch. */
export const shownSince = (since: Since): ShownFile[] =>
  since.files.map((part) => ({
    path: part.path,
    file: part.file,
    added: part.added,
    removed: part.removed,
    gone: part.state === 'gone',
    ...flat(part.hunks, (at) => part.hunks[at]!.rows),
  }))

/** The place of a line, or null when it is not shown. */
export const placeOf = (
  files: readonly ShownFile[],
  line: { path: string; line: number; side: 'old' | 'new' },
): Place | null => {
  const file = files.findIndex((candidate) => candidate.path === line.path)
  const row =
    files[file]?.rows.findIndex(
      (candidate) =>
        candidate.kind !== 'gap' &&
        (line.side === 'new' ? candidate.new === line.line : candidate.old === line.line && candidate.kind !== 'ctx'),
    ) ?? -1
  return file < 0 || row < 0 ? null : { file, row }
}

/** The line a place stands for; null on a gap or a note. */
export const lineAt = (
  files: readonly ShownFile[],
  place: Place,
): { path: string; line: number; side: 'old' | 'new' } | null => {
  const file = files[place.file]
  const row = file?.rows[place.row]
  if (!file || !row || row.kind === 'gap' || row.kind === 'note' || row.since === 'gone') return null
  return row.new === null
    ? { path: file.path, line: row.old!, side: 'old' }
    : { path: file.path, line: row.new, side: 'new' }
}

/** Where a step leads: by hunk, by line or by file. Stays where it is at the ends. */
export const move = (
  files: readonly ShownFile[],
  from: Place | null,
  by: 'hunk' | 'line' | 'file',
  step: 1 | -1,
): Place | null => {
  const places =
    by === 'hunk'
      ? files.flatMap((file, at) => file.stops.map((row) => ({ file: at, row })))
      : by === 'file'
        ? files.flatMap((file, at) => (file.rows.length ? [{ file: at, row: file.stops[0] ?? 0 }] : []))
        : null
  if (places) {
    if (!from) return places[0] ?? null
    const after = (a: Place, b: Place) => a.file - b.file || a.row - b.row
    return (
      (step > 0
        ? places.find((place) => after(place, from) > 0 && (by === 'hunk' || place.file > from.file))
        : places.findLast((place) => after(place, from) < 0 && (by === 'hunk' || place.file < from.file))) ?? from
    )
  }
  if (!from) return move(files, null, 'hunk', 1)
  for (let { file, row } = { file: from.file, row: from.row + step }; ; row += step) {
    const rows = files[file]?.rows
    if (!rows) return from
    if (row < 0) {
      file -= 1
      row = files[file]?.rows.length ?? 0
    } else if (row >= rows.length) {
      file += 1
      row = -1
    } else if (rows[row]!.kind !== 'gap') return { file, row }
  }
}
