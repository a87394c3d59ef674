/** A clock that was ahead and is set right makes no asking deaf: the server's at GitHub and GitLab, ours at Jira and Linear. By answers of our own and our emulator of Jira. */
import { expect, test } from 'vitest'
import type { Outside } from '@viewportai/core/tools/outside'
import { poll as github } from './github/poll.ts'
import { poll as gitlab } from './gitlab/poll.ts'
import { poll as jira } from './jira/poll.ts'
import { emulatedJira, tokens } from './jira/testing/emulated.ts'
import { poll as linear } from './linear/poll.ts'
import { openOutside } from './outside.ts'
import { clockOf, markBy } from './poll-clock.ts'
import type { Connection } from './port.ts'

const minute = 60_000
const iso = (at: number): string => new Date(at).toISOString()
const connected = (settings: Record<string, string>, secrets: Record<string, string> = { token: 'x' }): Connection => ({
  id: 'con_1',
  workspace: 'ws_1',
  name: 'here',
  settings,
  secrets,
  account: { id: '9', name: 'us' },
})

type Thing = { number: number; updated: number; made: number }
/** A server whose clock is so much (ms) ahead, `later` ms after the test began, both by it and by ours. */
const clocks = () => ({ ahead: 0, later: 0, ours: 0, issues: [] as Thing[], pushes: [] as number[] })
type Clocks = ReturnType<typeof clocks>
const outsideOf = (of: Clocks, answer: (path: string, query: URLSearchParams) => unknown): Outside => ({
  now: () => Date.now() + of.later + of.ours,
  async ask({ url }) {
    const { pathname, searchParams } = new URL(url)
    const date = new Date(Date.now() + of.later + of.ahead).toUTCString()
    return { status: 200, headers: { date }, text: JSON.stringify(answer(pathname, searchParams)) }
  },
})
const sha = (number: number): string => String(number).padStart(40, '0')
const forges = {
  github: {
    poll: github,
    connection: connected({ base: 'https://ghe.acme.dev/api/v3', repos: 'acme/shop' }),
    outside: (of: Clocks) =>
      outsideOf(of, (path, query) => {
        if (path === '/api/v3/repos/acme/shop') return { id: 7, full_name: 'acme/shop', default_branch: 'main' }
        if (path.endsWith('/shop/issues'))
          return of.issues
            .map(({ number, updated, made }) => ({
              number,
              title: 'x',
              body: '',
              state: 'open',
              user: { id: 1, login: 'sam' },
              labels: [],
              assignees: [],
              comments: 0,
              created_at: iso(made),
              updated_at: iso(updated),
            }))
            .filter((one) => one.updated_at >= query.get('since')!)
        if (path.endsWith('/activity'))
          return of.pushes
            .map((at, n) => ({
              id: n + 1,
              ref: 'refs/heads/main',
              before: sha(n),
              after: sha(n + 1),
              timestamp: iso(at),
              activity_type: 'push',
              actor: { id: 1, login: 'sam' },
            }))
            .toReversed()
        return path.includes('/compare/') ? { commits: [], files: [] } : []
      }),
  },
  gitlab: {
    poll: gitlab,
    connection: connected({ base: 'https://gitlab.acme.dev', projects: 'acme/shop' }),
    outside: (of: Clocks) =>
      outsideOf(of, (path, query) => {
        if (path.endsWith('/projects/acme%2Fshop'))
          return {
            id: 7,
            path_with_namespace: 'acme/shop',
            default_branch: 'main',
            web_url: 'https://gitlab.acme.dev/acme/shop',
          }
        if (!path.endsWith('/issues')) return []
        return of.issues
          .map(({ number, updated, made }) => ({
            id: number,
            iid: number,
            project_id: 7,
            title: 'x',
            description: '',
            state: 'opened',
            author: { id: 1, username: 'sam' },
            labels: [],
            assignees: [],
            user_notes_count: 0,
            created_at: iso(made),
            updated_at: iso(updated),
            web_url: `https://gitlab.acme.dev/acme/shop/-/issues/${number}`,
          }))
          .filter((one) => one.updated_at >= query.get('updated_after')!)
      }),
  },
}

test.each(Object.entries(forges))(
  '%s: a clock that goes back hides nothing of before, meanwhile or since',
  async (_name, forge) => {
    // Fifty minutes ahead, and a step that is smaller than an overlap.
    for (const ahead of [50 * minute, 20_000]) {
      const of = { ...clocks(), ahead }
      const outside = forge.outside(of)
      const began = Date.now()
      const opened = (number: number): void => {
        const at = began + of.later + of.ahead
        of.issues.push({ number, updated: at, made: at })
      }
      const ask = async (cursor: unknown) => {
        const polled = await forge.poll.ask(forge.connection, 'acme/shop', cursor, outside)
        expect([polled.problem, polled.lost ?? null]).toEqual([null, null])
        return polled
      }
      const numbers = (polled: { found: readonly { id: string }[] }) =>
        polled.found.map(({ id }) => /[#:](\d+)(?::|$)/.exec(id)?.[1] ?? id)
      const first = await ask(null)
      of.later = minute
      opened(1)
      of.later = minute + 5_000
      const second = await ask(first.cursor)
      expect(numbers(second)).toEqual(['1'])
      // Set right right after it, and at once something happens; it is asked again half a minute later.
      of.ahead = 0
      of.later = minute + 6_000
      opened(2)
      of.later = minute + 35_000
      const third = await ask(second.cursor)
      expect(numbers(third)).toContain('2')
      opened(3)
      of.later = 2 * minute + 5_000
      const fourth = await ask(third.cursor)
      expect(numbers(fourth)).toContain('3')
      if (ahead < minute) continue
      // A place that an older version kept says by no clock when that was.
      const { then: _then, ...old } = second.cursor as Record<string, unknown>
      expect(numbers(await ask(old))).toEqual(expect.arrayContaining(['2', '3']))
    }
  },
)

test('what is beside issues has marks of its own, and they go back as well', async () => {
  const of = { ...clocks(), ahead: 50 * minute }
  const { poll, connection, outside } = forges.github
  const ask = async (cursor: unknown) => poll.ask(connection, 'acme/shop', cursor, outside(of))
  const began = Date.now()
  const first = await ask(null)
  of.later = minute
  of.pushes.push(began + of.later + of.ahead)
  const second = await ask(first.cursor)
  expect(second.found.map(({ id }) => id)).toEqual([expect.stringContaining(sha(1))])
  of.ahead = 0
  of.later = minute + 6_000
  of.pushes.push(began + of.later)
  of.later = minute + 35_000
  const third = await ask(second.cursor)
  expect(third.found.map(({ id }) => id)).toContainEqual(expect.stringContaining(`:${sha(2)}:`))
})

test('what could not be read and waits is told from as far back', async () => {
  const of = { ...clocks(), ahead: 50 * minute }
  const { poll, connection, outside } = forges.gitlab
  const began = Date.now()
  const now = began + of.ahead
  const aside = { name: 'acme/shop#1', key: 'issues/1', news: iso(now), times: 1, why: 'x', at: began + 10 * minute }
  const cursor = { since: iso(now), aside: [aside], then: { now, ours: began } }
  of.ahead = 0
  const { cursor: next } = await poll.ask(connection, 'acme/shop', cursor, outside(of))
  const { aside: left } = next as { aside: { news: string }[] }
  expect(Math.abs(Date.parse(left[0]!.news) - began)).toBeLessThan(5_000)
})

test('a place stays where it is when clocks go on as they did, by some seconds less, or when ours alone goes back', () => {
  const mark = iso(1_000_000_000)
  const then = { now: 1_000_000_000, ours: 1_000_000_000 }
  for (const [now, ours] of [
    [1_000_030_000, 1_000_030_000],
    [1_000_026_000, 1_000_030_000],
    [1_000_030_000, 999_000_000],
  ] as const)
    expect(markBy({ now, ours }, then)(mark)).toBe(mark)
  expect(markBy({ now: 1_000_010_000, ours: 1_000_030_000 }, then)(mark)).toBe(iso(999_980_000))
  // Both went back: nobody knows how far.
  expect(markBy({ now: 900_000_000, ours: 900_000_000 }, then)(mark)).toBe(iso(900_000_000 - 60 * minute))
  // From ours to a server's that is believed again, and the other way round.
  const far = clockOf(new Date(10 * 60 * minute).toUTCString(), 0)
  expect([far.now, far.problem]).toEqual([0, expect.stringContaining('Set the one that is wrong')])
})

test('Jira: our own clock that was ahead by hours and is set right', async () => {
  const site = await emulatedJira()
  const near = openOutside(['127.0.0.1'])
  let ahead = 300 * minute
  const outside: Outside = { now: () => Date.now() + ahead, ask: (one) => near.ask(one) }
  const connection = connected({ site: site.url, email: 'us@acme.dev' }, { token: tokens.us })
  const first = await jira.ask(connection, 'PAY', null, outside)
  ahead = 0
  await site.create({})
  const second = await jira.ask(connection, 'PAY', first.cursor, outside)
  expect(second.found.map(({ id }) => id)).toEqual(['poll created 10001 created'])
})

test('Linear: our own clock that was ahead by hours and is set right', async () => {
  let ahead = 300 * minute
  const at = iso(Date.now())
  const issue = {
    id: 'issue-1',
    identifier: 'PAY-1',
    title: 'x',
    createdAt: at,
    updatedAt: at,
    creator: { id: 'sam', name: 'Sam' },
    team: { id: 'team-1', key: 'PAY', name: 'Payments' },
    history: { nodes: [] },
  }
  const list = (nodes: object[]) => ({ nodes, pageInfo: { hasNextPage: false, endCursor: null } })
  const outside: Outside = {
    now: () => Date.now() + ahead,
    async ask({ body }) {
      const { query, variables } = JSON.parse(body!) as {
        query: string
        variables: { filter?: { updatedAt?: { gte: string } } }
      }
      const from = variables.filter?.updatedAt?.gte ?? ''
      const data = query.includes('viewer')
        ? { viewer: { id: 'us' } }
        : query.includes('comments(')
          ? { comments: list([]) }
          : { issues: list([issue].filter(({ updatedAt }) => updatedAt >= from)) }
      return { status: 200, headers: {}, text: JSON.stringify({ data }) }
    },
  }
  const connection = connected({ base: 'https://api.linear.app' }, { key: 'lin_test_viewport' })
  const first = await linear.ask(connection, 'all teams', null, outside)
  ahead = 0
  const second = await linear.ask(connection, 'all teams', first.cursor, outside)
  expect(second.found.map(({ id }) => id)).toEqual([expect.stringContaining('issue-1')])
})
