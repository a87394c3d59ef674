/**
 * What is a delivery about now?
 * The issue, pull request or comment is fetched once more, with who edited it, the files of a pull request and GitHub's own id of a label or an assignment; of
 * whatever else happened, whether who did it may write to the repository, and whose code a job built.
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
import { rightsOf } from './rights.ts'
import { headOfJob } from './whose-code.ts'
import type { Ask } from '@viewportai/core/tools/github/rest'

const millis = 5_000
const things = new Set([
  'issues',
  'issue_comment',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
])
/** Of these nothing changes, and who did it is not ranked by GitHub. */
const acts = new Set(['push', 'release', 'check_run', 'check_suite', 'workflow_run', 'status'])

export const again = async (
  delivery: StoredDelivery,
  connection: Connection,
  outside: Outside,
): Promise<FetchedAgain> => {
  const kind = delivery.headers['x-github-event'] ?? ''
  const payload = payloadOf(delivery)
  const told = (things.has(kind) || acts.has(kind)) && typeof payload !== 'string' ? Envelope.safeParse(payload) : null
  if (!told?.success || !told.data.repository) return { found: {} } // nothing that can change
  const at = `/repos/${told.data.repository.full_name}`
  const ask: Ask = (method, path, more) =>
    askerFor(connection, outside)(method, path, { timeoutMillis: millis, ...more })
  const [thing, who, head] = await Promise.all([
    things.has(kind) ? thingNow(delivery, told.data, ask, at, connection.settings, outside.now()) : null,
    rightsOf(ask, at, told.data.sender),
    kind === 'check_run' ? headOfJob(ask, at, payload) : null,
  ])
  const found: Again = {
    ...thing?.found,
    ...(who !== null && 'rights' in who && { rights: who.rights }),
    ...(head && { head: head.head }),
  }
  const notes = [thing?.note, who !== null && 'why' in who ? who.why : null, head?.why].filter(Boolean)
  return {
    found,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    ...(who !== null && 'why' in who && { who: who.why }),
  }
}

/** What may happen to one thing several times: GitHub's own id tells which time it was. */
const named = new Set(['labeled', 'assigned', 'reopened', 'ready_for_review'])

/** The thing it is about as it is now. */
const thingNow = async (
  { headers }: StoredDelivery,
  told: Envelope,
  ask: Ask,
  at: string,
  settings: Connection['settings'],
  now: number,
): Promise<{ found?: Again; note?: string }> => {
  const kind = headers['x-github-event']
  const repo = at.slice('/repos/'.length)
  const { issue, pull_request: pull, comment, action, sender, label, assignee } = told
  const number = pull?.number ?? issue?.number
  if (number === undefined) return {}
  const onPull = pull !== null || issue?.pull_request !== undefined
  const known = headers[eventHeader]
  try {
    const [one, said, files, event, edited] = await Promise.all([
      get(ask, `${at}/${onPull ? 'pulls' : 'issues'}/${number}`),
      comment === null
        ? null
        : get(ask, `${at}/${kind === 'issue_comment' ? 'issues' : 'pulls'}/comments/${comment.id}`),
      onPull ? filesOf(ask, `${at}/pulls/${number}/files`) : null,
      known !== undefined || action === null || !named.has(action)
        ? null
        : eventsOf(ask, settings, at, number, now - 600_000).then(({ events }) =>
            sameEvent(events, { action, by: sender?.id, label: label?.name, assignee: assignee?.id }),
          ),
      editorsOf(ask, settings, {
        repo,
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
      note: `Who edited ${repo}#${number} is not known (${edited.why}); its text counts as outside text.`,
    }
  } catch (error) {
    return {
      note: `${repo}#${number} could not be fetched again (${(error as Error).message.slice(0, 200)}); what was delivered counts, as outside text.`,
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
