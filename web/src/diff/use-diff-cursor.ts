/** The line one is at in a diff, and the keys that move it: j k by hunk, arrows by line, n p by file, m comment, s since, x read. */
import { useEffect, useState } from 'react'
import { useKeys } from '../keys/use-keys.ts'
import { rowId } from './diff-file.tsx'
import type { LineOf } from './remarks.ts'
import { lineAt, move, type Place, type ShownFile } from './shown.ts'

type CursorActs = { onSince: () => void; onRead: (path: string) => void; onComment: (line: LineOf) => void }

export const useDiffCursor = (files: readonly ShownFile[], acts: CursorActs) => {
  const [held, setHeld] = useState<{ of: readonly ShownFile[]; place: Place } | null>(null)
  const place = held && held.of === files ? held.place : null
  const set = (next: Place | null) => setHeld(next && { of: files, place: next })
  useEffect(() => {
    if (!place) return
    document.getElementById(rowId(place.file, place.row))?.scrollIntoView({ block: 'nearest' })
  }, [place])

  const inside = (target: EventTarget | null) => target instanceof Element && target.closest('.gate, .rundiff') !== null
  const by =
    (what: 'hunk' | 'line' | 'file', step: 1 | -1, always = false) =>
    (event: KeyboardEvent) => {
      if (files.length === 0 || (!always && !inside(event.target))) return
      if (what === 'line' && !place) return // arrows scroll until a line is chosen
      event.preventDefault()
      set(move(files, place, what, step))
    }
  useKeys({
    j: by('hunk', 1),
    k: by('hunk', -1),
    ArrowDown: by('line', 1),
    ArrowUp: by('line', -1),
    n: by('file', 1, true),
    p: by('file', -1, true),
    s: acts.onSince,
    x: () => {
      const file = files[place?.file ?? -1]
      if (file) acts.onRead(file.path)
    },
    m: (event) => {
      const line = place && lineAt(files, place)
      if (!line) return
      event.preventDefault() // the letter would land in the field that opens
      acts.onComment(line)
    },
  })
  return {
    place,
    set,
    toFile: (path: string) => {
      const file = files.findIndex((candidate) => candidate.path === path)
      if (file < 0) return
      const target = { file, row: files[file]!.stops[0] ?? 0 }
      set(target)
      document.querySelectorAll('.diff')[file]?.scrollIntoView({ block: 'start' })
    },
  }
}
