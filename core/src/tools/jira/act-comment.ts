/** How is a comment written on an issue of Jira, once? With a link to the run below it, by which it is found again. */
import { ending, looking, notSeenWhole } from '../ended.ts'
import type { Action, Connection, Receipt } from '../port.ts'
import { pageOf, seen, targetOf, type Target } from './act.ts'
import { asking, madeId, type Told } from './ask.ts'
import { isMarked, withMarker } from './marker.ts'

const perPage = 100
const pagesAtMost = 20

export const comment: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const issue = await targetOf(connection, ask, effect.target)
      for (let page = 0; page < pagesAtMost; page++) {
        const told = await ask(
          'GET',
          `/issue/${issue.id}/comment?orderBy=-created&maxResults=${perPage}&startAt=${page * perPage}`,
        )
        if (!Array.isArray(told['comments'])) throw notSeenWhole('Jira answered with no list of comments')
        const comments = told['comments'] as Told[]
        const own = comments.find(
          (one) =>
            isMarked(one['body'], effect.intent) &&
            (connection.account === null || one['author']?.['accountId'] === connection.account.id),
        )
        if (own) return { is: 'there', receipt: receiptOf(connection, issue, String(own['id']), true) }
        if (comments.length < perPage) return { is: 'absent' }
      }
      throw notSeenWhole(
        `${issue.key} has more than ${pagesAtMost * perPage} comments, and ours was not among the newest`,
      )
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const ask = asking(connection, outside)
      const issue = await targetOf(connection, ask, effect.target)
      const made = await ask('POST', `/issue/${issue.id}/comment`, {
        body: withMarker(String(effect.params['text']), effect),
      })
      const id = madeId(made)
      const back = await ask('GET', `/issue/${issue.id}/comment/${encodeURIComponent(id)}`).catch(() => ({}) as Told)
      return { is: 'done', receipt: receiptOf(connection, issue, id, isMarked(back['body'], effect.intent)) }
    }),
}

/** Where people see it. */
export const commentUrl = (connection: Connection, issue: Pick<Target, 'key'>, id: string): string =>
  `${pageOf(connection, issue.key)}?focusedCommentId=${encodeURIComponent(id)}`

const receiptOf = (connection: Connection, issue: Target, id: string, readBack: boolean): Receipt => ({
  id,
  url: commentUrl(connection, issue, id),
  observed: seen(issue),
  readBack,
})
