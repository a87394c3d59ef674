/**
 * What changed in a patch since an earlier one was looked at?
 * Compares the rows of two patches of the same work. It never says whether a comment was answered: only whether its line is still there.
 */
import type { Hunk, Patch, PatchFile, Row } from './patch.ts'
import { paired } from './sequence.ts'

/** `new`: this row was not there. `gone`: it was there and is not any more. */
type SinceRow = Row & { since: 'new' | 'gone' | null }
export type SinceFile = {
  path: string
  state: 'new' | 'changed' | 'gone'
  file: PatchFile
  hunks: (Omit<Hunk, 'rows'> & { rows: SinceRow[] })[]
  added: number
  removed: number
}
export type Since = { files: SinceFile[]; added: number; removed: number }

const around = 3 // rows of context kept on each side

export const since = (before: Patch, after: Patch): Since => {
  const earlier = new Map(before.files.map((file) => [file.path, file]))
  const files: SinceFile[] = []
  for (const file of after.files) {
    const old = earlier.get(file.path) ?? null
    earlier.delete(file.path)
    if (old && sameHead(old, file) && sameRows(old, file)) continue
    files.push(changed(old, file))
  }
  for (const file of earlier.values())
    files.push({ path: file.path, state: 'gone', file, hunks: [], added: file.removed, removed: file.added })
  return { files, added: sum(files, 'added'), removed: sum(files, 'removed') }
}

const sum = (files: SinceFile[], key: 'added' | 'removed'): number =>
  files.reduce((total, file) => total + file[key], 0)
const rowsOf = (file: PatchFile): Row[] => file.hunks.flatMap((hunk) => hunk.rows).filter((row) => row.kind !== 'note')
const keyOf = (row: Row): string => `${row.kind} ${row.text}`
const sameHead = (a: PatchFile, b: PatchFile): boolean =>
  a.status === b.status &&
  a.from === b.from &&
  a.newMode === b.newMode &&
  a.binary === b.binary &&
  (!b.binary || (a.blob !== null && a.blob === b.blob))
const sameRows = (a: PatchFile, b: PatchFile): boolean => {
  const [left, right] = [rowsOf(a).filter((row) => row.kind !== 'ctx'), rowsOf(b).filter((row) => row.kind !== 'ctx')]
  return left.length === right.length && left.every((row, i) => keyOf(row) === keyOf(right[i]!))
}

const changed = (old: PatchFile | null, file: PatchFile): SinceFile => {
  const merged = merge(old ? rowsOf(old) : [], rowsOf(file))
  const count = (kind: 'add' | 'del', mark: 'new' | 'gone') =>
    merged.filter((row) => row.kind === kind && row.since === mark).length
  return {
    path: file.path,
    state: old ? 'changed' : 'new',
    file,
    hunks: old
      ? pieces(merged)
      : file.hunks.map((hunk) => ({ ...hunk, rows: hunk.rows.map((row) => ({ ...row, since: null })) })),
    added: count('add', 'new') + count('del', 'gone'),
    removed: count('del', 'new') + count('add', 'gone'),
  }
}

/** Rows of the new patch in order, with the rows that are gone where they stood. Context that merely moved is no change. */
const merge = (before: Row[], after: Row[]): SinceRow[] => {
  const rows: SinceRow[] = []
  let [b, a] = [0, 0]
  for (const [pairB, pairA] of [
    ...paired(before.map(keyOf), after.map(keyOf)),
    [before.length, after.length] as const,
  ]) {
    for (; b < pairB; b += 1) if (before[b]!.kind !== 'ctx') rows.push({ ...before[b]!, since: 'gone' })
    for (; a < pairA; a += 1) rows.push({ ...after[a]!, since: after[a]!.kind === 'ctx' ? null : 'new' })
    if (a < after.length) rows.push({ ...after[a]!, since: null })
    ;[b, a] = [pairB + 1, pairA + 1]
  }
  return rows
}

/** Only the neighbourhoods of rows that changed. */
const pieces = (rows: SinceRow[]): SinceFile['hunks'] => {
  const hunks: SinceFile['hunks'] = []
  let last = -1
  for (let at = 0; at < rows.length; at += 1) {
    if (rows[at]!.since === null) continue
    const from = Math.max(last + 1, at - around)
    let end = at
    for (let next = at; next < rows.length && next <= end + 2 * around; next += 1)
      if (rows[next]!.since !== null) end = next
    const to = Math.min(rows.length - 1, end + around)
    const part = rows.slice(from, to + 1)
    hunks.push({
      oldStart: part.find((row) => row.old !== null)?.old ?? 0,
      newStart: part.find((row) => row.new !== null)?.new ?? 0,
      heading: '',
      rows: part,
    })
    last = to
    at = to
  }
  return hunks
}

/** Where a comment on the earlier patch belongs now: the row it stands under, and whether its own line is still there. Null when its file is gone. */
export const nowAt = (
  before: Patch,
  after: Patch,
  comment: { path: string; line: number; side: 'old' | 'new' },
): { path: string; line: number; side: 'old' | 'new'; same: boolean } | null => {
  const old = before.files.find((file) => file.path === comment.path)
  const file = after.files.find((candidate) => candidate.path === comment.path)
  if (!old || !file) return null
  const [left, right] = [rowsOf(old), rowsOf(file)]
  const at = left.findIndex((row) => (comment.side === 'old' ? row.old : row.new) === comment.line)
  const pairs = paired(left.map(keyOf), right.map(keyOf))
  const exact = pairs.find(([b]) => b === at)
  // A line that was rewritten is followed by the line that took its place, else it stands under the last line before it.
  const preceding = pairs.findLast(([b]) => b < at)
  const row = exact ? right[exact[1]] : right[Math.min((preceding?.[1] ?? -1) + 1, right.length - 1)]
  if (!row) return null
  return row.new === null
    ? { path: file.path, line: row.old!, side: 'old', same: exact !== undefined }
    : { path: file.path, line: row.new, side: 'new', same: exact !== undefined }
}
