/** How is one comment at GitLab kept up to date with a run? It is written once below the issue or merge request the work came from, and changed then. */
import { ending } from '../ended.ts'
import { marked } from '../forge-text.ts'
import { isMarked } from '../hidden-marker.ts'
import { keptComment, onlyOurs, rewritten } from '../kept-comment.ts'
import type { StatusKeeper } from '../port.ts'
import { comment, noteUrl } from './act-comment.ts'
import { askerFor, good } from './ask.ts'
import { threadPlace } from './place.ts'
import { Note } from './rest.ts'
import { withoutOrders } from './words.ts'

export const status: StatusKeeper = keptComment(comment, (effect, message, connection, outside) =>
  ending(async () => {
    const thread = threadPlace(effect, connection)
    const ask = askerFor(connection, outside)
    const path = `${thread.at}/notes/${Number(message)}`
    const now = Note.parse(good(await ask('GET', path), `show our comment on ${thread.ref}`, 'read'))
    onlyOurs({ by: now.author?.id, isMarked: isMarked(now.body, effect.intent) }, effect, connection)
    const body = marked(withoutOrders(String(effect.params['text'])), effect)
    good(await ask('PUT', path, { body }), `change our comment on ${thread.ref}`, 'write')
    return { is: 'done', receipt: rewritten(effect.target, message, noteUrl(connection, thread, Number(message))) }
  }),
)
