/** How is the merge request of a run changed: its words, and out of draft? It shows exactly the approved commit, or nothing is changed. */
import { ending, failed, looking } from '../ended.ts'
import { pullBody } from '../forge-text.ts'
import { isPullMarked, openerIn } from '../hidden-marker.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor, good, type Ask } from './ask.ts'
import { threadPlace, type Thread } from './place.ts'
import { Rest } from './rest.ts'
import { withoutOrders } from './words.ts'

type Params = { title?: string; body?: string; ready?: boolean }
type Held = { ask: Ask; thread: Thread; mr: Rest }

export const updateMr: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const { mr, thread } = await mrFor(effect, connection, outside)
      return isAsWanted(mr, effect) ? { is: 'there', receipt: receiptOf(thread, mr) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const { ask, thread, mr } = await mrFor(effect, connection, outside)
      const params = effect.params as Params
      if (effect.commit !== null && mr.sha !== effect.commit)
        throw failed(
          'head_moved',
          `Merge request ${thread.ref} shows ${mr.sha?.slice(0, 12) ?? 'nothing'} and not the approved commit ${effect.commit.slice(0, 12)}.`,
          'See who pushed to the branch. What stands there was approved by nobody.',
        )
      // At GitLab a draft is one by the first word of its title.
      const title = titleFor(mr, params)
      const words = {
        ...(title === mr.title ? {} : { title }),
        ...(params.body === undefined
          ? {}
          : { description: withoutOrders(pullBody(params.body, effect, openerIn(mr.description))) }),
      }
      if (Object.keys(words).length > 0) good(await ask('PUT', thread.at, words), 'change the merge request', 'write')
      const { mr: after } = await mrFor(effect, connection, outside)
      if (!isAsWanted(after, effect))
        throw failed(
          'not_whole',
          `GitLab took the change of ${thread.ref}, and shows it otherwise.`,
          'See the merge request.',
        )
      return { is: 'done', receipt: receiptOf(thread, after) }
    }),
}

const mrFor = async (effect: Effect, connection: Connection, outside: Outside): Promise<Held> => {
  const thread = threadPlace(effect, connection)
  if (!thread.isMr)
    throw failed(
      'no_thread',
      `${thread.ref} is an issue, and no merge request.`,
      'Open the merge request before it is changed.',
    )
  const ask = askerFor(connection, outside)
  return { ask, thread, mr: Rest.parse(good(await ask('GET', thread.at), 'show the merge request', 'read')) }
}

const draft = /^(draft:|\[draft\]|\(draft\))\s*/i

const titleFor = ({ title, draft: isDraft }: Rest, params: Params): string => {
  const plain = (params.title ?? title).replace(draft, '')
  return `${isDraft && !params.ready ? 'Draft: ' : ''}${plain}`.slice(0, 255)
}

const isAsWanted = (mr: Rest, { params, intent, commit }: Effect): boolean => {
  const { title, body, ready } = params as Params
  return (
    (commit === null || mr.sha === commit) &&
    (title === undefined || mr.title.replace(draft, '') === title.replace(draft, '').slice(0, 255)) &&
    (body === undefined || isPullMarked(mr.description, intent)) &&
    !(ready && mr.draft)
  )
}

const receiptOf = ({ ref, iid }: Thread, mr: Rest): Receipt => ({
  id: String(iid),
  url: mr.web_url,
  observed: { ref, url: mr.web_url, number: iid, commit: mr.sha, state: mr.state, draft: mr.draft ?? false },
  readBack: true,
})
