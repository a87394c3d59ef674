/** One file of a diff: what happened to it, its lines, whether it was read. */
import { useCallback, useEffect, useMemo, useRef, type ReactNode } from 'react'
import { Icon } from '../look/icon.tsx'
import { useLatest } from '../look/latest.ts'
import { LazyRows } from '../look/lazy-rows.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'
import { DiffLine } from './diff-line.tsx'
import type { PatchFile } from './patch.ts'
import { RemarkField, RemarkList } from './remark-list.tsx'
import type { LineOf, Remark } from './remarks.ts'
import { lineAt, type ShownFile } from './shown.ts'

const blockRows = 120
const rowHeight = 20

type FileProps = {
  shown: ShownFile
  index: number
  total: number
  lazy: boolean
  remarks: ReadonlyMap<number, Remark[]> | undefined
  agent: string | null
  cursor: number | null
  writing: number | null
  read: boolean
  onPick: (row: number) => void
  onSay: (line: LineOf, text: string) => void
  onLeave: () => void
  onDrop: (remark: Remark) => void
  onRead: ((path: string) => void) | null
  onSeen: (path: string) => void
}

/** The element of a row, for scrolling to it. */
export const rowId = (file: number, row: number): string => `d${file}-${row}`

export const DiffFile = (props: FileProps) => {
  const { shown, index, lazy, cursor, writing, onPick } = props
  const picked = useLatest(onPick)
  // The same function each time: a line is drawn again only when it is another one.
  const pick = useCallback((id: string) => picked.current(Number(id.slice(id.indexOf('-') + 1))), [picked])
  const blocks = useMemo(
    () => Array.from({ length: Math.ceil(shown.rows.length / blockRows) }, (_, at) => at * blockRows),
    [shown.rows.length],
  )
  const line = (row: number): ReactNode => (
    <div key={row} data-row={row}>
      <DiffLine row={shown.rows[row]!} id={rowId(index, row)} current={cursor === row} onPick={pick} />
      {props.remarks?.has(row) && (
        <RemarkList remarks={props.remarks.get(row)!} agent={props.agent} onDrop={props.onDrop} />
      )}
      {writing === row && <Writing {...props} row={row} />}
    </div>
  )
  return (
    <section
      className={`diff${props.read && shown.rows.length === 0 ? ' folded' : ''}`}
      aria-label={`Diff of ${shown.path}`}
    >
      <FileHead {...props} />
      <FileNote file={shown.file} gone={shown.gone} />
      {blocks.map((from) => {
        const to = Math.min(from + blockRows, shown.rows.length)
        const rows = () => Array.from({ length: to - from }, (_, at) => line(from + at))
        const wanted =
          (cursor !== null && cursor >= from && cursor < to) || (writing !== null && writing >= from && writing < to)
        return lazy ? (
          <LazyRows key={from} rows={to - from} rowHeight={rowHeight} wanted={wanted}>
            {rows}
          </LazyRows>
        ) : (
          <div key={from}>{rows()}</div>
        )
      })}
      <EndSeen key={shown.path} onSeen={() => props.onSeen(shown.path)} />
    </section>
  )
}

const seenMillis = 600 // a file whose end only flies by was not read

/** Notices once that the end of a file stood on the screen. */
const EndSeen = ({ onSeen }: { onSeen: () => void }) => {
  const end = useRef<HTMLDivElement>(null)
  const seen = useLatest(onSeen)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const watch = new IntersectionObserver(([entry]) => {
      clearTimeout(timer)
      if (!entry?.isIntersecting) return
      timer = setTimeout(() => {
        seen.current()
        watch.disconnect()
      }, seenMillis)
    })
    if (end.current) watch.observe(end.current)
    return () => {
      clearTimeout(timer)
      watch.disconnect()
    }
  }, [seen])
  return <div ref={end} className="end" />
}

const Writing = ({ shown, row, onSay, onLeave }: FileProps & { row: number }) => {
  const line = lineAt([shown], { file: 0, row })
  return line ? (
    <RemarkField about={`line ${line.line} of ${line.path}`} onSay={(text) => onSay(line, text)} onLeave={onLeave} />
  ) : null
}

const FileHead = ({ shown, index, total, read, onRead }: FileProps) => (
  <header>
    <span className="mono b path">
      <Revealed text={shown.path} code />
    </span>
    <span className="right row-of">
      <span className="plus">+{shown.added}</span>
      <span className="minus">−{shown.removed}</span>
      <span className="mute hide-s">
        file {index + 1} of {total}
      </span>
      {onRead && (
        <button type="button" className="link" aria-pressed={read} onClick={() => onRead(shown.path)}>
          {read ? 'read ✓' : 'mark as read'}
        </button>
      )}
    </span>
  </header>
)

/** Everything about a file that is no line: hidden characters in its name, a rename, its mode, bytes that are not shown. */
const FileNote = ({ file, gone }: { file: PatchFile; gone: boolean }) => {
  const hidden = hiddenIn(`${file.path}${file.from ?? ''}`, true)
  const words = noteWords(file, gone)
  return (
    <>
      {hidden && (
        <div className="flag">
          <Icon name="eye" />
          The name of this file: {hidden.charAt(0).toLowerCase() + hidden.slice(1)}
        </div>
      )}
      {words.map((said) => (
        <div key={said.text} className={said.odd ? 'flag stop' : 'plain'}>
          {said.odd && <Icon name="warn" />}
          <Revealed text={said.text} code />
        </div>
      ))}
    </>
  )
}

const oddModes: Readonly<Record<string, string>> = {
  '120000': 'This is a symbolic link: its text is the path it points to.',
  '160000': 'This is a submodule: its text is the commit of another repository.',
}

const noteWords = (file: PatchFile, gone: boolean): { text: string; odd: boolean }[] => {
  if (gone) return [{ text: 'This file was in the change when you looked. It is not in it any more.', odd: false }]
  const words: { text: string; odd: boolean }[] = []
  if (file.status === 'renamed' && file.from) words.push({ text: `Renamed from ${file.from}`, odd: false })
  if (file.status === 'copied' && file.from) words.push({ text: `Copied from ${file.from}`, odd: false })
  if (file.oldMode && file.newMode && file.oldMode !== file.newMode)
    words.push({
      text: `Mode changed from ${file.oldMode} to ${file.newMode}${file.newMode === '100755' ? ': it can be run now' : ''}.`,
      odd: file.newMode === '100755',
    })
  if (file.status === 'added' && file.newMode === '100755')
    words.push({ text: 'A new file that can be run (mode 100755).', odd: true })
  const odd = oddModes[file.newMode ?? ''] ?? oddModes[file.oldMode ?? '']
  if (odd) words.push({ text: odd, odd: true })
  if (file.binary)
    words.push({
      text: `Not text: its bytes are not shown${file.blob ? ` (git ${file.blob.slice(0, 12)})` : ''}. They are part of the digest you approve.`,
      odd: true,
    })
  if (!file.binary && file.hunks.length === 0 && file.status === 'added')
    words.push({ text: 'An empty file.', odd: false })
  if (file.status === 'deleted') words.push({ text: 'This file is deleted.', odd: false })
  return words
}
