/**
 * What of an issue's history did a list of issues not bring?
 * A list holds the newest entries of each alone. The rest is asked of the issue itself, until what is older than the last look.
 */
import { askLinear, dataOf, type Told } from '@viewportai/core/tools/linear/ask'
import { historyParts } from '@viewportai/core/tools/linear/parts'
import type { Outside } from '@viewportai/core/tools/outside'
import { timeIsOver } from '../poll-page.ts'
import type { Room } from '../poll-take.ts'
import type { Connection } from '../port.ts'
import { instant } from './issue.ts'

const pagesAtMost = 10
const more = `query History($issue: String!, $after: String) {
  issue(id: $issue) { history(first: 100, after: $after) { nodes { ...HistoryParts } pageInfo { hasNextPage endCursor } } }
}
${historyParts}`

/**
 * The issue with every entry of its history at or after `since` (ms). `lost`: told in a sentence what was there and not looked at. Only the `isFirst` of an asking may take all of its
 * time: of another one NotSent is thrown, and it is the first of the next.
 */
export const withHistory = async (
  connection: Connection,
  outside: Outside,
  issue: Told,
  since: number,
  { lost, room, isFirst }: { readonly lost: (what: string) => void; readonly room: Room; readonly isFirst: boolean },
): Promise<Told> => {
  let page = issue['history'] as Told | undefined
  const nodes = [...((page?.['nodes'] ?? []) as Told[])]
  const isOld = (entry: Told): boolean => (instant(entry['updatedAt'] ?? entry['createdAt']) ?? 0) < since
  for (let asked = 0; page?.['pageInfo']?.['hasNextPage'] === true && !nodes.some(isOld); asked++) {
    if (asked === pagesAtMost) {
      lost(`${String(issue['identifier'])} changed more often than is looked at: some changes were left out.`)
      break
    }
    if (!room.isLeft() && !isFirst) throw timeIsOver()
    if (!room.isLeft() && asked > 0) {
      lost(
        `What happened to ${String(issue['identifier'])} takes longer to be read than one asking may: the older of it was left out.`,
      )
      break
    }
    const after = page['pageInfo']['endCursor'] as string
    page = dataOf(await askLinear(connection, outside, more, { issue: issue['id'], after }))['issue']['history'] as Told
    nodes.push(...(page['nodes'] as Told[]))
  }
  return { ...issue, history: { ...issue['history'], nodes } }
}
