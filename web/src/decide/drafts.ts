/**
 * What did I write about this gate and not send yet?
 * Kept for this tab and for exactly the digest it was written about, so that a reload or a look elsewhere loses nothing; until one signs out.
 */
import { useState } from 'react'
import { z } from 'zod'
import type { LineOf } from '../diff/remarks.ts'

const Line = z.object({ path: z.string(), line: z.number(), side: z.enum(['old', 'new']), text: z.string() })
const Draft = z.object({ comment: z.string(), lines: z.array(Line), read: z.array(z.string()) })
export type Draft = z.infer<typeof Draft>
const empty: Draft = { comment: '', lines: [], read: [] }

const prefix = 'viewport-draft '

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

/** Forgets everything that was written in this tab: the next one who signs in is another person. */
export const forgetDrafts = (): void => {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  } catch {
    // no storage here: nothing was kept
  }
}

/** `gate` and `digest` stay the same for as long as the component is there. */
export const useDraft = (gate: string, digest: string) => {
  const key = `${prefix}${gate} ${digest}`
  const [draft, setDraft] = useState(() => load(key))
  // From the newest draft, not from the one that was drawn last: the ends of two files come into sight at the same moment.
  const change = (make: (draft: Draft) => Draft) =>
    setDraft((held) => {
      const next = make(held)
      save(key, next)
      return next
    })
  return {
    draft,
    write: (comment: string) => change((held) => ({ ...held, comment })),
    say: (line: LineOf, text: string) =>
      change((held) => ({
        ...held,
        lines: [...held.lines, { path: line.path, line: line.line, side: line.side, text }],
      })),
    drop: (line: LineOf & { text: string }) =>
      change((held) => ({
        ...held,
        lines: held.lines.filter(
          (kept) =>
            !(kept.path === line.path && kept.line === line.line && kept.side === line.side && kept.text === line.text),
        ),
      })),
    toggleRead: (path: string) =>
      change((held) => ({
        ...held,
        read: held.read.includes(path) ? held.read.filter((kept) => kept !== path) : [...held.read, path],
      })),
    markRead: (path: string) =>
      change((held) => (held.read.includes(path) ? held : { ...held, read: [...held.read, path] })),
    clear: () => change((held) => ({ ...held, comment: '', lines: [] })),
  }
}
export type DraftOf = ReturnType<typeof useDraft>
