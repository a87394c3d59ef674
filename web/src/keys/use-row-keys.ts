/** j and k walk through the rows of a list; Enter opens the row, as it does for every link. */
import { useEffect, type RefObject } from 'react'
import { leaveRow, rowLeft, stoodOn } from './left-row.ts'
import { useKeys } from './use-keys.ts'

/** Which row a list was left by is asked in every rendering until it is there: rows may come later than the page. */
const useReturn = (list: RefObject<HTMLElement | null>, rows: string): void => {
  useEffect(() => {
    const path = location.pathname
    const opened = (event: MouseEvent) => {
      const row = (event.target as Element).closest<HTMLAnchorElement>(rows)
      if (row && list.current?.contains(row)) leaveRow(path, row.href)
    }
    document.addEventListener('click', opened, true)
    return () => document.removeEventListener('click', opened, true)
  }, [list, rows])
  useEffect(() => {
    const href = rowLeft(location.pathname)
    if (href === null) return
    const row = [...(list.current?.querySelectorAll<HTMLAnchorElement>(rows) ?? [])].find((one) => one.href === href)
    if (!row) return
    stoodOn()
    row.focus({ preventScroll: true })
    row.scrollIntoView({ block: 'center' })
  })
}

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
  useReturn(list, rows)
}
