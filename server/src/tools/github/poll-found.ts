/** What happened to the things that changed, each in the form of GitHub's webhook about it? */
import { z } from 'zod'
import { Comment, Issue, Pull } from '@viewportai/core/tools/github/payload'
import { eventName, eventsOf, type IssueEvent } from './issue-events.ts'
import { nextPage, type Ask, type Came } from '@viewportai/core/tools/github/rest'

export type FoundEvent = {
  /** The same whenever it is found again. */
  readonly name: string
  /** GitHub's name of the webhook. */
  readonly event: string
  /** GitHub's own id of what happened, where its list has one. */
  readonly eventId: string | null
  readonly payload: Readonly<Record<string, unknown>>
}
type Asked = { readonly repository: unknown; readonly repo: string; readonly since: string }
type Lists = { readonly issues: readonly unknown[]; readonly pulls: readonly unknown[] }

export const found = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  { repository, repo, since }: Asked,
  lists: Lists,
): Promise<{ readonly events: FoundEvent[]; readonly lost: string[] }> => {
  const from = Date.parse(since)
  const isNews = (at: string | null | undefined): boolean => typeof at === 'string' && Date.parse(at) >= from
  const events: FoundEvent[] = []
  const lost: string[] = []
  const things = [
    ...lists.issues.flatMap((one) =>
      'pull_request' in (one as object) ? [] : [{ one, kind: 'issues', key: 'issue' }],
    ),
    ...lists.pulls.map((one) => ({ one, kind: 'pull_request', key: 'pull_request' })),
  ]
  for (const { one, kind, key } of things) {
    const read = kind === 'issues' ? Issue.safeParse(one) : Pull.safeParse(one)
    if (!read.success) continue // a webhook of it could not be read either
    const thing = read.data
    const tell = (action: string, more: object, sender: unknown, eventId: string | null): void =>
      void events.push({
        name: eventId ?? `${kind}.${action}:${repo}#${thing.number}`,
        event: kind,
        eventId,
        payload: { action, [key]: one, repository, sender: sender ?? null, ...more },
      })
    if (isNews(thing.created_at)) tell('opened', {}, (one as { user?: unknown }).user, null)
    const happened = await eventsOf(ask, settings, `/repos/${repo}`, thing.number, from)
    if (happened.isCut) lost.push(`Of what happened to ${repo}#${thing.number} only the newest was looked at.`)
    for (const event of happened.events) {
      if (!isNews(event.created_at)) continue
      const told = inWebhook(event)
      // The time is the event's own, as a webhook about it had it.
      if (told)
        tell(
          told.action,
          { ...told.more, [key]: { ...(one as object), updated_at: event.created_at } },
          event.actor,
          eventName(event),
        )
    }
    events.push(
      ...(await comments(ask, settings, { repository, repo, since }, one, thing.number, kind === 'pull_request')),
    )
    if (kind === 'pull_request')
      events.push(...(await reviews(ask, settings, { repository, repo, since }, one, thing.number)))
  }
  return { events, lost }
}

const Review = z.looseObject({ id: z.number(), submitted_at: z.string(), state: z.string() })

/** Reviews of a pull request, and comments on its lines. */
const reviews = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  { repository, repo, since }: Asked,
  pull: unknown,
  number: number,
): Promise<FoundEvent[]> => {
  const at = `/repos/${repo}/pulls/${number}`
  const from = Date.parse(since)
  const said = await wholeList(ask, settings, `${at}/reviews?per_page=100`)
  const onLines = await wholeList(ask, settings, `${at}/comments?per_page=100&since=${encodeURIComponent(since)}`)
  const common = { pull_request: pull, repository }
  return [
    ...said.flatMap((raw): FoundEvent[] => {
      const read = Review.safeParse(raw)
      // One that is being written has no time yet.
      if (!read.success || !(Date.parse(read.data.submitted_at) >= from)) return []
      const sender = (raw as { user?: unknown }).user ?? null
      const payload = { action: 'submitted', review: raw, sender, ...common }
      return [{ name: `review:${repo}:${read.data.id}`, event: 'pull_request_review', eventId: null, payload }]
    }),
    ...onLines.flatMap((raw): FoundEvent[] => {
      const read = Comment.safeParse(raw)
      if (!read.success || read.data.created_at === null || !(Date.parse(read.data.created_at) >= from)) return []
      const sender = (raw as { user?: unknown }).user ?? null
      const payload = { action: 'created', comment: { diff_hunk: '', ...(raw as object) }, sender, ...common }
      return [{ name: `line_comment:${read.data.id}`, event: 'pull_request_review_comment', eventId: null, payload }]
    }),
  ]
}

const wholeList = async (ask: Ask, settings: Readonly<Record<string, string>>, first: string): Promise<unknown[]> => {
  const all: unknown[] = []
  for (let path: string | null = first; path !== null;) {
    const came: Came = await ask('GET', path)
    if (!Array.isArray(came.body) || came.body.length === 0) break
    all.push(...(came.body as unknown[]))
    path = nextPage(came, settings)
  }
  return all
}

/** What was said on one of them. A webhook about a comment on a pull request calls that an issue too. */
const comments = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  { repository, repo, since }: Asked,
  one: unknown,
  number: number,
  onPull: boolean,
): Promise<FoundEvent[]> => {
  if ((one as { comments?: unknown }).comments === 0) return []
  const path = `/repos/${repo}/issues/${number}/comments?per_page=100&since=${encodeURIComponent(since)}`
  const all = await wholeList(ask, settings, path)
  const issue = onPull ? { ...(one as object), pull_request: {} } : one
  return all.flatMap((raw): FoundEvent[] => {
    const read = Comment.safeParse(raw)
    if (!read.success || read.data.created_at === null || Date.parse(read.data.created_at) < Date.parse(since))
      return []
    const sender = (raw as { user?: unknown }).user ?? null
    return [
      {
        name: `issue_comment:${read.data.id}`,
        event: 'issue_comment',
        eventId: null,
        payload: { action: 'created', comment: raw, issue, repository, sender },
      },
    ]
  })
}

/** Which webhook tells the same, with what it has beside the thing; null: none that anything listens to. */
const inWebhook = ({ event, label, assignee, ...of }: IssueEvent): { action: string; more: object } | null => {
  if (event === 'labeled' && label) return { action: 'labeled', more: { label } }
  if (event === 'assigned' && assignee) return { action: 'assigned', more: { assignee } }
  if (event === 'closed') return { action: 'closed', more: {} }
  if (event === 'review_requested')
    return {
      action: 'review_requested',
      more: { requested_reviewer: of.requested_reviewer ?? null, requested_team: of.requested_team ?? null },
    }
  return null
}
