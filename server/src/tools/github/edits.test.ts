/** GitHub's history of edits, in the form that its GraphQL API documents: who wrote in a text, and when that is not known whole. */
import { describe, expect, test } from 'vitest'
import type { Asked } from '@viewportai/core/tools/outside'
import type { Connection, StoredDelivery } from '../port.ts'
import { github } from './tool.ts'

const sam = { id: 7, login: 'sam', type: 'User' }
const issue = { number: 1, title: 'x', body: 'y', user: sam, author_association: 'MEMBER' }
const comment = { id: 5, node_id: 'IC_5', body: 'z', user: sam }
const repository = { id: 1, full_name: 'acme/shop' }
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'github',
  settings: { base: 'https://api.github.com' },
  secrets: { token: 't' },
  account: null,
}
const delivery = (event: string, payload: object): StoredDelivery => ({
  headers: { 'x-github-event': event },
  body: Buffer.from(JSON.stringify({ repository, sender: sam, issue, ...payload })),
  part: null,
})
const labeled = delivery('issues', { action: 'labeled', label: { name: 'agent' } })
const commented = delivery('issue_comment', { action: 'created', comment })

const eve = { __typename: 'User', login: 'eve', databaseId: 666 }
const list = (...nodes: object[]) => ({ pageInfo: { hasNextPage: false }, nodes })
const more = { pageInfo: { hasNextPage: true }, nodes: [] }
const never = { lastEditedAt: null, userContentEdits: list() }
const at = '2026-11-29T10:00:00Z'
const thing = { ...never, timelineItems: list() }
const told = (change: object, node?: unknown) => ({
  data: { repository: { issueOrPullRequest: { ...thing, ...change } }, ...(node === undefined ? {} : { node }) },
})

const fetched = async (
  answer: unknown,
  { of = labeled, status = 200, base = 'https://api.github.com' } = {},
): Promise<{ editors: unknown; note: unknown; asked: Asked[] }> => {
  const asked: Asked[] = []
  const rest: Record<string, unknown> = { '/issues/1': issue, '/issues/comments/5': comment, '/issues/1/events': [] }
  const again = await github.again!(
    of,
    { ...connection, settings: { base } },
    {
      now: Date.now,
      ask: async (one) => {
        asked.push(one)
        const path = new URL(one.url).pathname.split('/repos/acme/shop')[1]
        return path === undefined
          ? { status, headers: {}, text: JSON.stringify(answer) }
          : { status: 200, headers: {}, text: JSON.stringify(rest[path]) }
      },
    },
  )
  const { found, note } = again as { found?: { editors?: unknown }; note?: string }
  return { editors: found?.editors, note, asked }
}
const ids = async (answer: unknown, of = labeled) =>
  ((await fetched(answer, { of })).editors as ({ id: number } | null)[]).map((one) => one?.id ?? null)

test('what nobody edited has no editors, and a text that somebody edited has', async () => {
  expect(await ids(told({}))).toEqual([])
  expect(await ids(told({ userContentEdits: null }))).toEqual([])
  expect(await ids(told({ lastEditedAt: at, userContentEdits: list({ editor: eve }) }))).toEqual([666])
  expect(await ids(told({ timelineItems: list({ actor: eve }) }))).toEqual([666])
  expect(await ids(told({}, { lastEditedAt: at, userContentEdits: list({ editor: eve }) }), commented)).toEqual([666])
  expect(await ids(told({}, never), commented)).toEqual([])
})

test.each([
  ['an account that is gone', told({ lastEditedAt: at, userContentEdits: list({ editor: null }) })],
  ['an edit that no history tells', told({ lastEditedAt: at })],
  ['a history that is not given', told({ lastEditedAt: at, userContentEdits: null })],
  ['more edits than came', told({ userContentEdits: more })],
  ['more titles than came', told({ timelineItems: more })],
  ['an account without a number', told({ timelineItems: list({ actor: { __typename: 'X', login: 'x' } }) })],
])('%s is nobody we know', async (_what, answer) => expect(await ids(answer)).toEqual([null]))

test('a comment that GitHub does not show is by nobody we know', async () =>
  expect(await ids(told({}), commented)).toEqual([null]))

describe.each([
  ['an error', { errors: [{ message: 'Resource not accessible' }] }, 200, 'Resource not accessible'],
  ['404', { message: 'Not Found' }, 404, 'Not Found'],
  ['something else', { data: {} }, 200, 'GitHub did not tell all of it'],
])('answered with %s', (_what, answer, status, words) => {
  test('who edited it is nobody we know, and the note says why', async () => {
    const { editors, note } = await fetched(answer, { status })
    expect(editors).toEqual([null])
    expect(note).toContain(words)
  })
})

test('a server of its own is asked beside its REST API', async () => {
  const { asked } = await fetched(told({}), { base: 'https://ghe.acme.dev/api/v3' })
  expect(asked.map((one) => new URL(one.url).href)).toContain('https://ghe.acme.dev/api/graphql')
})
