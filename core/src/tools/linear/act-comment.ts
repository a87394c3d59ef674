/** How is a comment written on an issue of Linear, once? With a link to the run below it, by which it is found again. */
import { ending, looking, notSeenWhole } from '../ended.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import type { Told } from './ask.ts'
import { asking, seen, targetOf, type Ask, type Target } from './act.ts'
import { commentParts } from './parts.ts'
import { withLink } from '../link-marker.ts'
import { isMarked } from './marker.ts'
import { created, foundThere, madeOnce, orNull, ownId } from './own-id.ts'

const pagesAtMost = 20

export const comment: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const issue = await targetOf(connection, ask, effect.target)
      const found = await ownComment(ask, issue, effect, connection)
      return found ? { is: 'there', receipt: receiptOf(found, issue) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const ask = asking(connection, outside)
      const issue = await targetOf(connection, ask, effect.target)
      const id = ownId(effect.intent)
      const { made, wasThere } = await madeOnce(
        () =>
          created(
            asking(connection, outside, 'write'),
            {
              mutation:
                'mutation Comment($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }',
              name: 'comment',
              refused: 'Linear did not write the comment, and gave no reason.',
            },
            { id, issueId: issue.id, body: withLink(String(effect.params['text']), effect) },
          ),
        async () => ownOf(await commentWith(ask, id), effect, connection),
      )
      const found = wasThere ? made : await commentWith(ask, String(made['id'])).catch(() => null)
      const readBack = found !== null && isMarked(found['body'] as string, effect.intent)
      const receipt = { ...receiptOf(found ?? made, issue), readBack }
      return { is: 'done', receipt: wasThere ? foundThere(receipt) : receipt }
    }),
}

/** The comment with this id, or null: Linear has none. */
const commentWith = async (ask: Ask, id: string): Promise<Told | null> =>
  orNull(
    async () =>
      (await ask(`query Back($id: String!) { comment(id: $id) { ...CommentParts } }\n${commentParts}`, { id }))[
        'comment'
      ] as Told | null,
  )

/** It, when it was written by our account with our link for this intent, else null. */
const ownOf = (one: Told | null, { intent }: Effect, { account }: Connection): Told | null =>
  one !== null && isMarked(one['body'] as string, intent) && (account === null || one['user']?.['id'] === account.id)
    ? one
    : null

/** Written by our account, with our link for this intent. */
const ownComment = async (ask: Ask, issue: Target, effect: Effect, connection: Connection): Promise<Told | null> => {
  let after: string | null = null
  for (let page = 0; page < pagesAtMost; page++) {
    const told: Told = (
      await ask(
        `query Comments($id: String!, $after: String) {
          issue(id: $id) { comments(first: 100, after: $after) { nodes { ...CommentParts } pageInfo { hasNextPage endCursor } } }
        }\n${commentParts}`,
        { id: issue.id, after },
      )
    )['issue']['comments']
    const own = (told['nodes'] as Told[]).find((one) => ownOf(one, effect, connection) !== null)
    if (own) return own
    if (!told['pageInfo']['hasNextPage']) return null
    after = told['pageInfo']['endCursor'] as string
  }
  throw notSeenWhole(
    `${issue.identifier} has more than ${pagesAtMost * 100} comments, and ours was not among those seen`,
  )
}

const receiptOf = (comment: Told, issue: Target): Receipt => ({
  id: String(comment['id']),
  url:
    typeof comment['url'] === 'string' ? comment['url'] : `${issue.url}#comment-${String(comment['id']).slice(0, 8)}`,
  observed: seen(issue),
  readBack: true,
})
