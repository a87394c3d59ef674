/** What was said about lines: remarks of earlier votes, and drafts of the one who reads. */

/** `draft`: not sent yet, mine. `same`: the line it was about is still there (null when it is about this very patch). */
export type Remark = {
  path: string
  line: number
  side: 'old' | 'new'
  text: string
  by: string
  at: number | null
  draft: boolean
  same: boolean | null
  round: number | null
}
export type LineOf = Pick<Remark, 'path' | 'line' | 'side'>

export const lineKey = (line: LineOf): string => `${line.side} ${line.line} ${line.path}`
