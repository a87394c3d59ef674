/** How is one comment at GitHub kept up to date with a run? It is written once below the issue or pull request the work came from, and changed then. */
import { ending } from '../ended.ts'
import { marked } from '../forge-text.ts'
import { keptComment, rewritten } from '../kept-comment.ts'
import type { StatusKeeper } from '../port.ts'
import { askerFor } from './ask.ts'
import { comment } from './act-comment.ts'
import { threadPlace } from './place.ts'
import { good } from './went.ts'

export const status: StatusKeeper = keptComment(comment, (effect, message, connection, outside) =>
  ending(async () => {
    const { repo } = threadPlace(effect, connection)
    const now = good(
      await askerFor(connection, outside)('PATCH', `/repos/${repo}/issues/comments/${Number(message)}`, {
        body: { body: marked(String(effect.params['text']), effect) },
      }),
      `change our comment on ${effect.target}`,
      'write',
    ) as { id: number; html_url?: string | null }
    return { is: 'done', receipt: rewritten(effect.target, message, now.html_url ?? null) }
  }),
)
