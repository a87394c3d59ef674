/**
 * Who wrote in these words of a pull request at GitHub, and since when is it meant for the branch it is meant for?
 * GraphQL alone tells. What it does not tell is not known, and nobody is believed for it.
 */
import { z } from 'zod'
import type { PullSeen } from '../../run/pull-seen.ts'
import { Edited, edits, writersOf } from './edits.ts'
import { graphqlPath, messageIn } from './rest.ts'
import { instant } from './instant.ts'
import type { Spot } from './seen-spot.ts'

const moved = `timelineItems(itemTypes: [BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT, BASE_REF_FORCE_PUSHED_EVENT], last: 1) { nodes { ... on BaseRefChangedEvent { createdAt } ... on AutomaticBaseChangeSucceededEvent { createdAt } ... on BaseRefForcePushedEvent { createdAt } } }`
const query = `query PullHistory($owner: String!, $name: String!, $number: Int!, $ids: [ID!]!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { ${moved} } }
  nodes(ids: $ids) { id ... on PullRequestReview { ${edits} } ... on PullRequestReviewComment { ${edits} } }
}`
/** GitHub takes so many names at once. */
const atOnce = 100

const Moved = z.object({
  repository: z.object({
    pullRequest: z.object({ timelineItems: z.object({ nodes: z.array(z.object({ createdAt: z.string() })) }) }),
  }),
})
const Nodes = z.object({ nodes: z.array(Edited.extend({ id: z.string() }).nullable().catch(null)) })

/** `isOnlyBy`: was nobody but this account in the words of this node? `problem`: what GitHub did not tell, a sentence. */
export type PullHistory = {
  isOnlyBy(node: string | null, account: number): boolean
  readonly rebased: PullSeen['rebased']
  readonly problem: string | null
}

export const pullHistory = async (spot: Spot, nodes: readonly string[]): Promise<PullHistory> => {
  const writers = new Map<string, ReturnType<typeof writersOf>>()
  let rebased: PullSeen['rebased'] = 'unknown'
  let problem: string | null = null
  for (let from = 0; from === 0 || from < nodes.length; from += atOnce) {
    const came = await asked(spot, nodes.slice(from, from + atOnce))
    if (typeof came === 'string') problem = came
    else {
      for (const one of Nodes.safeParse(came).data?.nodes ?? []) if (one) writers.set(one.id, writersOf(one))
      const told = Moved.safeParse(came).data?.repository.pullRequest.timelineItems.nodes
      if (told) rebased = told[0] === undefined ? null : (instant(told[0].createdAt) ?? 'unknown')
    }
  }
  return {
    isOnlyBy: (node, account) => {
      const all = node === null ? undefined : writers.get(node)
      return all !== undefined && all.every((one) => one !== null && one.id === account)
    },
    rebased,
    problem:
      problem === null
        ? null
        : `Who edited reviews of ${spot.repo}#${spot.number} is not known (${problem}); their words count as outside text, and no approval there is a vote.`,
  }
}

/** What it tells, or why it tells nothing. */
const asked = async ({ ask, settings, repo, number }: Spot, ids: readonly string[]): Promise<unknown> => {
  const [owner, name] = repo.split('/')
  try {
    const { status, body } = await ask('POST', graphqlPath(settings), {
      body: { query, variables: { owner, name, number, ids } },
    })
    const { data, errors } = (body ?? {}) as { data?: unknown; errors?: unknown }
    // Of a comment that was deleted meanwhile it tells an error beside the rest.
    return status === 200 && data
      ? data
      : messageIn(errors === undefined ? body : { errors }) || `GitHub answered ${status}`
  } catch (error) {
    return (error as Error).message.slice(0, 200)
  }
}
