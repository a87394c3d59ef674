/** What happened to an issue or pull request, by GitHub's list of its events? */
import { z } from 'zod'
import { User } from '@viewportai/core/tools/github/payload'
import { Unread } from '../poll-aside.ts'
import { lastPage, previousPage, type Ask, type Came } from '@viewportai/core/tools/github/rest'

const Told = z.object({
  id: z.number(),
  event: z.string(),
  created_at: z.string(),
  actor: User.nullish(),
  /** Who assigned: its `actor` may be the one who was assigned. */
  assigner: User.nullish(),
  label: z.object({ name: z.string() }).nullish(),
  assignee: User.nullish(),
  requested_reviewer: User.nullish(),
  requested_team: z.object({ slug: z.string() }).nullish(),
})
const IssueEvent = Told.transform(({ assigner, ...told }) => (assigner ? { ...told, actor: assigner } : told))
/** One of them. */
export type IssueEvent = z.infer<typeof IssueEvent>

/** From the end of the list so many pages at most: a thousand events. */
const pagesAtMost = 10

/** `isCut`: some that happened at or after `from` are not among them. */
export type IssueEvents = { readonly events: IssueEvent[]; readonly isCut: boolean }

/** The first hundred, and those at or after `from` (ms), oldest first; without a time the last page alone. None when there is no list. */
export const eventsOf = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  repo: string,
  number: number,
  from = Infinity,
): Promise<IssueEvents> => {
  const first = await ask('GET', `${repo}/issues/${number}/events?per_page=100`)
  if (first.status === 404) return { events: [], isCut: false }
  const pages: IssueEvent[][] = []
  const isOld = (): boolean => (pages[0] ?? []).some((one) => Date.parse(one.created_at) < from)
  // GitHub lists the oldest first: it is gone back from the last page until one begins before that time.
  let path = lastPage(first, settings)
  while (path !== null && pages.length < pagesAtMost && !isOld()) {
    const came: Came = await ask('GET', path)
    pages.unshift(eventsIn(came))
    path = previousPage(came, settings)
  }
  const seen = new Map([eventsIn(first), ...pages].flat().map((one) => [one.id, one]))
  return { events: [...seen.values()], isCut: path !== null && !isOld() }
}

const eventsIn = ({ status, body }: Came): IssueEvent[] => {
  if (status !== 200) throw new Unread(`GitHub answered ${status} to a question about events`)
  return (Array.isArray(body) ? body : []).flatMap((one) => {
    const read = IssueEvent.safeParse(one)
    return read.success ? [read.data] : []
  })
}

/** The name under which an event counts once, however it came. */
export const eventName = ({ id }: Pick<IssueEvent, 'id'>): string => `issue_event:${id}`

/** The latest event that is this one, by its name, or undefined. */
export const sameEvent = (
  events: readonly IssueEvent[],
  {
    action,
    by,
    label,
    assignee,
  }: { action: string; by: number | undefined; label: string | undefined; assignee: number | undefined },
): string | undefined => {
  const found = events.findLast(
    (one) =>
      one.event === action &&
      one.actor?.id === by &&
      (action !== 'labeled' || one.label?.name === label) &&
      (action !== 'assigned' || one.assignee?.id === assignee),
  )
  return found && eventName(found)
}
