/** Asking goes on, however much happened to one thing in GitLab since the last time: by our own emulator, with long lists before it. */
import { expect, test } from 'vitest'
import { bounded } from '@viewportai/core/tools/bounded'
import { openOutside } from '../outside.ts'
import { NoWholeAnswer, type Outside } from '@viewportai/core/tools/outside'
import type { Connection } from '../port.ts'
import { poll } from './poll.ts'
import { saidIn } from '../testing/contract.ts'
import { gitlab } from './tool.ts'
import { emulatedGitLab, tokens } from './testing/emulated.ts'

const lab = await emulatedGitLab()
const near = openOutside(['127.0.0.1'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'gitlab',
  settings: { base: lab.url, projects: 'acme/shop' },
  secrets: { token: tokens.us },
  account: { id: '1', name: 'viewport' },
}
const start = Date.now() - 600_000
const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString()
const sam = { id: 2, username: 'sam', name: 'Sam' }

/** One list in pages of a hundred, with the headers that GitLab gives; everything else from the emulator. */
const withList = (path: string, rows: readonly object[]): Outside => ({
  now: Date.now,
  async ask(one) {
    const url = new URL(one.url)
    if (!url.pathname.endsWith(path)) return near.ask(one)
    const page = Number(url.searchParams.get('page') ?? 1)
    const pages = Math.ceil(rows.length / 100)
    const headers: Record<string, string> = {
      'x-total-pages': String(pages),
      'x-next-page': page < pages ? String(page + 1) : '',
    }
    return { status: 200, headers, text: JSON.stringify(rows.slice((page - 1) * 100, page * 100)) }
  },
})
const label = (n: number, seconds: number) => ({
  id: n,
  user: sam,
  created_at: at(seconds),
  action: 'add',
  label: { name: `l${n}` },
})
const issue = await lab.issue({ title: 'Busy' })
const labels = (found: readonly { readonly body: string }[]): string[] =>
  found.flatMap(({ body }) =>
    (JSON.parse(body).changes?.labels?.current ?? []).map((one: { title: string }) => one.title),
  )

test('what happened is told whole, also where the last page of its list begins in the middle of it', async () => {
  const rows = Array.from({ length: 301 }, (_none, n) => label(n, n < 290 ? n - 9_000 : n))
  const { found, lost } = await poll.ask(
    connection,
    'acme/shop',
    { since: at(0) },
    withList(`/issues/${issue.iid}/resource_label_events`, rows),
  )
  expect(labels(found)).toEqual(Array.from({ length: 11 }, (_none, n) => `l${290 + n}`))
  expect(lost).toBeNull()
})

test('where more happened than is looked at, it is said', async () => {
  const rows = Array.from({ length: 1_201 }, (_none, n) => label(n, n / 10))
  const many = await poll.ask(
    connection,
    'acme/shop',
    { since: at(0) },
    withList(`/issues/${issue.iid}/resource_label_events`, rows),
  )
  expect(many.lost).toBe(`acme/shop#${issue.iid} has more labels than are looked at: some were left out.`)
  const notes = Array.from({ length: 1_100 }, (_none, n) => ({
    id: n,
    body: 'x',
    author: sam,
    created_at: at(500 - n / 10),
    updated_at: at(500),
    system: false,
  }))
  const said = await poll.ask(connection, 'acme/shop', { since: at(0) }, withList(`/issues/${issue.iid}/notes`, notes))
  expect(said.lost).toBe(`acme/shop#${issue.iid} has more notes than are looked at: some were left out.`)
})

/** GitLab with these issues alone; each answer takes so long (ms) by its clock. */
const slowly = (issues: readonly { updated_at: string }[], takes: number): Outside => {
  let clock = Date.now()
  return {
    now: () => clock,
    async ask({ url }) {
      clock += takes
      const { pathname, searchParams } = new URL(url)
      const give = (body: unknown, headers: Record<string, string> = {}) => ({
        status: 200,
        headers,
        text: JSON.stringify(body),
      })
      if (/\/projects\/[^/]+$/.test(pathname))
        return give({ id: 15, path_with_namespace: 'acme/shop', web_url: lab.shop.web_url })
      if (!pathname.endsWith('/15/issues')) return give([])
      const there = issues.filter((one) => one.updated_at >= searchParams.get('updated_after')!)
      const page = Number(searchParams.get('page'))
      return give(there.slice((page - 1) * 100, page * 100), {
        'x-next-page': page * 100 < there.length ? String(page + 1) : '',
      })
    },
  }
}
const changed = (iid: number, when: string, updated = when) => ({
  id: iid,
  iid,
  title: 'x',
  description: '',
  state: 'opened',
  created_at: when,
  updated_at: updated,
  author: sam,
  labels: [],
  assignees: [],
  web_url: `${lab.shop.web_url}/-/issues/${iid}`,
})

test.each([
  ['one after the other', (n: number) => at(n)],
  ['all at one moment', () => at(30)],
])('a burst that takes longer than one asking may, %s: it goes on behind what was finished', async (_, when) => {
  const server = slowly(
    Array.from({ length: 240 }, (_none, n) => changed(n + 1, when(n))),
    400,
  )
  const ids: string[] = []
  let cursor: unknown = { since: at(0) }
  let askings = 0
  for (let isMore = true; isMore; askings++) {
    const polled = await poll.ask(connection, 'acme/shop', cursor, bounded(server, 60_000))
    ids.push(...polled.found.map(({ id }) => id))
    cursor = JSON.parse(JSON.stringify(polled.cursor))
    isMore = polled.nextMillis < 30_000
  }
  expect(askings).toBeGreaterThan(2)
  expect(new Set(ids).size).toBe(240)
  expect(ids.length).toBeLessThan(260)
})

test('one that alone takes longer than an asking is set aside, those behind it are told, and it is told once it can be read', async () => {
  const issues = [changed(1, at(10)), changed(2, at(20)), changed(3, at(30))]
  let isHard = true
  let ahead = 0
  const server = slowly(issues, 100)
  const outside: Outside = {
    now: () => server.now() + ahead,
    async ask(one) {
      if (isHard && one.url.includes('/issues/2/')) {
        ahead += one.timeoutMillis!
        throw new NoWholeAnswer(`no answer within ${one.timeoutMillis} ms`)
      }
      if (/\/issues\/2$/.test(one.url)) return { status: 200, headers: {}, text: JSON.stringify(issues[1]) }
      return server.ask(one)
    },
  }
  let cursor: unknown = { since: at(0) }
  const follow = async (askings: number) => {
    const all = []
    for (let n = 0; n < askings; n++) {
      const polled = await poll.ask(connection, 'acme/shop', cursor, bounded(outside, 60_000))
      cursor = JSON.parse(JSON.stringify(polled.cursor))
      ahead += polled.nextMillis
      all.push(polled)
    }
    return { ids: all.flatMap(({ found }) => found.map(({ id }) => id)), last: all.at(-1)! }
  }
  const { ids, last } = await follow(4)
  expect(new Set(ids)).toEqual(new Set(['poll opened 15#1', 'poll opened 15#3']))
  expect(last.problem).toMatch(/^What happened to acme\/shop#2 could not be read \(no answer within \d+ ms\): the rest/)
  isHard = false
  const later = await follow(8)
  expect(later.ids).toContain('poll opened 15#2')
  expect(later.last).toMatchObject({ problem: null, lost: null, cursor: { aside: [] } })
})

test.each([
  ['labels', 'resource_label_events', 'labels'],
  ['changes of its state', 'resource_state_events', 'changes of its state'],
  ['notes', 'notes', 'notes'],
])(
  'one whose %s can never be read is told after two hours without them, and what is left out is said',
  async (_what, list, called) => {
    const issues = [changed(1, at(10)), changed(2, at(20))]
    const server = slowly(issues, 100)
    let ahead = 0
    const waited: number[] = []
    const outside: Outside = {
      now: () => server.now() + ahead,
      async ask(one) {
        const { pathname } = new URL(one.url)
        if (pathname.endsWith(`/issues/2/${list}`)) {
          ahead += one.timeoutMillis!
          waited.push(one.timeoutMillis!)
          throw new NoWholeAnswer(`no answer within ${one.timeoutMillis} ms`)
        }
        if (pathname.endsWith('/issues/2')) return { status: 200, headers: {}, text: JSON.stringify(issues[1]) }
        return server.ask(one)
      },
    }
    let cursor: unknown = { since: at(0) }
    const before = outside.now()
    const told: { ids: string[]; lost: string | null; after: number }[] = []
    for (let askings = 0; askings < 400; askings++) {
      const polled = await poll.ask(connection, 'acme/shop', cursor, bounded(outside, 60_000))
      cursor = JSON.parse(JSON.stringify(polled.cursor))
      ahead += polled.nextMillis
      const lost = polled.lost ?? null
      if (polled.found.length > 0 || lost !== null)
        told.push({ ids: polled.found.map(({ id }) => id), lost, after: outside.now() - before })
    }
    expect(told).toEqual([
      { ids: ['poll opened 15#1'], lost: null, after: expect.any(Number) },
      {
        ids: ['poll opened 15#2'],
        lost: expect.stringMatching(
          new RegExp(
            `^The ${called} of acme/shop#2 could not be read \\(no answer within \\d+ ms\\): they were left out\\.$`,
          ),
        ),
        after: expect.any(Number),
      },
    ])
    expect(told[1]!.after).toBeGreaterThan(7_200_000)
    // A part has half of what the whole had: the others are to be read in the same asking.
    expect([Math.min(...waited.slice(0, -1)), waited.at(-1)]).toEqual([20_000, 10_000])
  },
)

/** GitLab with these lists of what changed, page after page; null: that kind is switched off. */
const lists = (of: Readonly<Record<string, readonly object[] | null>>): Outside => ({
  now: Date.now,
  async ask({ url }) {
    const { pathname, searchParams } = new URL(url)
    const give = (body: unknown, headers: Record<string, string> = {}, status = 200) => ({
      status,
      headers,
      text: JSON.stringify(body),
    })
    if (/\/projects\/[^/]+$/.test(pathname))
      return give({ id: 15, path_with_namespace: 'acme/shop', web_url: lab.shop.web_url })
    const kind = /\/15\/(\w+)$/.exec(pathname)?.[1]
    const all = kind === undefined ? [] : of[kind]
    if (all === null) return give({ message: '403 Forbidden' }, {}, 403)
    const page = Number(searchParams.get('page'))
    return give(all?.slice((page - 1) * 100, page * 100) ?? [], {
      'x-next-page': page * 100 < (all?.length ?? 0) ? String(page + 1) : '',
    })
  },
})

test('where merge requests or pipelines are switched off, issues are told all the same', async () => {
  const off = lists({ issues: [changed(1, at(10))], merge_requests: null, pipelines: null })
  const { found, problem } = await poll.ask(connection, 'acme/shop', { since: at(0) }, off)
  expect([found.map(({ id }) => id), problem]).toEqual([['poll opened 15#1'], null])
})

test('more than is listed at once: the next asking goes on where the first of the lists stopped', async () => {
  const many = (kind: number, seconds: number) =>
    Array.from({ length: 700 }, (_none, n) => ({
      ...changed(n + 1, at(-9_000), at(seconds + (n * 100) / 700)),
      id: kind + n,
      source_branch: 'x',
      target_branch: 'y',
    }))
  const [issues, merges] = [many(0, 0), many(10_000, 200)]
  const { cursor } = await poll.ask(
    connection,
    'acme/shop',
    { since: at(0) },
    lists({ issues, merge_requests: merges }),
  )
  // Of each list five hundred are seen: the last of the issues is of before the first merge request.
  expect((cursor as { since: string }).since).toBe(issues[499]!.updated_at)
})

test('a change in the future makes nothing deaf, and is said', async () => {
  const server = slowly([changed(1, at(1), '2999-01-01T00:00:00.000Z')], 0)
  const { found, cursor, problem } = await poll.ask(connection, 'acme/shop', { since: at(0) }, server)
  expect(found).toHaveLength(1)
  expect(Date.parse((cursor as { since: string }).since)).toBeLessThanOrEqual(server.now())
  expect(problem).toMatch(/^acme\/shop#1 \(2999-.*which is not believed\.$/)
})

test("a failed pipeline for a merge request is about its branch, and one from a fork holds an outsider's code, labelled or not", async () => {
  const said = async (more: object, made = 'head') => {
    const mr = await lab.mr({ labels: ['urgent'], source_branch: 'topic', ...more })
    const { id } = await lab.pipeline({ ref: `refs/merge-requests/${mr.iid}/${made}`, source: 'merge_request_event' })
    const { found } = await poll.ask(connection, 'acme/shop', { since: at(0) }, near)
    const one = found.find((delivery) => delivery.id.startsWith(`poll pipeline ${id} `))!
    const told = saidIn(gitlab.read({ headers: {}, body: Buffer.from(one.body), part: 'failed' }, connection))
    return [told.fields['branch'], told.authors.map(({ id: author }) => author), told.text]
  }
  expect(await said({})).toEqual(['topic', [], expect.stringContaining('(topic into main)')])
  expect(await said({}, 'merge')).toEqual(['topic', [], expect.stringContaining('a commit that GitLab made')])
  expect(await said({ source_project_id: 99 })).toEqual([
    expect.stringMatching(/^refs\/merge-requests\/\d+\/head$/),
    ['fork'],
    expect.stringContaining('(topic into main)'),
  ])
})
