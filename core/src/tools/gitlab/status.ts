/** How is one comment at GitLab kept up to date with a run? It is written once below the issue or merge request the work came from, and changed then. */
import { ending } from '../ended.ts'
import { marked } from '../forge-text.ts'
import { keptComment, rewritten } from '../kept-comment.ts'
import type { StatusKeeper } from '../port.ts'
import { comment, noteUrl } from './act-comment.ts'
import { askerFor, good } from './ask.ts'
import { threadPlace } from './place.ts'
import { withoutOrders } from './words.ts'

export const status: StatusKeeper = keptComment(comment, (effect, message, connection, outside) =>
  ending(async () => {
    const thread = threadPlace(effect, connection)
    const body = marked(withoutOrders(String(effect.params['text'])), effect)
    good(
      await askerFor(connection, outside)('PUT', `${thread.at}/notes/${Number(message)}`, { body }),
      `change our comment on ${thread.ref}`,
      'write',
    )
    return { is: 'done', receipt: rewritten(effect.target, message, noteUrl(connection, thread, Number(message))) }
  }),
)
