/** What a draft changes in the text of a version, line by line, with a few lines around each change. */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { useMemo } from 'react'
import { paired } from '../diff/sequence.ts'
import { counted } from '../look/amounts.ts'
import { Revealed } from '../text/revealed.tsx'

type Line = { kind: 'same' | 'gone' | 'new' | 'left'; text: string; at: number | null }
const around = 2

/** Every line of both texts in reading order. Line ends at the very end of a text are no line. */
export const linesBetween = (before: string, after: string): Line[] => {
  const [old, now] = [linesOf(before), linesOf(after)]
  const lines: Line[] = []
  let [o, n] = [0, 0]
  for (const [a, b] of [...paired(old, now), [old.length, now.length] as const]) {
    for (; o < a; o++) lines.push({ kind: 'gone', text: old[o]!, at: null })
    for (; n < b; n++) lines.push({ kind: 'new', text: now[n]!, at: n + 1 })
    if (b < now.length) lines.push({ kind: 'same', text: now[b]!, at: b + 1 })
    ;[o, n] = [a + 1, b + 1]
  }
  const near = (at: number): boolean =>
    lines.slice(Math.max(0, at - around), at + around + 1).some((line) => line.kind !== 'same')
  return lines.flatMap((line, at): Line[] =>
    near(at) ? [line] : at > 0 && !near(at - 1) ? [] : [{ kind: 'left', text: '', at: null }],
  )
}

const linesOf = (text: string): string[] => trimmedEnd(text, '\n').split('\n')
const signs = { same: ' ', gone: '−', new: '+', left: '' } as const

export const Difference = ({ before, after, version }: { before: string; after: string; version: number }) => {
  const lines = useMemo(() => linesBetween(before, after), [before, after])
  const count = (kind: Line['kind']): number => lines.filter((line) => line.kind === kind).length
  return (
    <section aria-label="Difference">
      <h2 className="b">
        Difference to v{version}{' '}
        <span className="mute">
          {counted(count('new'), 'line')} more, {counted(count('gone'), 'line')} less
        </span>
      </h2>
      <div className="difference">
        {lines.map((line, at) => (
          <div key={at} className={line.kind}>
            <span
              className="sign"
              aria-label={line.kind === 'gone' ? 'removed' : line.kind === 'new' ? 'added' : undefined}
            >
              {signs[line.kind]}
            </span>
            <code>{line.kind === 'left' ? '⋯' : <Revealed text={line.text} code />}</code>
          </div>
        ))}
      </div>
    </section>
  )
}
