/** A burst of changes, a server that answers with too much, names that are long, times that are wrong: asking goes on, within bounds, and says what it leaves out. */
import { describe, expect, test } from 'vitest'
import { bounded } from '@viewportai/core/tools/bounded'
import { NoWholeAnswer, type Outside } from '@viewportai/core/tools/outside'
import type { Connection, Polled } from '../port.ts'
import { read } from './read.ts'
import { poll } from './poll.ts'

const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'github',
  settings: { base: 'https://github.acme.dev/api/v3', repos: 'acme/shop' },
  secrets: { token: 'ghp_test' },
  account: { id: '1', name: 'viewport' },
}
const start = Date.parse('2026-11-01T12:00:00.000Z')
const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString()
const user = { id: 7, login: 'mallory' }

type Answer = unknown
type Server = {
  repository?: object
  issues?: readonly object[]
  pulls?: readonly object[]
  /** By the end of a path. */
  lists?: Readonly<Record<string, Answer>>
  /** How long (ms) each answer takes, by the clock of this server's `now`. */
  takes?: number
  date?: string
}
/** A server like GitHub, whose clock moves on with each answer alone. */
const github = ({ repository = {}, issues = [], pulls = [], lists = {}, takes = 0, date }: Server) => {
  let now = start
  let asked = 0
  const outside: Outside = {
    now: () => now,
    async ask({ url }) {
      asked++
      now += takes
      const { pathname, searchParams } = new URL(url)
      const path = pathname.replace('/api/v3', '')
      const headers: Record<string, string> = date === undefined ? {} : { date }
      const give = (body: Answer) => ({ status: 200, headers, text: JSON.stringify(body) })
      if (path === '/repos/acme/shop') return give({ id: 1, full_name: 'acme/shop', ...repository })
      for (const [end, body] of Object.entries(lists)) if (path.endsWith(end)) return give(body)
      const all = path.endsWith('/shop/issues')
        ? issues
        : path.endsWith('/shop/pulls') && searchParams.has('sort')
          ? pulls
          : []
      const since = searchParams.get('since') ?? ''
      const there = all.filter((one) => (one as { updated_at: string }).updated_at >= since)
      const [size, page] = [100, Number(searchParams.get('page') ?? 1)]
      searchParams.set('page', String(page + 1))
      if (page * size < there.length)
        headers['link'] = `<https://github.acme.dev/api/v3${path}?${searchParams}>; rel="next"`
      return give(path.endsWith('/actions/runs') ? { workflow_runs: [] } : there.slice((page - 1) * size, page * size))
    },
  }
  return { outside, asked: () => asked, pass: (millis: number) => void (now += millis) }
}
const issue = (number: number, updated: string, more: object = {}) => ({
  number,
  title: 't',
  body: '',
  state: 'open',
  labels: [],
  assignees: [],
  comments: 1,
  created_at: at(-100),
  updated_at: updated,
  user,
  html_url: `https://github.acme.dev/acme/shop/issues/${number}`,
  ...more,
})
const ask = (outside: Outside, cursor: unknown) => poll.ask(connection, 'acme/shop', cursor, bounded(outside, 60_000))
/** Askings until one has nothing more to go on with. */
const allOf = async (server: ReturnType<typeof github>, first: unknown): Promise<Polled[]> => {
  const all: Polled[] = []
  for (let cursor = first, n = 0; n < 60; n++) {
    const polled = await ask(server.outside, cursor)
    all.push(polled)
    if (polled.nextMillis >= 30_000) return all
    cursor = JSON.parse(JSON.stringify(polled.cursor))
    server.pass(polled.nextMillis)
  }
  throw new Error('It never came to an end.')
}
const idsOf = (all: readonly Polled[]): string[] => all.flatMap(({ found }) => found.map(({ id }) => id))
const sizeOf = ({ found }: Polled): number => found.reduce((sum, { body }) => sum + body.length, 0)

describe('a burst that takes longer than one asking may', () => {
  test.each([
    ['one after the other', (n: number) => at(n - 500)],
    ['all in one second, a while ago', () => at(-60)],
  ])('%s: what was finished is kept, and the next asking goes on behind it', async (_, when) => {
    const issues = Array.from({ length: 240 }, (_none, n) => issue(n + 1, when(n), { created_at: when(n) }))
    const server = github({ issues, takes: 400 })
    const all = await allOf(server, { since: at(-600) })
    expect(all.length).toBeGreaterThan(3)
    const ids = idsOf(all)
    expect(new Set(ids).size).toBe(240)
    expect(ids.length).toBeLessThan(260) // nothing is done again and again
    expect(all.map(({ lost, problem }) => lost ?? problem).filter(Boolean)).toEqual([])
  })

  test('all at this very moment: more may come with the same time, so they are looked at again', async () => {
    const issues = Array.from({ length: 240 }, (_none, n) => issue(n + 1, at(0), { created_at: at(0) }))
    const server = github({ issues, takes: 400 })
    const all = await allOf(server, { since: at(-600) })
    expect(new Set(idsOf(all)).size).toBe(240)
  })

  test('one that cannot be read holds up none that came before it, and is said once it is the next', async () => {
    const issues = [issue(1, at(-50), { created_at: at(-50) }), issue(2, at(-40)), issue(3, at(-30))]
    const { outside } = github({ issues })
    const failing: Outside = {
      now: outside.now,
      ask: (one) =>
        one.url.includes('/issues/2/')
          ? Promise.resolve({ status: 502, headers: {}, text: '{"message":"bad gateway"}' })
          : outside.ask(one),
    }
    const first = await ask(failing, { since: at(-600) })
    expect(idsOf([first])).toEqual(['poll issues.opened:acme/shop#1'])
    expect(first.cursor).toMatchObject({ since: at(-50), news: at(-600), done: ['acme/shop#1'] })
    const second = await ask(failing, first.cursor)
    expect(second.problem).toMatch(
      /^What happened to acme\/shop#2 could not be read \(GitHub answered 502: bad gateway\): the rest goes on without it, and it is read again at 2026-11-01 12:01:00 UTC\.$/,
    )
    const third = await ask(failing, second.cursor)
    expect(third.cursor).toMatchObject({ since: at(-40), aside: [{ name: 'acme/shop#2', news: at(-600), times: 1 }] })
    expect(third.problem).toContain('acme/shop#2')
  })

  describe('one that alone takes longer than an asking', () => {
    /** Questions below issue 2 are answered never, or within `takes` ms. */
    const hard = (takes: () => number | null, updated = at(-40)) => {
      const issues = [
        issue(1, at(-50), { created_at: at(-50) }),
        issue(2, updated, { created_at: at(-45) }),
        issue(3, at(-30), { created_at: at(-30) }),
      ]
      const server = github({
        issues,
        lists: {
          '/issues/2': issues[1],
          '/issues/2/comments': [{ id: 9, body: 'x', user, created_at: at(-41), updated_at: at(-41) }],
        },
      })
      const outside: Outside = {
        now: server.outside.now,
        async ask(one) {
          const millis = takes()
          if (!one.url.includes('/issues/2/')) return server.outside.ask(one)
          if (millis === null || millis > one.timeoutMillis!) {
            server.pass(one.timeoutMillis!)
            throw new NoWholeAnswer(`no answer within ${one.timeoutMillis} ms`)
          }
          server.pass(millis)
          return server.outside.ask(one)
        },
      }
      return { ...server, outside }
    }
    const follow = async (
      server: Pick<ReturnType<typeof github>, 'outside' | 'pass'>,
      askings: number,
      from: unknown,
    ) => {
      const all: Polled[] = []
      let cursor = from
      for (let n = 0; n < askings; n++) {
        const polled = await ask(server.outside, cursor)
        all.push(polled)
        cursor = JSON.parse(JSON.stringify(polled.cursor))
        server.pass(polled.nextMillis)
      }
      return { all, cursor }
    }
    const ofTwo = (ids: readonly string[]) => ids.filter((id) => id.includes('#2') || id.includes('comment:9'))

    test('is set aside, those behind it are told, and it is told whole once it can be read', async () => {
      let takes: number | null = null
      const server = hard(() => takes)
      const { all, cursor } = await follow(server, 4, { since: at(-600) })
      expect(idsOf(all)).toEqual(
        expect.arrayContaining(['poll issues.opened:acme/shop#1', 'poll issues.opened:acme/shop#3']),
      )
      expect(ofTwo(idsOf(all))).toEqual([])
      expect(all.at(-1)!.problem).toMatch(/What happened to acme\/shop#2 could not be read \(no answer within \d+ ms\)/)
      takes = 100
      const later = await follow(server, 8, cursor)
      expect(new Set(ofTwo(idsOf(later.all)))).toEqual(
        new Set(['poll issues.opened:acme/shop#2', 'poll issue_comment:9']),
      )
      expect(later.all.at(-1)!).toMatchObject({ problem: null, cursor: { aside: [] } })
      expect([...all, ...later.all].map(({ lost }) => lost).filter(Boolean)).toEqual([])
    })

    test('is told after two hours as far as it can be read, with what is left out, and is not tried for ever', async () => {
      const server = hard(() => null, at(-25)) // the newest, which lists show again and again
      const { all } = await follow(server, 400, { since: at(-600) })
      const told = all.findIndex(({ found }) => ofTwo(found.map(({ id }) => id)).length > 0)
      expect(told).toBeGreaterThan(50)
      expect(ofTwo(idsOf([all[told]!]))).toEqual(['poll issues.opened:acme/shop#2'])
      expect(all[told]!.lost).toMatch(
        /^The events of acme\/shop#2 could not be read \(no answer within \d+ ms\): they were left out\. The comments of acme\/shop#2 could not be read/,
      )
      expect(
        all
          .slice(told + 1)
          .map(({ lost, problem }) => lost ?? problem)
          .filter(Boolean),
      ).toEqual([])
      expect(all.at(-1)!.cursor).toMatchObject({ aside: [{ over: at(-25) }] })
    })

    test('and is not there any more when it is read again is said', async () => {
      const server = hard(() => null)
      const { cursor } = await follow(server, 3, { since: at(-600) })
      server.pass(60_000)
      const gone: Outside = {
        now: server.outside.now,
        ask: (one) =>
          one.url.endsWith('/issues/2')
            ? Promise.resolve({ status: 410, headers: {}, text: '{"message":"This issue was deleted"}' })
            : server.outside.ask(one),
      }
      const polled = await ask(gone, cursor)
      expect(polled.lost).toBe(
        'What happened to acme/shop#2 could not be read (GitHub answered 410: This issue was deleted): it was left out.',
      )
    })
  })

  test('twenty that cannot be read are set aside at most: then the asking fails and nothing is given up', async () => {
    const issues = Array.from({ length: 25 }, (_none, n) => issue(n + 1, at(n - 100)))
    const { outside } = github({ issues })
    const failing: Outside = {
      now: outside.now,
      ask: (one) =>
        /\/issues\/\d+\//.test(one.url) ? Promise.resolve({ status: 500, headers: {}, text: '{}' }) : outside.ask(one),
    }
    let cursor: unknown = { since: at(-600) }
    for (let n = 0; n < 20; n++) ({ cursor } = await ask(failing, cursor))
    expect((cursor as { aside: object[] }).aside).toHaveLength(20)
    await expect(ask(failing, cursor)).rejects.toThrow('500')
  })

  test('what is beside, and cannot be asked, holds up no issue that was told', async () => {
    const { outside } = github({ issues: [issue(1, at(-50), { created_at: at(-50) })] })
    const failing: Outside = {
      now: outside.now,
      ask: (one) => (one.url.includes('/activity') ? Promise.reject(new NoWholeAnswer('no answer')) : outside.ask(one)),
    }
    const first = await ask(failing, { since: at(-600) })
    expect(idsOf([first])).toEqual(['poll issues.opened:acme/shop#1'])
    expect(first.problem).toBe('The rest of it waits: no answer.')
  })

  test('pushes of one moment are told until there is no more of them', async () => {
    const sha = (n: number): string => n.toString(16).padStart(40, '0')
    const activity = Array.from({ length: 50 }, (_none, n) => ({
      id: n,
      before: sha(n),
      after: sha(n + 1),
      ref: 'refs/heads/main',
      timestamp: at(-60),
      activity_type: 'push',
      actor: user,
    }))
    const server = github({ lists: { '/activity': activity } })
    let cursor: unknown = { since: at(-600) }
    const ids = new Set<string>()
    for (let n = 0; n < 3; n++) {
      const polled = await ask(server.outside, cursor)
      for (const id of idsOf([polled])) ids.add(id)
      ;({ cursor } = polled)
    }
    expect(ids.size).toBe(50)
  })
})

describe('a server that answers with too much', () => {
  test('of the repository goes no more with each event than is read', async () => {
    const issues = Array.from({ length: 500 }, (_none, n) =>
      issue(n + 1, at(-60), { created_at: at(-60), comments: 0 }),
    )
    const polled = await ask(github({ repository: { x: 'x'.repeat(7_000_000) }, issues }).outside, { since: at(-600) })
    expect(polled.found).toHaveLength(500)
    expect(sizeOf(polled)).toBeLessThan(1_000_000)
  })

  test('things that are long are taken as far as there is room, and the next asking goes on', async () => {
    const body = 'x'.repeat(1_000_000)
    const issues = Array.from({ length: 50 }, (_none, n) =>
      issue(n + 1, at(n - 500), { created_at: at(n - 500), body }),
    )
    const all = await allOf(github({ issues }), { since: at(-600) })
    expect(new Set(idsOf(all)).size).toBe(50)
    expect(Math.max(...all.map(sizeOf))).toBeLessThanOrEqual(32 * 1_048_576)
  })

  test('an event longer than a webhook may be is left out, and so is what one thing has beyond all bounds; both are said', async () => {
    const event = (id: number) => ({
      id,
      event: 'labeled',
      created_at: at(-60),
      actor: user,
      label: { name: `l${id}` },
    })
    const issues = [
      issue(1, at(-61), { created_at: at(-61), body: 'x'.repeat(6_000_000) }),
      issue(2, at(-60), { body: 'y'.repeat(4_000_000) }),
    ]
    const many = Array.from({ length: 20 }, (_none, n) => event(n + 1))
    const server = github({ issues, lists: { '/issues/2/events': many } })
    const all = await allOf(server, { since: at(-600) })
    expect(Math.max(...all.map(sizeOf))).toBeLessThanOrEqual(32 * 1_048_576)
    const lost = all.map((one) => one.lost ?? '').join(' ')
    expect(lost).toContain('Of acme/shop#1 1 event is longer than 5 MB and left out.')
    expect(lost).toContain('Of acme/shop#2 13 events are left out: they are longer than 32 MB in all.')
  })

  test('lists without an end are followed so far and no further', async () => {
    const { outside } = github({ issues: [issue(1, at(-60))] })
    let pages = 0
    const endless: Outside = {
      now: outside.now,
      async ask(one) {
        if (!one.url.includes('/issues/1/comments')) return outside.ask(one)
        pages++
        const headers = {
          link: `<https://github.acme.dev/api/v3/repos/acme/shop/issues/1/comments?page=${pages + 1}>; rel="next"`,
        }
        return { status: 200, headers, text: '[{}]' }
      },
    }
    const { lost } = await ask(endless, { since: at(-600) })
    expect([pages, lost]).toEqual([30, 'acme/shop#1 has more comments than are looked at: some were left out.'])
  })
})

describe('names', () => {
  test('pushes to a branch with a long name are as many as there are', async () => {
    const sha = (letter: string): string => letter.repeat(40)
    const activity = ['12', '23', '34'].map(([before, after], n) => ({
      id: n,
      before: sha(before!),
      after: sha(after!),
      ref: `refs/heads/feature/${'a'.repeat(200)}${n}`,
      timestamp: at(n - 60),
      activity_type: 'push',
      actor: user,
    }))
    const { found } = await ask(github({ lists: { '/activity': activity } }).outside, { since: at(-600) })
    expect(new Set(found.map(({ id }) => id)).size).toBe(3)
    const said = found.map(({ headers, body }) => read({ headers, body: Buffer.from(body), part: null }, connection))
    expect(new Set(said.map((one) => ('said' in one ? one.said.id : one))).size).toBe(3)
    expect(found.every(({ id }) => id.length <= 190)).toBe(true)
  })
})

describe('times that are wrong', () => {
  test('a change in the future makes nothing deaf, and is said', async () => {
    const lists = {
      '/activity': [
        {
          id: 1,
          before: 'a'.repeat(40),
          after: 'b'.repeat(40),
          ref: 'refs/heads/x',
          timestamp: '2999-01-01T00:00:00Z',
          activity_type: 'push',
          actor: user,
        },
      ],
    }
    const server = github({ issues: [issue(1, '2999-01-01T00:00:00.000Z', { created_at: at(-60) })], lists })
    const polled = await ask(server.outside, { since: at(-600) })
    expect(polled.found.map(({ id }) => id)).toContain('poll issues.opened:acme/shop#1')
    expect(polled.problem).toBe(
      'acme/shop#1 (2999-01-01 00:00:00 UTC) is said to have changed in the future, which is not believed.',
    )
    const { since, beside } = polled.cursor as { since: string; beside: Record<string, { mark: string }> }
    expect(Date.parse(since)).toBeLessThanOrEqual(start)
    expect(Date.parse(beside['pushes']!.mark)).toBeLessThanOrEqual(start)
  })

  test.each([
    ['1970', 'Fri, 02 Jan 1970 00:00:00 GMT', at(0), /The server says that it is 1970-01-02 00:00:00 UTC/],
    ['ten minutes ahead of us', 'Sun, 01 Nov 2026 12:10:00 GMT', at(600), null],
  ])('a server whose clock is in %s', async (_, date, since, problem) => {
    const first = await ask(github({ date }).outside, null)
    expect(first.cursor).toMatchObject({ since })
    if (problem === null) expect(first.problem).toBeNull()
    else expect(first.problem).toMatch(problem)
  })
})
