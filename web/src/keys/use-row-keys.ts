/** j and k walk through the rows of a list; Enter opens the row, as it does for every link. */
import type { RefObject } from 'react'
import { useKeys } from './use-keys.ts'

/** Rows are the links that `rows` selects inside `list`, in the order of the page. */
export const useRowKeys = (list: RefObject<HTMLElement | null>, rows: string): void => {
  const step = (by: 1 | -1) => (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>(rows) ?? [])]
    if (all.length === 0) return
    event.preventDefault()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]!
    next.focus()
    next.scrollIntoView({ block: 'nearest' })
  }
  useKeys({ j: step(1), k: step(-1) })
}
