/** How is one comment at GitHub kept up to date with a run? It is written once below the issue or pull request the work came from, and changed then. */
import { ending } from '../ended.ts'
import { marked } from '../forge-text.ts'
import { isMarked } from '../hidden-marker.ts'
import { keptComment, onlyOurs, rewritten } from '../kept-comment.ts'
import type { StatusKeeper } from '../port.ts'
import { askerFor } from './ask.ts'
import { comment } from './act-comment.ts'
import { threadPlace } from './place.ts'
import { good } from './went.ts'

export const status: StatusKeeper = keptComment(comment, (effect, message, connection, outside) =>
  ending(async () => {
    const { repo, number } = threadPlace(effect, connection)
    const ask = askerFor(connection, outside)
    const path = `/repos/${repo}/issues/comments/${Number(message)}`
    const { user, body, issue_url } = good(await ask('GET', path), `show our comment on ${effect.target}`, 'read') as {
      user?: { id?: number } | null
      body?: string | null
      issue_url?: string
    }
    // Its repository is that of the address asked, however it is called by now.
    const isHere = issue_url === undefined || issue_url.endsWith(`/issues/${number}`)
    onlyOurs({ by: user?.id, isMarked: isMarked(body, effect.intent), isHere }, effect, connection)
    const now = good(
      await ask('PATCH', path, { body: { body: marked(String(effect.params['text']), effect) } }),
      `change our comment on ${effect.target}`,
      'write',
    ) as { id: number; html_url?: string | null }
    return { is: 'done', receipt: rewritten(effect.target, message, now.html_url ?? null) }
  }),
)
