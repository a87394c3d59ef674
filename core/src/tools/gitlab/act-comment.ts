/** How is a comment written on an issue or merge request of GitLab, once? It carries our marker, and is looked for among those of our own account. */
import { ending, failed, looking, notSeenWhole } from '../ended.ts'
import { marked } from '../forge-text.ts'
import { isMarked } from '../hidden-marker.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { Note } from './rest.ts'
import { askerFor, good, nextPage, type Ask, type Came } from './ask.ts'
import { baseOf } from './fields.ts'
import { threadPlace, type Thread } from './place.ts'
import { withoutOrders } from './words.ts'

const pagesAtMost = 30

export const comment: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const thread = threadPlace(effect, connection)
      const there = await mine(askerFor(connection, outside), thread, effect, connection)
      return there ? { is: 'there', receipt: receiptOf(connection, thread, there) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const thread = threadPlace(effect, connection)
      const ask = askerFor(connection, outside)
      const body = marked(withoutOrders(String(effect.params['text'])), effect)
      const made = Note.parse(
        good(await ask('POST', `${thread.at}/notes`, { body }), `take the comment on ${thread.ref}`, 'write'),
      )
      const there = Note.parse(good(await ask('GET', `${thread.at}/notes/${made.id}`), 'show the comment', 'read'))
      if (!isMarked(there.body, effect.intent))
        throw failed(
          'not_whole',
          `GitLab took the comment on ${thread.ref}, and shows other words.`,
          'See it there.',
          false,
        )
      return { is: 'done', receipt: receiptOf(connection, thread, there) }
    }),
}

/** The one of this effect, or null. Throws Ended when there are more than can be looked through. */
const mine = async (ask: Ask, thread: Thread, { intent }: Effect, { account }: Connection): Promise<Note | null> => {
  let page: string | null = '1'
  for (let asked = 0; page !== null; asked++) {
    if (asked === pagesAtMost)
      throw notSeenWhole(`${thread.ref} has more than ${pagesAtMost * 100} comments, and ours was not among the latest`)
    const came: Came = await ask('GET', `${thread.at}/notes?sort=desc&order_by=created_at&per_page=100&page=${page}`)
    const read = Note.array().safeParse(good(came, `list what stands on ${thread.ref}`, 'read'))
    if (!read.success) throw notSeenWhole('GitLab answered with no list of comments')
    const found = read.data.find(
      (one) => !one.system && isMarked(one.body, intent) && (account === null || String(one.author?.id) === account.id),
    )
    if (found) return found
    page = nextPage(came)
  }
  return null
}

/** Where people see it. */
export const noteUrl = ({ settings }: Connection, { repo, isMr, iid }: Thread, note: number): string =>
  `${baseOf(settings)}/${repo}/-/${isMr ? 'merge_requests' : 'issues'}/${iid}#note_${note}`

const receiptOf = (connection: Connection, thread: Thread, { id }: Note): Receipt => {
  const url = noteUrl(connection, thread, id)
  return { id: String(id), url, observed: { ref: thread.ref, url, id }, readBack: true }
}
