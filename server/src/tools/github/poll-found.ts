/** What happened to the things that changed, each in the form of GitHub's webhook about it? */
import { z } from 'zod'
import { Comment, Issue, Pull } from '@viewportai/core/tools/github/payload'
import { readerOf, type Parts } from '../poll-aside.ts'
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
type Asked = {
  /** As a webhook has it. */
  readonly repository: unknown
  readonly repo: string
  readonly since: string
  /** Told in a sentence what was there and not looked at. */
  lost(what: string): void
  readonly parts: Parts<Ask>
}
/** An issue or a pull request that changed, raw. `name`: as people call it, by its kind. */
export type Changed = {
  readonly name: string
  readonly updatedAt: string
  /** Where it is asked for, below its repository: `issues/12`. */
  readonly key: string
  readonly raw: unknown
  readonly isPull: boolean
}

/** Everything that happened to one of them at or after `since`, and what was said on it. */
export const happenedTo = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  asked: Asked,
  { raw, isPull }: Changed,
): Promise<FoundEvent[]> => {
  const { repository, repo, since, lost } = asked
  const from = Date.parse(since)
  const isNews = (at: string | null | undefined): boolean => typeof at === 'string' && Date.parse(at) >= from
  const events: FoundEvent[] = []
  const [kind, key] = isPull ? ['pull_request', 'pull_request'] : ['issues', 'issue']
  const read = isPull ? Pull.safeParse(raw) : Issue.safeParse(raw)
  if (!read.success) return [] // a webhook of it could not be read either
  const thing = read.data
  const tell = (action: string, more: object, sender: unknown, eventId: string | null): void =>
    void events.push({
      name: eventId ?? `${kind}.${action}:${repo}#${thing.number}`,
      event: kind,
      eventId,
      payload: { action, [key]: raw, repository, sender: sender ?? null, ...more },
    })
  if (isNews(thing.created_at)) tell('opened', {}, (raw as { user?: unknown }).user, null)
  const part = readerOf(ask, asked.parts, `${repo}#${thing.number}`, lost)
  const happened = await part('events', { events: [], isCut: false }, (by) =>
    eventsOf(by, settings, `/repos/${repo}`, thing.number, from),
  )
  if (happened.isCut) lost(`Of what happened to ${repo}#${thing.number} only the newest was looked at.`)
  for (const event of happened.events) {
    if (!isNews(event.created_at)) continue
    const told = inWebhook(event)
    // The time is the event's own, as a webhook about it had it.
    if (told)
      tell(
        told.action,
        { ...told.more, [key]: { ...(raw as object), updated_at: event.created_at } },
        event.actor,
        eventName(event),
      )
  }
  events.push(...(await part('comments', [], (by) => comments(by, settings, asked, raw, thing.number, isPull))))
  if (isPull) events.push(...(await part('reviews', [], (by) => reviews(by, settings, asked, raw, thing.number))))
  return events
}

const Review = z.looseObject({ id: z.number(), submitted_at: z.string(), state: z.string() })

/** Reviews of a pull request, and comments on its lines. */
const reviews = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  { repository, repo, since, lost }: Asked,
  pull: unknown,
  number: number,
): Promise<FoundEvent[]> => {
  const at = `/repos/${repo}/pulls/${number}`
  const from = Date.parse(since)
  const cut = (what: string) => () => lost(`${repo}#${number} has more ${what} than are looked at: some were left out.`)
  const said = await wholeList(ask, settings, `${at}/reviews?per_page=100`, cut('reviews'))
  const onLines = await wholeList(
    ask,
    settings,
    `${at}/comments?per_page=100&since=${encodeURIComponent(since)}`,
    cut('comments on lines'),
  )
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

/** Three thousand of a list. */
const pagesAtMost = 30

const wholeList = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  first: string,
  cut: () => void,
): Promise<unknown[]> => {
  const all: unknown[] = []
  let path: string | null = first
  for (let page = 0; path !== null; page++) {
    if (page === pagesAtMost) {
      cut()
      break
    }
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
  { repository, repo, since, lost }: Asked,
  one: unknown,
  number: number,
  onPull: boolean,
): Promise<FoundEvent[]> => {
  if ((one as { comments?: unknown }).comments === 0) return []
  const path = `/repos/${repo}/issues/${number}/comments?per_page=100&since=${encodeURIComponent(since)}`
  const all = await wholeList(ask, settings, path, () =>
    lost(`${repo}#${number} has more comments than are looked at: some were left out.`),
  )
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
  if (event === 'closed' || event === 'reopened' || event === 'ready_for_review') return { action: event, more: {} }
  if (event === 'review_requested')
    return {
      action: 'review_requested',
      more: { requested_reviewer: of.requested_reviewer ?? null, requested_team: of.requested_team ?? null },
    }
  return null
}
