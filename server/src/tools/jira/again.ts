/** What is a delivery of Jira about now? The issue is fetched once more, with the comment and with who wrote in it: webhooks of comments tell little of it. */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, FetchedAgain, StoredDelivery } from '../port.ts'
import { askJira, bodyOf, type Told } from '@viewportai/core/tools/jira/ask'
import { payloadOf } from './told.ts'

const millis = 5_000

export const again = async (
  { body, part }: StoredDelivery,
  connection: Connection,
  outside: Outside,
): Promise<FetchedAgain> => {
  const payload = payloadOf(body)
  if (typeof payload === 'string' || part === null || !payload.issue) return { found: null } // nothing that can change
  const { issue, comment } = payload
  const get = async (path: string): Promise<Told> =>
    bodyOf(await askJira(connection, outside, 'GET', path, undefined, millis))
  const at = `/issue/${encodeURIComponent(issue.id)}`
  try {
    const [now, said] = await Promise.all([
      get(`${at}?expand=changelog`),
      comment ? get(`${at}/comment/${encodeURIComponent(comment.id)}`) : null,
    ])
    return { found: { issue: now, comment: said, editors: allEditorsIn(now['changelog']) } }
  } catch (error) {
    return {
      note: `${issue.key} could not be fetched again (${(error as Error).message.slice(0, 200)}); what was delivered counts, as outside text.`,
    }
  }
}

/** Those of a whole history; who stands in a part of it that did not come is nobody we know (null). */
export const allEditorsIn = (changelog: Told | undefined): (Told | null)[] => {
  const histories = (changelog?.['histories'] ?? []) as Told[]
  return [...editorsIn(histories), ...(changelog?.['total'] <= histories.length ? [] : [null])]
}

/** Who wrote in the title or the description after it was made; null: somebody without a name. */
export const editorsIn = (histories: readonly Told[]): (Told | null)[] => {
  const wrote = histories.filter((entry) =>
    (entry['items'] as Told[]).some((item) => item['field'] === 'description' || item['field'] === 'summary'),
  )
  const authors = wrote.map((entry) => (entry['author'] ?? null) as Told | null)
  return [...new Map(authors.map((one) => [one?.['accountId'], one])).values()]
}
