/**
 * What of an issue's history and comments did a search of Jira not bring?
 * A search holds so many of each at most, and says how many there are. The rest is asked of the issue itself, newest first.
 */
import { askJira, bodyOf, type Told } from '@viewportai/core/tools/jira/ask'
import type { Outside } from '@viewportai/core/tools/outside'
import { timeIsOver } from '../poll-page.ts'
import type { Room } from '../poll-take.ts'
import type { Connection } from '../port.ts'
import { instant } from './issue.ts'

const size = 100
const pagesAtMost = 10

/**
 * The issue with everything that happened at or after `since` (ms). `lost`: told in a sentence what was there and not looked at. Only the `isFirst` of an asking may take all of its
 * time: of another one NotSent is thrown, and it is the first of the next.
 */
export const wholeIssue = async (
  connection: Connection,
  outside: Outside,
  issue: Told,
  since: number,
  { lost, room, isFirst }: { readonly lost: (what: string) => void; readonly room: Room; readonly isFirst: boolean },
): Promise<Told> => {
  const get = async (path: string): Promise<Told> => bodyOf(await askJira(connection, outside, 'GET', path))
  const at = `/issue/${encodeURIComponent(String(issue['id']))}`
  const { changelog } = issue
  const said = issue['fields']['comment'] as Told | undefined
  const cut = (what: string) => () =>
    lost(`${String(issue['key'])} has more ${what} than are looked at: some were left out.`)
  /** Is there no time for another page? */
  const over =
    (what: string) =>
    (page: number): boolean => {
      if (room.isLeft()) return false
      if (!isFirst) throw timeIsOver()
      if (page === 0) return false
      lost(
        `The ${what} of ${String(issue['key'])} take longer to be read than one asking may: the older of them were left out.`,
      )
      return true
    }
  const histories =
    changelog && isShort(changelog, changelog['histories'])
      ? await backwards(
          changelog['histories'],
          async (end) => (await get(`${at}/changelog?startAt=${Math.max(0, end - size)}&maxResults=${size}`))['values'],
          { total: changelog['total'], since, cut: cut('changes'), over: over('changes') },
        )
      : changelog?.['histories']
  const comments =
    said && isShort(said, said['comments'])
      ? await backwards(
          said['comments'],
          async (end) =>
            (await get(`${at}/comment?startAt=${Math.max(0, end - size)}&maxResults=${size}&orderBy=created`))[
              'comments'
            ],
          { total: said['total'], since, cut: cut('comments'), over: over('comments') },
        )
      : said?.['comments']
  return {
    ...issue,
    ...(changelog && { changelog: { ...changelog, histories } }),
    fields: { ...issue['fields'], ...(said && { comment: { ...said, comments } }) },
  }
}

const isShort = ({ total }: Told, held: unknown): boolean =>
  typeof total === 'number' && Array.isArray(held) && held.length < total

/** From the end of a list that is oldest first, until a page holds something older; with what was held already, each once. */
const backwards = async (
  held: readonly Told[],
  read: (end: number) => Promise<unknown>,
  { total, since, cut, over }: { total: number; since: number; cut: () => void; over: (page: number) => boolean },
): Promise<Told[]> => {
  const pages: Told[][] = []
  for (let end = total, page = 0; end > 0; end -= size, page++) {
    if (page === pagesAtMost) {
      cut()
      break
    }
    if (over(page)) break
    const rows = await read(end)
    if (!Array.isArray(rows)) throw new Error('Jira answered with no list')
    pages.unshift(rows as Told[])
    if ((rows as Told[]).some((row) => (instant(row['created'] as string | null) ?? 0) < since)) break
  }
  // In the order of the list: what happened in one moment stays in its order.
  return [...new Map([...pages.flat(), ...held].map((one) => [one['id'] as unknown, one])).values()]
}
