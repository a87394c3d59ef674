/** Asking goes on, whatever happened in Linear since the last time. */
import { expect, test } from 'vitest'
import { bounded } from '@viewportai/core/tools/bounded'
import { NoWholeAnswer, TooLong, type Outside } from '@viewportai/core/tools/outside'
import type { Connection } from '../port.ts'
import { poll } from './poll.ts'

const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'linear',
  settings: { base: 'https://api.linear.app' },
  secrets: { key: 'lin_test_viewport' },
  account: null,
}
const now = new Date().toISOString()
const team = { id: 'team-1', key: 'PAY', name: 'Payments' }
const issue = (number: number) => ({
  id: `issue-${number}`,
  identifier: `PAY-${number}`,
  title: 'x',
  createdAt: now,
  updatedAt: now,
  creator: { id: 'sam', name: 'Sam' },
  team,
  history: { nodes: [] },
})
const comment = (number: number, of: object | null) => ({
  id: `comment-${number}`,
  body: 'x',
  createdAt: now,
  user: { id: 'sam', name: 'Sam' },
  issue: of,
})

/** Linear's lists; an answer with more than `most` things, or with this one, is too long. */
const linear = (all: { issues: object[]; comments: object[] }, { most = 250, never = '' } = {}): Outside => ({
  now: Date.now,
  async ask({ body }) {
    const { query, variables } = JSON.parse(body!) as {
      query: string
      variables: { first: number; after: string | null }
    }
    const list = query.includes('comments(') ? 'comments' : 'issues'
    const from = Number(variables.after ?? 0)
    if (Number.isNaN(from)) return answer({ errors: [{ message: 'after is not a cursor' }] })
    const nodes = all[list].slice(from, from + variables.first)
    if (
      !query.includes('nodes { id }') &&
      (nodes.length > most || nodes.some((one) => JSON.stringify(one).includes(`"${never}"`)))
    )
      throw new TooLong('its answer is longer than is taken')
    const end = from + variables.first
    return answer({
      data: { [list]: { nodes, pageInfo: { hasNextPage: end < all[list].length, endCursor: String(end) } } },
    })
  },
})
const answer = (body: object) => ({ status: 200, headers: {}, text: JSON.stringify(body) })
const many = (count: number): object[] => Array.from({ length: count }, (_none, at) => issue(at))
const since = { since: now }

test('more than is taken at once is gone through piece by piece, each thing once', async () => {
  const outside = linear({ issues: many(620), comments: [comment(1, issue(1))] })
  const first = await poll.ask(connection, 'all teams', since, outside)
  expect([first.found.length, first.cursor]).toEqual([
    501,
    { ...since, more: expect.objectContaining({ after: { issues: '500' } }) },
  ])
  const second = await poll.ask(connection, 'all teams', first.cursor, outside)
  expect([second.found.length, second.cursor]).toEqual([120, { since: now }])
  expect(new Set([...first.found, ...second.found].map(({ id }) => id)).size).toBe(621)
})

test('where asking takes long it goes on at the next page; what is said to be of the future makes it deaf to nothing', async () => {
  const lists = linear({
    issues: [...many(120), { ...issue(900), updatedAt: '2999-01-01T00:00:00.000Z' }],
    comments: Array.from({ length: 120 }, (_none, n) => comment(n, issue(n))),
  })
  let clock = Date.now()
  const slow: Outside = {
    now: () => clock,
    ask(one) {
      clock += 12_000
      return lists.ask(one)
    },
  }
  const ids = new Set<string>()
  let cursor: unknown = since
  let askings = 0
  for (let isMore = true; isMore; askings++) {
    const polled = await poll.ask(connection, 'all teams', cursor, bounded(slow, 60_000))
    for (const { id } of polled.found) ids.add(id)
    ;({ cursor } = polled)
    isMore = polled.nextMillis < 30_000
  }
  expect(ids.size).toBe(241)
  expect(askings).toBeGreaterThan(1)
  expect(Date.parse((cursor as { since: string }).since)).toBeLessThanOrEqual(clock)
})

test('a place that Linear has forgotten is left for the beginning of the window', async () => {
  const more = { from: now, newest: now, after: { issues: 'gone' } }
  const outside = linear({ issues: many(1), comments: [] })
  expect(await poll.ask(connection, 'all teams', { ...since, more }, outside)).toMatchObject({
    found: [],
    cursor: since,
  })
})

test('a comment that stands on no issue is passed over', async () => {
  const outside = linear({ issues: [], comments: [comment(1, null), comment(2, issue(1))] })
  const { found } = await poll.ask(connection, 'all teams', since, outside)
  expect(found.map(({ id }) => id)).toEqual(['poll comment comment-2'])
})

test('answers that are too long are asked for in smaller pieces, and what fits into none is named', async () => {
  const outside = linear({ issues: many(12), comments: [] }, { most: 6, never: 'issue-7' })
  const { found, cursor, lost } = await poll.ask(connection, 'all teams', since, outside)
  expect([found.length, cursor]).toEqual([11, since])
  expect(lost).toBe('Too long to be read, so left out: issues issue-7.')
})

test('an issue that changed more often than a list of issues tells: the rest is asked of it, each change once', async () => {
  const entry = (n: number) => ({
    id: `entry-${n}`,
    createdAt: new Date(Date.parse(now) - n * 1_000).toISOString(),
    actor: { id: 'sam', name: 'Sam' },
    addedLabels: [{ id: `l${n}`, name: `l${n}` }],
  })
  const all = Array.from({ length: 400 }, (_none, n) => entry(n))
  const page = (from: number, size: number) => ({
    nodes: all.slice(from, from + size),
    pageInfo: { hasNextPage: from + size < all.length, endCursor: String(from + size) },
  })
  const busy = { ...issue(1), createdAt: '2020-01-01T00:00:00Z', history: page(0, 20) }
  const lists = linear({ issues: [busy], comments: [] })
  const asked: string[] = []
  const outside: Outside = {
    now: Date.now,
    async ask(one) {
      const { query, variables } = JSON.parse(one.body!)
      if (!query.startsWith('query History')) return lists.ask(one)
      asked.push(variables.after)
      return answer({ data: { issue: { history: page(Number(variables.after), 100) } } })
    },
  }
  const from = new Date(Date.parse(now) - 150_000).toISOString()
  const { found, lost } = await poll.ask(connection, 'all teams', { since: from }, outside)
  // Ten seconds more than asked, as Linear's lists lag behind.
  expect(found).toHaveLength(161)
  expect(asked).toEqual(['20', '120'])
  expect(lost).toBeNull()
})

/** An issue that changed 400 times since, of which its list tells twenty; each question takes twelve seconds. `deaf`: a history that never answers. */
const busyLists = (count: number, deaf: string | null = null) => {
  let clock = Date.now()
  const entry = (of: number, n: number) => ({
    id: `entry-${of}-${n}`,
    createdAt: new Date(Date.parse(now) - n).toISOString(),
    actor: { id: 'sam', name: 'Sam' },
    addedLabels: [{ id: `l${n}`, name: `l${n}` }],
  })
  const page = (of: number, from: number, size: number) => ({
    nodes: Array.from({ length: Math.min(size, 400 - from) }, (_none, n) => entry(of, from + n)),
    pageInfo: { hasNextPage: from + size < 400, endCursor: String(from + size) },
  })
  const issues = Array.from({ length: count }, (_none, n) => ({
    ...issue(n),
    createdAt: '2020-01-01T00:00:00Z',
    history: page(n, 0, 20),
  }))
  const lists = linear({ issues, comments: [comment(1, issue(1))] })
  const outside: Outside = {
    now: () => clock,
    async ask(one) {
      clock += 12_000
      const { query, variables } = JSON.parse(one.body!)
      if (!query.startsWith('query History')) return lists.ask(one)
      if (variables.issue === deaf) throw new NoWholeAnswer('no answer within 20000 ms')
      const of = Number(variables.issue.split('-')[1])
      return answer({ data: { issue: { history: page(of, Number(variables.after), 100) } } })
    },
  }
  const from = new Date(Date.parse(now) - 60_000).toISOString()
  return { outside, cursor: { since: from } as unknown }
}
const askings = async ({ outside, cursor: begin }: ReturnType<typeof busyLists>, most: number) => {
  const [ids, lost, problems] = [new Set<string>(), [] as string[], [] as string[]]
  let cursor = begin
  let count = 0
  while (count++ < most) {
    const polled = await poll.ask(connection, 'all teams', cursor, bounded(outside, 60_000))
    for (const { id } of polled.found) ids.add(id)
    if (polled.lost) lost.push(polled.lost)
    if (polled.problem) problems.push(polled.problem)
    ;({ cursor } = polled)
    if (!(cursor as { more?: object }).more) break
  }
  const issuesTold = new Set([...ids].flatMap((id) => /entry-(\d+)-/.exec(id)?.[1] ?? []))
  return { count, ids, lost, problems, issuesTold, cursor }
}

test('histories that take longer than an asking are gone through one after another, with what is left out of each said', async () => {
  const { count, ids, lost, issuesTold, cursor } = await askings(busyLists(3), 10)
  expect([count, issuesTold.size]).toEqual([3, 3])
  expect(ids).toContain('poll comment comment-1')
  expect(lost).toEqual(
    [0, 1, 2].map((n) =>
      expect.stringContaining(`What happened to PAY-${n} takes longer to be read than one asking may`),
    ),
  )
  expect(cursor).toEqual({ since: now })
})

test('a history that never answers holds the others up for three askings, and not for ever', async () => {
  const { count, lost, problems, issuesTold } = await askings(busyLists(3, 'issue-0'), 10)
  expect(problems).toHaveLength(3)
  expect(problems[0]).toMatch(/^What happened to PAY-0 .* could not be read: no answer within 20000 ms\.$/)
  expect(count).toBeLessThan(9)
  expect([...issuesTold].toSorted()).toEqual(['0', '1', '2']) // of PAY-0 what its list told
  expect(lost[0]).toContain('could not be read whole 3 times in a row')
})
