/**
 * What is a delivery of Linear about now?
 * The issue is fetched once more, with the comment, the state it came from, who acted and who wrote in it: webhooks tell little of these.
 */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, FetchedAgain, StoredDelivery } from '../port.ts'
import { askLinear, dataOf, type Told } from '@viewportai/core/tools/linear/ask'
import { commentParts, historyParts, issueParts } from '@viewportai/core/tools/linear/parts'
import { payloadOf } from './told.ts'

const millis = 5_000
const query = `query Now($issue: String!, $comment: String!, $withComment: Boolean!, $actor: String!, $withActor: Boolean!, $from: String!, $withFrom: Boolean!) {
  issue(id: $issue) { ...IssueParts history(first: 50) { nodes { ...HistoryParts } pageInfo { hasNextPage } } }
  comment(id: $comment) @include(if: $withComment) { ...CommentParts }
  actor: user(id: $actor) @include(if: $withActor) { id name app guest active }
  from: workflowState(id: $from) @include(if: $withFrom) { name }
}
${issueParts}
${commentParts}
${historyParts}`

export const again = async (
  { body, part }: StoredDelivery,
  connection: Connection,
  outside: Outside,
): Promise<FetchedAgain> => {
  const payload = payloadOf(body)
  if (typeof payload === 'string' || part === null) return { found: null } // nothing that can change
  const { data, actor, updatedFrom } = payload
  const issue = part === 'commented' ? (data['issueId'] ?? data['issue']?.['id' as never]) : data['id']
  const isPerson = actor !== null && (actor.type === null || actor.type.toLowerCase() === 'user')
  const from = updatedFrom?.['stateId']
  try {
    const came = await askLinear(
      connection,
      outside,
      query,
      {
        issue: String(issue),
        comment: String(data['id']),
        withComment: part === 'commented',
        actor: actor?.id ?? '',
        withActor: isPerson,
        from: String(from),
        withFrom: part === 'moved' && typeof from === 'string',
      },
      millis,
    )
    const told = dataOf(came)
    if (!told['issue']) throw new Error('it is not there any more')
    return {
      found: {
        issue: told['issue'],
        comment: told['comment'] ?? null,
        actor: told['actor'] ?? null,
        from: told['from']?.['name'] ?? null,
        editors: allEditorsIn(told['issue']['history']),
      },
    }
  } catch (error) {
    return {
      note: `What it is about could not be fetched again (${(error as Error).message.slice(0, 200)}); what was delivered counts, as outside text.`,
    }
  }
}

/** Those of a whole history; who stands in a part of it that did not come is nobody we know (null). */
export const allEditorsIn = (history: Told | undefined): (Told | null)[] => [
  ...editorsIn((history?.['nodes'] ?? []) as Told[]),
  ...(history?.['pageInfo']?.['hasNextPage'] === false ? [] : [null]),
]

/** Who wrote in the title or the description after it was created; null: a program, or somebody without a name. */
export const editorsIn = (history: readonly Told[]): (Told | null)[] => {
  const all = history.flatMap((entry): (Told | null)[] => [
    ...((entry['descriptionUpdatedBy'] as Told[] | null) ?? []),
    ...(entry['toTitle'] || entry['updatedDescription'] ? [(entry['actor'] ?? null) as Told | null] : []),
  ])
  return [...new Map(all.map((one) => [one?.['id'], one])).values()]
}
