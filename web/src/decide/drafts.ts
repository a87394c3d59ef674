/**
 * What did I write about this gate and not send yet?
 * Kept for this tab and for exactly the digest it was written about, so that a reload or a look elsewhere loses nothing.
 */
import { useState } from 'react'
import { z } from 'zod'
import type { LineOf } from '../diff/remarks.ts'

const Line = z.object({ path: z.string(), line: z.number(), side: z.enum(['old', 'new']), text: z.string() })
const Draft = z.object({ comment: z.string(), lines: z.array(Line), read: z.array(z.string()) })
export type Draft = z.infer<typeof Draft>
const empty: Draft = { comment: '', lines: [], read: [] }

const load = (key: string): Draft => {
  try {
    return Draft.parse(JSON.parse(sessionStorage.getItem(key) ?? ''))
  } catch {
    return empty
  }
}
const save = (key: string, draft: Draft): void => {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // no storage here: the draft lives as long as the page
  }
}

export const useDraft = (gate: string, digest: string) => {
  const key = `viewport-draft ${gate} ${digest}`
  const [held, setHeld] = useState({ key, draft: load(key) })
  const draft = held.key === key ? held.draft : load(key)
  const set = (next: Draft) => {
    save(key, next)
    setHeld({ key, draft: next })
  }
  return {
    draft,
    write: (comment: string) => set({ ...draft, comment }),
    say: (line: LineOf, text: string) =>
      set({ ...draft, lines: [...draft.lines, { path: line.path, line: line.line, side: line.side, text }] }),
    drop: (line: LineOf & { text: string }) =>
      set({
        ...draft,
        lines: draft.lines.filter(
          (kept) =>
            !(kept.path === line.path && kept.line === line.line && kept.side === line.side && kept.text === line.text),
        ),
      }),
    toggleRead: (path: string) =>
      set({
        ...draft,
        read: draft.read.includes(path) ? draft.read.filter((kept) => kept !== path) : [...draft.read, path],
      }),
    markRead: (path: string) => draft.read.includes(path) || set({ ...draft, read: [...draft.read, path] }),
    clear: () => set({ ...draft, comment: '', lines: [] }),
  }
}
export type DraftOf = ReturnType<typeof useDraft>
