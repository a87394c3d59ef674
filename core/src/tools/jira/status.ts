/** How is one comment in Jira kept up to date with a run? It is written once below the issue the work came from, and changed then. */
import { ending } from '../ended.ts'
import { keptComment, onlyOurs, rewritten } from '../kept-comment.ts'
import type { StatusKeeper } from '../port.ts'
import { targetOf } from './act.ts'
import { comment, commentUrl } from './act-comment.ts'
import { asking } from './ask.ts'
import { isMarked, withMarker } from './marker.ts'

export const status: StatusKeeper = keptComment(comment, (effect, message, connection, outside) =>
  ending(async () => {
    const ask = asking(connection, outside)
    // Of a connection that was narrowed since, nothing is touched.
    const issue = await targetOf(connection, ask, effect.target)
    const path = `/issue/${issue.id}/comment/${encodeURIComponent(message)}`
    const now = await ask('GET', path)
    onlyOurs({ by: now['author']?.['accountId'], isMarked: isMarked(now['body'], effect.intent) }, effect, connection)
    // Whoever watches the issue was written to when it began, and is not written to again with every step.
    await ask('PUT', `${path}?notifyUsers=false`, {
      body: withMarker(String(effect.params['text']), effect),
    })
    return { is: 'done', receipt: rewritten(effect.target, message, commentUrl(connection, issue, message)) }
  }),
)
