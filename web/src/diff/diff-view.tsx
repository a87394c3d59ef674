/**
 * The diff of a change: files, lines, remarks in the line they are about.
 * It shows what it is given; checking the bytes and deciding happen elsewhere.
 */
import './diff.css'
import { useMemo } from 'react'
import { DiffFile } from './diff-file.tsx'
import { RemarkList } from './remark-list.tsx'
import { lineKey, type LineOf, type Remark } from './remarks.ts'
import { lineAt, placeOf, type Place, type ShownFile } from './shown.ts'

const lazyFrom = 1_500 // rows; a shorter diff is drawn whole, so that the browser's own search finds everything

type DiffViewProps = {
  files: readonly ShownFile[]
  remarks: readonly Remark[]
  agent: string | null
  cursor: Place | null
  /** Line whose comment field is open. */
  writing: LineOf | null
  read: ReadonlySet<string>
  onPick: (line: LineOf, place: Place) => void
  onSay: (line: LineOf, text: string) => void
  onLeave: () => void
  onDrop: (remark: Remark) => void
  /** Null where nothing is kept about reading. */
  onRead: ((path: string) => void) | null
  onSeen: (path: string) => void
}

export const DiffView = (props: DiffViewProps) => {
  const { files, remarks, cursor, writing } = props
  const rows = files.reduce((sum, file) => sum + file.rows.length, 0)
  const byFile = useMemo(() => {
    const placed = new Map<number, Map<number, Remark[]>>()
    for (const remark of remarks) {
      const place = placeOf(files, remark)
      if (!place) continue
      const inFile = placed.get(place.file) ?? new Map<number, Remark[]>()
      inFile.set(place.row, [...(inFile.get(place.row) ?? []), remark])
      placed.set(place.file, inFile)
    }
    return placed
  }, [files, remarks])
  const open = writing ? placeOf(files, writing) : null
  return (
    <>
      {files.map((file, at) => (
        <DiffFile
          key={file.path}
          shown={file}
          index={at}
          total={files.length}
          lazy={rows > lazyFrom}
          remarks={byFile.get(at)}
          agent={props.agent}
          cursor={cursor?.file === at ? cursor.row : null}
          writing={open?.file === at ? open.row : null}
          read={props.read.has(file.path)}
          onPick={(row) => {
            const line = lineAt(files, { file: at, row })
            if (line) props.onPick(line, { file: at, row })
          }}
          onSay={props.onSay}
          onLeave={props.onLeave}
          onDrop={props.onDrop}
          onRead={props.onRead}
          onSeen={props.onSeen}
        />
      ))}
      <Unplaced
        remarks={remarks.filter((remark) => placeOf(files, remark) === null)}
        agent={props.agent}
        onDrop={props.onDrop}
      />
    </>
  )
}

/** Remarks whose line is not part of what is shown: they are never lost. */
const Unplaced = ({
  remarks,
  agent,
  onDrop,
}: {
  remarks: readonly Remark[]
  agent: string | null
  onDrop: (remark: Remark) => void
}) =>
  remarks.length === 0 ? null : (
    <section className="elsewhere" aria-label="Comments on other lines">
      <h3 className="mute">On lines that are not shown here</h3>
      {remarks.map((remark) => (
        <div key={`${lineKey(remark)} ${remark.text}`}>
          <code className="dim">{`${remark.path}:${remark.line}`}</code>
          <RemarkList remarks={[remark]} agent={remark.same === null ? null : agent} onDrop={onDrop} />
        </div>
      ))}
    </section>
  )
