/** How is one comment in Linear kept up to date with a run? It is written once below the issue the work came from, and changed then. */
import { Ended, ending, failed } from '../ended.ts'
import { keptComment, onlyOurs, rewritten } from '../kept-comment.ts'
import { withLink } from '../link-marker.ts'
import type { StatusKeeper } from '../port.ts'
import { asking, targetOf } from './act.ts'
import { comment } from './act-comment.ts'
import { isMarked } from './marker.ts'
import { commentParts } from './parts.ts'

export const status: StatusKeeper = keptComment(comment, (effect, message, connection, outside) =>
  ending(async () => {
    // Of a connection that was narrowed since, nothing is touched.
    const ask = asking(connection, outside)
    const issue = await targetOf(connection, ask, effect.target)
    const { comment: now } = await ask(
      `query Kept($id: String!) { comment(id: $id) { ...CommentParts issue { id } } }\n${commentParts}`,
      { id: message },
    ).catch(isGone(issue.identifier))
    onlyOurs(
      {
        by: now?.['user']?.['id'],
        isMarked: isMarked(now?.['body'] as string, effect.intent),
        isHere: now?.['issue']?.['id'] === issue.id,
      },
      effect,
      connection,
    )
    const told = await asking(
      connection,
      outside,
      'write',
    )(
      'mutation Change($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success } }',
      { id: message, input: { body: withLink(String(effect.params['text']), effect) } },
    ).catch(isGone(issue.identifier))
    if (told['commentUpdate']?.success !== true)
      throw failed('refused_there', 'Linear did not change our comment, and gave no reason.', 'See the issue.')
    return { is: 'done', receipt: rewritten(effect.target, message, issue.url) }
  }),
)

/** Linear says in words alone that somebody deleted it; trying again would not bring it back. */
const isGone =
  (issue: string) =>
  (error: unknown): never => {
    if (error instanceof Ended && error.went.is === 'failed' && /not found/i.test(error.message))
      throw failed('no_such_target', `Our comment on ${issue} is not there any more.`, 'Nothing.')
    throw error
  }
