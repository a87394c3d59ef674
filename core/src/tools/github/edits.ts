/**
 * Who edited a title or a text at GitHub?
 * A delivery shows a text as it is; who wrote in it before only GitHub's history of edits tells, which GraphQL alone has. What it does not tell
 * whole was written by nobody we know (null).
 */
import { z } from 'zod'
import type { User } from './payload.ts'
import { graphqlPath, messageIn, type Ask } from './rest.ts'

const people = '{ __typename login ... on User { databaseId } ... on Bot { databaseId } }'
/** What is asked of a text to know who wrote in it. */
export const edits = `lastEditedAt userContentEdits(first: 100) { pageInfo { hasNextPage } nodes { editor ${people} } }`
const titles = `timelineItems(itemTypes: [RENAMED_TITLE_EVENT], first: 100) { pageInfo { hasNextPage } nodes { ... on RenamedTitleEvent { actor ${people} } } }`
const query = `query Edits($owner: String!, $name: String!, $number: Int!, $comment: ID!, $withComment: Boolean!) {
  repository(owner: $owner, name: $name) { issueOrPullRequest(number: $number) { ... on Issue { ${edits} ${titles} } ... on PullRequest { ${edits} ${titles} } } }
  node(id: $comment) @include(if: $withComment) { ... on IssueComment { ${edits} } ... on PullRequestReviewComment { ${edits} } }
}`

const Actor = z
  .object({ __typename: z.string(), login: z.string(), databaseId: z.number().nullish() })
  .nullable()
  .transform((one): User | null =>
    one && typeof one.databaseId === 'number'
      ? { id: one.databaseId, login: one.login, type: one.__typename === 'Bot' ? 'Bot' : 'User' }
      : null,
  )
const listOf = <T extends z.ZodType>(one: T) =>
  z.object({ pageInfo: z.object({ hasNextPage: z.boolean() }), nodes: z.array(one) })
export const Edited = z.object({
  lastEditedAt: z.string().nullable(),
  userContentEdits: listOf(z.object({ editor: Actor })).nullable(),
})
const Answer = z.object({
  repository: z.object({
    issueOrPullRequest: Edited.extend({ timelineItems: listOf(z.object({ actor: Actor })) }),
  }),
  node: Edited.optional(),
})

type About = { readonly repo: string; readonly number: number; readonly comment: string | null }

/** Everybody who edited an issue or pull request, and a comment (by its node id), after it was written. Throws when GitHub does not tell. */
export const editorsOf = async (
  ask: Ask,
  settings: Readonly<Record<string, string>>,
  { repo, number, comment }: About,
): Promise<(User | null)[]> => {
  const [owner, name] = repo.split('/')
  const variables = { owner, name, number, comment: comment ?? '', withComment: comment !== null }
  const { status, body } = await ask('POST', graphqlPath(settings), { body: { query, variables } })
  const { data, errors } = (body ?? {}) as { data?: unknown; errors?: unknown }
  if (status !== 200 || errors !== undefined)
    throw new Error(messageIn(errors === undefined ? body : { errors }) || `GitHub answered ${status}`)
  const read = Answer.safeParse(data)
  if (!read.success) throw new Error('GitHub did not tell all of it')
  const { issueOrPullRequest: thing } = read.data.repository
  const { nodes, pageInfo } = thing.timelineItems
  return [
    ...writersOf(thing),
    ...nodes.map(({ actor }) => actor),
    ...(pageInfo.hasNextPage ? [null] : []),
    ...(read.data.node ? writersOf(read.data.node) : comment === null ? [] : [null]),
  ]
}

/** Everybody who wrote in it after it was sent; null: somebody whom GitHub does not name. */
export const writersOf = ({ lastEditedAt, userContentEdits: told }: z.infer<typeof Edited>): (User | null)[] => {
  const editors = (told?.nodes ?? []).map(({ editor }) => editor)
  const isWhole = told?.pageInfo.hasNextPage !== true && (editors.length > 0 || lastEditedAt === null)
  return isWhole ? editors : [...editors, null]
}
