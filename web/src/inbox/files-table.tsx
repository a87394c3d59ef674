/** Planned against actual, in one table. A file that is not in the plan is amber across its width and says so. */
import type { ChangedFile } from '@viewportai/core/gate/subject'
import { Revealed } from '../text/revealed.tsx'
import { plannedAgainst, sharedFolder, type FileLine } from './planned.ts'

type FilesProps = {
  files: readonly ChangedFile[]
  planned: readonly string[] | null
  guarded: readonly string[]
  read: readonly string[]
  onOpen: (path: string) => void
}

export const FilesTable = ({ files, planned, guarded, read, onOpen }: FilesProps) => {
  const lines = plannedAgainst(files, planned, guarded)
  const shared = sharedFolder(lines.map((line) => line.path))
  const sum = (key: 'added' | 'removed') => files.reduce((total, file) => total + file[key], 0)
  return (
    <>
      <h2 className="h">
        Files{' '}
        <span className="mute">
          {planned === null
            ? `${files.length} changed, no plan before`
            : `${planned.length} planned, ${files.length} changed`}
        </span>
        <span className="right">
          <span className="plus">+{sum('added')}</span> <span className="minus">−{sum('removed')}</span>
        </span>
      </h2>
      <table className="filelist">
        <colgroup>
          <col />
          <col className="hide-s" />
          <col />
        </colgroup>
        <thead className="sr">
          <tr>
            <th>File</th>
            <th>Plan</th>
            <th>Lines</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.path} className={line.planned === false ? 'odd' : undefined}>
              <td className="mono wrap">
                <Path line={line} shared={shared} onOpen={onOpen} />
                {remarkable(line) && (
                  <span className="only-s under">
                    <Note line={line} />
                  </span>
                )}
              </td>
              <td className="hide-s">
                <Note line={line} />
                {read.includes(line.path) && <span className="mute">{line.planned === null ? 'read' : ', read'}</span>}
              </td>
              <td className="num nw">
                {line.file ? (
                  line.file.binary ? (
                    <span className="mute">not text</span>
                  ) : (
                    <Counts file={line.file} />
                  )
                ) : (
                  <span className="mute">not changed</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

const Counts = ({ file }: { file: ChangedFile }) => (
  <>
    <span className="plus">+{file.added}</span> <span className="minus">−{file.removed}</span>
  </>
)

const Path = ({ line, shared, onOpen }: { line: FileLine; shared: string; onOpen: (path: string) => void }) => {
  const words = (
    <>
      {shared && <span className="hide-s">{shared}</span>}
      <Revealed text={line.path.slice(shared.length)} code />
      {line.file?.from && (
        <span className="mute">
          {' '}
          from <Revealed text={line.file.from} code />
        </span>
      )}
    </>
  )
  return line.file ? (
    <button type="button" className="link plain-ink" onClick={() => onOpen(line.path)}>
      {words}
    </button>
  ) : (
    <span className="mute">{words}</span>
  )
}

/** Worth a line of its own where there is little room: whatever is not simply a planned file that changed. */
const remarkable = (line: FileLine): boolean =>
  line.planned === false || line.protect || (line.file !== null && line.file.status !== 'modified')

const Note = ({ line }: { line: FileLine }) => (
  <>
    {line.planned === false && <span className="wait m">not in the plan</span>}
    {line.planned === true && <span className="mute">planned</span>}
    {line.file && line.file.status !== 'modified' && (
      <span className="mute">
        {line.planned === null ? '' : ', '}
        {line.file.status === 'mode' ? 'mode only' : line.file.status}
      </span>
    )}
    {line.protect && <span className="wait">{line.planned === null ? 'protected' : ', protected'}</span>}
  </>
)
