/**
 * What is a delivery about now?
 * The issue, pull request or comment is fetched once more, with who edited it, the files of a pull request and GitHub's own id of a label or an assignment.
 * A few requests side by side, bounded in time; when one fails, what was delivered counts, and a note says so.
 */
import type { Outside } from '@viewportai/core/tools/outside'
import { filesInPages, filesOnPage, namesOf } from '../paths-field.ts'
import type { Connection, FetchedAgain, StoredDelivery } from '../port.ts'
import type { Again } from './again-form.ts'
import { askerFor } from './ask.ts'
import { editorsOf } from '@viewportai/core/tools/github/edits'
import { eventsOf, sameEvent } from './issue-events.ts'
import { Comment, Envelope, Issue, Pull } from '@viewportai/core/tools/github/payload'
import { eventHeader, payloadOf } from './read.ts'
import type { Ask } from '@viewportai/core/tools/github/rest'

const millis = 5_000
const kinds = new Set(['issues', 'issue_comment', 'pull_request', 'pull_request_review', 'pull_request_review_comment'])

export const again = async (
  delivery: StoredDelivery,
  connection: Connection,
  outside: Outside,
): Promise<FetchedAgain> => {
  const kind = delivery.headers['x-github-event'] ?? ''
  const payload = payloadOf(delivery)
  const told = kinds.has(kind) && typeof payload !== 'string' ? Envelope.safeParse(payload) : null
  if (!told?.success || !told.data.repository) return { found: {} } // nothing that can change
  const { repository, issue, pull_request: pull, comment, action, sender, label, assignee } = told.data
  const number = pull?.number ?? issue?.number
  if (number === undefined) return { found: {} }
  const ask: Ask = (method, path, more) =>
    askerFor(connection, outside)(method, path, { timeoutMillis: millis, ...more })
  const at = `/repos/${repository.full_name}`
  const onPull = pull !== null || issue?.pull_request !== undefined
  const known = delivery.headers[eventHeader]
  try {
    const [one, said, files, event, edited] = await Promise.all([
      get(ask, `${at}/${onPull ? 'pulls' : 'issues'}/${number}`),
      comment === null
        ? null
        : get(ask, `${at}/${kind === 'issue_comment' ? 'issues' : 'pulls'}/comments/${comment.id}`),
      onPull ? filesOf(ask, `${at}/pulls/${number}/files`) : null,
      known !== undefined || (action !== 'labeled' && action !== 'assigned')
        ? null
        : eventsOf(ask, connection.settings, at, number, outside.now() - 600_000).then(({ events }) =>
            sameEvent(events, { action, by: sender?.id, label: label?.name, assignee: assignee?.id }),
          ),
      editorsOf(ask, connection.settings, {
        repo: repository.full_name,
        number,
        comment: comment === null ? null : (comment.node_id ?? ''),
      }).then(
        (editors) => ({ editors }),
        (error: Error) => ({ editors: [null], why: error.message.slice(0, 200) }),
      ),
    ])
    const found: Again = {
      ...(onPull ? { pull: Pull.parse(one) } : { issue: Issue.parse(one) }),
      ...(said === null ? {} : { comment: Comment.parse(said) }),
      ...(files && { paths: files }),
      ...(event ? { event } : {}),
      editors: edited.editors,
    }
    if (!('why' in edited)) return { found }
    return {
      found,
      note: `Who edited ${repository.full_name}#${number} is not known (${edited.why}); its text counts as outside text.`,
    }
  } catch (error) {
    return {
      note: `${repository.full_name}#${number} could not be fetched again (${(error as Error).message.slice(0, 200)}); what was delivered counts, as outside text.`,
    }
  }
}

/** Names of all files of a pull request; null: there are more than can be matched on. */
const filesOf = async (ask: Ask, path: string): Promise<string[] | null> => {
  const files = await filesInPages(async (number) => {
    const told = await get(ask, `${path}?per_page=${filesOnPage}&page=${number}`)
    if (!Array.isArray(told)) throw new Error('GitHub told no list of files')
    return told
  })
  return files && files.flatMap((file) => namesOf(file, 'filename', 'previous_filename'))
}

const get = async (ask: Ask, path: string): Promise<unknown> => {
  const came = await ask('GET', path)
  if (came.status !== 200) throw new Error(`GitHub answered ${came.status}`)
  return came.body
}
