/**
 * Which files and lines does a git patch change?
 * Reads the text of `git diff`. Lines inside a hunk are counted by its header, so that no content can pretend to be a header;
 * what is not understood is kept as it is and never dropped.
 */
import { pathIn, unquoted } from './patch-path.ts'

/** One row of a hunk: context, added, removed, or git's note ("No newline at end of file"). Numbers count from 1. */
export type Row = { kind: 'ctx' | 'add' | 'del' | 'note'; text: string; old: number | null; new: number | null }
export type Hunk = { oldStart: number; newStart: number; heading: string; rows: Row[] }
export type PatchFile = {
  path: string
  from: string | null // the old path when it was renamed or copied
  status: 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'mode'
  oldMode: string | null
  newMode: string | null
  binary: boolean
  blob: string | null // git's id of the new content, as the patch says it
  hunks: Hunk[]
  added: number
  removed: number
}
/** `unread`: lines that belong to no file or hunk, with their line number in the patch. */
export type Patch = { files: PatchFile[]; unread: { line: number; text: string }[] }

const hunkHead = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s

/** Reads a whole patch. An empty text is a patch without files. */
export const readPatch = (text: string): Patch => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const patch: Patch = { files: [], unread: [] }
  let file: PatchFile | null = null
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!
    if (line.startsWith('diff --git ')) {
      file = emptyFile(line.slice('diff --git '.length))
      patch.files.push(file)
      at = readHead(lines, at + 1, file)
      continue
    }
    const head = file && !file.binary ? hunkHead.exec(line) : null
    const end: number = file && head ? readHunk(lines, at, file, head) : at
    if (end === at) {
      patch.unread.push({ line: at + 1, text: line })
      at += 1
    } else at = end
  }
  return patch
}

const emptyFile = (names: string): PatchFile => ({
  path: pathIn(names),
  from: null,
  status: 'modified',
  oldMode: null,
  newMode: null,
  binary: false,
  blob: null,
  hunks: [],
  added: 0,
  removed: 0,
})

/** The lines between `diff --git` and the first hunk. Gives the index of the first line that is none of them. */
const readHead = (lines: string[], start: number, file: PatchFile): number => {
  let at = start
  for (; at < lines.length; at += 1) {
    const line = lines[at]!
    const after = (word: string): string | null => (line.startsWith(word) ? line.slice(word.length) : null)
    const mode = after('new file mode ') ?? after('new mode ')
    if (mode !== null) file.newMode = mode
    if (line.startsWith('new file mode ')) file.status = 'added'
    else if (line.startsWith('deleted file mode '))
      [file.status, file.oldMode] = ['deleted', line.slice('deleted file mode '.length)]
    else if (line.startsWith('old mode ')) file.oldMode = line.slice('old mode '.length)
    else if (line.startsWith('rename from ') || line.startsWith('copy from ')) {
      file.status = line.startsWith('rename') ? 'renamed' : 'copied'
      file.from = unquoted(line.slice(line.indexOf('from ') + 5))
    } else if (line.startsWith('rename to ') || line.startsWith('copy to '))
      file.path = unquoted(line.slice(line.indexOf('to ') + 3))
    else if (line.startsWith('index ')) readIndex(line, file)
    else if (line.startsWith('Binary files ')) file.binary = true
    else if (line === 'GIT binary patch') {
      file.binary = true
      at = readBinary(lines, at + 1)
      break
    } else if (line.startsWith('--- ')) setPath(file, line.slice(4), 'a/')
    else if (line.startsWith('+++ ')) setPath(file, line.slice(4), 'b/')
    else if (mode === null && !/^(similarity|dissimilarity) index \d+%$/.test(line)) break
  }
  if (
    file.status === 'modified' &&
    file.oldMode !== null &&
    file.newMode !== null &&
    file.oldMode !== file.newMode &&
    !lines[at]?.startsWith('@@ ') &&
    !file.binary
  )
    file.status = 'mode'
  return at
}

const readIndex = (line: string, file: PatchFile): void => {
  const parts = /^index [0-9a-f]+\.\.([0-9a-f]+)(?: (\d{6}))?$/.exec(line)
  file.blob = parts?.[1] ?? null
  file.newMode ??= parts?.[2] ?? null
}

const setPath = (file: PatchFile, named: string, side: 'a/' | 'b/'): void => {
  const path = unquoted(named.endsWith('\t') ? named.slice(0, -1) : named) // git ends a path with a tab when it holds blanks
  if (path === '/dev/null' || !path.startsWith(side)) return
  if (side === 'b/' || file.status === 'deleted') file.path = path.slice(2)
}

/** The encoded blocks of `GIT binary patch`: `literal N` or `delta N`, lines of base 85, an empty line; forward and back. */
const readBinary = (lines: string[], start: number): number => {
  let at = start
  while (/^(literal|delta) \d+$/.test(lines[at] ?? '')) {
    at += 1
    while (/^[A-Za-z][!-~]+$/.test(lines[at] ?? '')) at += 1
    if (lines[at] === '') at += 1
  }
  return at
}

/** Reads as many lines as the hunk's header counts. Gives `start` again when the header and the lines do not fit each other. */
const readHunk = (lines: string[], start: number, file: PatchFile, head: RegExpExecArray): number => {
  const hunk: Hunk = { oldStart: Number(head[1]), newStart: Number(head[3]), heading: head[5] ?? '', rows: [] }
  let oldLeft = Number(head[2] ?? 1)
  let newLeft = Number(head[4] ?? 1)
  let oldNo = hunk.oldStart
  let newNo = hunk.newStart
  let [added, removed] = [0, 0]
  let at = start + 1
  for (; oldLeft > 0 || newLeft > 0; at += 1) {
    const line = lines[at]
    if (line === undefined) return start
    const sign = line[0]
    const text = line.slice(1)
    if (sign === '+' && newLeft > 0) {
      hunk.rows.push({ kind: 'add', text, old: null, new: newNo })
      newLeft -= 1
      newNo += 1
      added += 1
    } else if (sign === '-' && oldLeft > 0) {
      hunk.rows.push({ kind: 'del', text, old: oldNo, new: null })
      oldLeft -= 1
      oldNo += 1
      removed += 1
    } else if ((sign === ' ' || sign === undefined) && oldLeft > 0 && newLeft > 0) {
      hunk.rows.push({ kind: 'ctx', text, old: oldNo, new: newNo })
      oldLeft -= 1
      newLeft -= 1
      oldNo += 1
      newNo += 1
    } else if (sign === '\\') hunk.rows.push({ kind: 'note', text: text.trim(), old: null, new: null })
    else return start
  }
  if (lines[at]?.startsWith('\\ ')) {
    hunk.rows.push({ kind: 'note', text: lines[at]!.slice(2), old: null, new: null })
    at += 1
  }
  file.hunks.push(hunk)
  file.added += added
  file.removed += removed
  return at
}
