/** What do GitHub's `pull_request` and `pull_request_review` events say? */
import type { Reading, Said } from '../port.ts'
import { earlierEditors, newer, type Reader } from './again-form.ts'
import { looksOurs } from '@viewportai/core/tools/hidden-marker'
import { Envelope, type Pull } from '@viewportai/core/tools/github/payload'
import { instant } from '@viewportai/core/tools/github/instant'
import { around, fieldText, isFork, latest, pullFields, sender, somebody, subjectOf, thing } from './said.ts'

const events: Readonly<Record<string, string>> = {
  'pull_request.opened': 'pr_opened',
  'pull_request.synchronize': 'pr_updated',
  'pull_request.labeled': 'pr_labeled',
  'pull_request.closed': 'pr_closed',
  'pull_request.ready_for_review': 'pr_ready',
  'pull_request.reopened': 'pr_reopened',
  'pull_request.review_requested': 'review_requested',
  'pull_request_review.submitted': 'review_submitted',
}

export const readPull: Reader = (payload, kind, again): Reading => {
  const action = String(payload['action'])
  const event = events[`${kind}.${action}`]
  if (event === undefined) return { ignored: `No workflow can listen to ${kind}.${action.slice(0, 60)} of GitHub.` }
  const { repository, sender: who, pull_request: told, label, review, ...more } = Envelope.parse(payload)
  if (!repository || !told) return { unreadable: `${kind}.${action} of GitHub names no pull request.` }
  if (event === 'pr_labeled' && !label) return { unreadable: `${kind}.labeled of GitHub names no label.` }
  if (event === 'review_submitted' && !review) return { unreadable: `${kind}.submitted of GitHub has no review.` }
  const { one: pull, editors } = newer(told, again.pull)
  const reviewer = more.requested_reviewer?.login ?? more.requested_team?.slug ?? null
  const name = `${event}:${thing(repository, pull)}`
  const actor = sender(who, [pull, ...(review ? [review] : [])])
  const near = (what: string | null | undefined): string[] => around(`${name}:${what}:${actor.id}`, told.updated_at)
  const [id, ...also] = {
    pr_opened: [name],
    pr_updated: [`${name}:${told.head.sha}`],
    pr_labeled: near(label?.name),
    pr_closed: [`${name}:${told.closed_at ?? told.updated_at}`],
    pr_ready: near(''),
    pr_reopened: near(''),
    review_requested: near(reviewer),
    review_submitted: [`review_submitted:${repository.id}:${review?.id}`],
  }[event] as [string, ...string[]]
  const said: Said = {
    event,
    id,
    also: again.event === undefined ? also : [...also, again.event],
    at: instant(review?.submitted_at ?? timeOf(event, told)),
    toldAt: latest(review?.submitted_at, told.updated_at),
    actor,
    authors: [
      somebody(pull.user, pull.author_association),
      ...(review ? [somebody(review.user, review.author_association)] : []),
      ...editors,
      ...earlierEditors(again),
      // The code of another repository is its owner's, whoever opened this.
      ...(isFork(pull) ? [{ id: 'fork', name: 'the owner of the fork', standing: 'outsider' as const }] : []),
    ],
    subject: { ...subjectOf(repository, pull), made: instant(told.created_at) },
    fields: {
      ...pullFields(repository, pull, again.paths),
      ...(label && { label: label.name }),
      ...(event === 'pr_closed' && { merged: told.merged ?? told.merged_at !== null }),
      ...(event === 'review_requested' && { reviewer }),
      ...(review && { review: fieldText(review.state).toLowerCase() }),
    },
    text: review?.body ? `${review.body}\n\n---\n${pull.title}\n\n${pull.body ?? ''}` : (pull.body ?? ''),
    ours: (event === 'pr_opened' && looksOurs(told.body)) || (review !== null && looksOurs(review.body)),
  }
  return { said }
}

const timeOf = (event: string, pull: Pull): string | null =>
  (event === 'pr_opened' ? pull.created_at : event === 'pr_closed' ? pull.closed_at : null) ?? pull.updated_at
