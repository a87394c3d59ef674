/** What happened to an issue or pull request, by GitHub's list of its events? */
import { z } from 'zod'
import { User } from '@viewportai/core/tools/github/payload'
import { lastPage, type Ask } from '@viewportai/core/tools/github/rest'

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

/** The latest ones, oldest first: at most two hundred. None when there is no list. */
export const eventsOf = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  repo: string,
  number: number,
): Promise<IssueEvent[]> => {
  const first = await ask('GET', `${repo}/issues/${number}/events?per_page=100`)
  if (first.status === 404) return []
  if (first.status !== 200) throw new Error(`GitHub answered ${first.status} to a question about events`)
  const end = lastPage(first, settings)
  const last = end === null ? null : await ask('GET', end)
  return [first, ...(last === null ? [] : [last])].flatMap(({ body }) =>
    (Array.isArray(body) ? body : []).flatMap((one) => {
      const read = IssueEvent.safeParse(one)
      return read.success ? [read.data] : []
    }),
  )
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
