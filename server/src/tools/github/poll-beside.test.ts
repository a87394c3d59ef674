/** What is found beside issues and pull requests, in the form of GitHub's public documentation, and that it is the same event as its webhook. */
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import type { Asked, Outside } from '@viewportai/core/tools/outside'
import { openOutside } from '../outside.ts'
import type { Connection, Polled } from '../port.ts'
import { saidIn } from '../testing/contract.ts'
import { poll } from './poll.ts'
import { emulatedGitHub, tokens } from './testing/emulated.ts'
import { github } from './tool.ts'

const hub = await emulatedGitHub()
const near = openOutside(['localhost'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'github',
  settings: { base: hub.url, repos: 'acme/shop' },
  secrets: { token: tokens.us },
  account: { id: hub.ids.us, name: 'viewport-acme' },
}
const known = { id: 'con_1', name: 'github', settings: { base: 'https://api.github.com' }, account: null }
const published = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
  name: string
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
  examples: any[]
}[]
const at = (seconds: number): string => new Date(Date.parse('2026-11-02T09:00:00Z') + seconds * 1_000).toISOString()
const kim = { id: 583_231, login: 'kim', type: 'User' }
const sha = (letter: string): string => letter.repeat(40)

/** Lists that the counterpart does not have, and everything else from it. `asked`: paths with their questions. */
const front = (lists: Record<string, unknown>, status: Record<string, number> = {}) => {
  const asked: string[] = []
  const outside: Outside = {
    now: Date.now,
    async ask(one: Asked) {
      const { pathname, search } = new URL(one.url)
      const path = pathname.slice(pathname.indexOf('/repos/acme/shop') + '/repos/acme/shop'.length)
      asked.push(path + search)
      const key = Object.keys(lists).find((name) => path === name || (path + search).startsWith(name))
      if (key === undefined) return near.ask(one)
      const { part, next } = pageOf(lists[key], new URL(one.url))
      const text = JSON.stringify(part)
      const etag = `"${text.length}"`
      if (status[key] !== undefined)
        return { status: status[key], headers: {}, text: '{"message":"Resource not accessible"}' }
      return one.headers?.['if-none-match'] === etag
        ? { status: 304, headers: { etag }, text: '' }
        : { status: 200, headers: { etag, ...(next === null ? {} : { link: `<${next}>; rel="next"` }) }, text }
    },
  }
  return { outside, asked }
}
/** A hundred of a list, or of the one list in an object, and the address of the next hundred, in the form of GitHub's. */
const pageOf = (whole: unknown, url: URL): { part: unknown; next: string | null } => {
  const page = Number(url.searchParams.get('page') ?? 1)
  const cut = (all: unknown[]): unknown[] => all.slice((page - 1) * 100, page * 100)
  const name = Array.isArray(whole) ? null : Object.keys(whole as object).find((one) => one.endsWith('_runs'))
  const all = (name === null ? whole : (whole as Record<string, unknown>)[name!]) as unknown[] | undefined
  if (!Array.isArray(all) || name === undefined) return { part: whole, next: null }
  url.searchParams.set('page', String(page + 1))
  return {
    part: name === null ? cut(all) : { ...(whole as object), [name]: cut(all) },
    next: all.length > page * 100 ? url.href : null,
  }
}
const cursor = { since: at(0), etags: {}, beside: {} }
const read = (found: Polled['found']) =>
  found.map(({ headers, body }) => saidIn(github.read({ headers, body: Buffer.from(body), part: null }, known)))
const beside = (found: Polled['found']) =>
  found.filter(({ headers }) => ['workflow_run', 'release', 'push'].includes(headers['x-github-event']!))

const run = (id: number, conclusion: string, seconds: number, attempt = 1) => ({
  id,
  name: 'CI',
  run_attempt: attempt,
  status: 'completed',
  conclusion,
  head_branch: 'main',
  head_sha: sha('b'),
  html_url: `https://github.com/acme/shop/actions/runs/${id}`,
  created_at: at(seconds - 60),
  updated_at: at(seconds),
  actor: kim,
  triggering_actor: kim,
  head_repository: { id: 1 },
})

test('failed runs are told once, with who set them off; those that passed and those from before are not', async () => {
  const runs = [run(1, 'success', 5), run(2, 'failure', 10), run(3, 'timed_out', 40, 2), run(4, 'failure', -600)]
  const { outside } = front({ '/actions/runs': { total_count: 4, workflow_runs: runs } })
  const first = await poll.ask(connection, 'acme/shop', cursor, outside)
  const failed = beside(first.found)
  expect(failed.map(({ id }) => id)).toEqual(['poll workflow_run:2:1', 'poll workflow_run:3:2'])
  expect(
    read(failed).map(({ event, actor, fields }) => [event, actor.id, fields['check'], fields['conclusion']]),
  ).toEqual([
    ['check_failed', '583231', 'CI', 'failure'],
    ['check_failed', '583231', 'CI', 'timed_out'],
  ])
  const second = await poll.ask(connection, 'acme/shop', first.cursor, outside)
  expect(beside(second.found)).toEqual([])
  // A new one changes the list: what stands within ten seconds of the mark is told again, under the same name.
  const later = front({ '/actions/runs': { total_count: 5, workflow_runs: [run(5, 'failure', 600), ...runs] } })
  const third = await poll.ask(connection, 'acme/shop', second.cursor, later.outside)
  expect(beside(third.found).map(({ id }) => id)).toEqual(['poll workflow_run:3:2', 'poll workflow_run:5:1'])
})

const listened = new Set(['check_failed'])
const check = (id: number, conclusion: string, seconds: number, slug = 'codescan') => ({
  id,
  name: `check ${id}`,
  status: 'completed',
  conclusion,
  head_sha: sha('c'),
  html_url: `https://github.com/acme/shop/runs/${id}`,
  completed_at: at(seconds),
  app: { id: 9, slug, name: 'Code Scan' },
  check_suite: { id: 3 },
})
const status = (id: number, state: string, seconds: number) => ({
  id,
  url: `https://api.github.com/repos/acme/shop/statuses/${sha('c')}`,
  state,
  context: 'ci/old',
  description: 'no',
  target_url: 'https://ci.dev/1',
  created_at: at(seconds),
  updated_at: at(seconds),
  creator: kim,
})

test('checks of other Apps and statuses at the default branch are told where somebody listens, each as its webhook', async () => {
  const check_runs = [
    check(1, 'success', 5),
    check(2, 'failure', 20),
    check(3, 'failure', 20, 'github-actions'),
    check(4, 'failure', -900),
  ]
  const lists = {
    '/commits/main/check-runs': { total_count: 4, check_runs },
    '/commits/main/statuses': [status(8, 'failure', 30), status(7, 'success', 10)],
  }
  const { outside, asked } = front(lists)
  const bot = { id: 77, login: 'codescan[bot]', type: 'Bot' }
  const withBot: Outside = {
    now: Date.now,
    ask: async (one) =>
      one.url.endsWith(`/users/${encodeURIComponent('codescan[bot]')}`)
        ? { status: 200, headers: {}, text: JSON.stringify(bot) }
        : outside.ask(one),
  }
  const { found, cursor: next } = await poll.ask(connection, 'acme/shop', cursor, withBot, listened)
  const checks = found.filter(({ headers }) => ['check_run', 'status'].includes(headers['x-github-event']!))
  expect(
    read(checks).map(({ event, actor, fields, id }) => [
      event,
      actor.id,
      actor.standing,
      fields['check'],
      fields['branch'],
      id.split(':').slice(2).join(':'),
    ]),
  ).toEqual([
    ['check_failed', '77', 'bot', 'check 2', 'main', 'check_run:2'],
    ['check_failed', '583231', 'unknown', 'ci/old', 'main', 'status:8'],
  ])
  const { repository } = JSON.parse(checks[0]!.body)
  const hook = (kind: string, payload: object) =>
    saidIn(
      github.read(
        {
          headers: { 'x-github-event': kind },
          body: Buffer.from(JSON.stringify({ repository, ...payload })),
          part: null,
        },
        known,
      ),
    ).id
  expect(read(checks).map(({ id }) => id)).toEqual([
    hook('check_run', { action: 'completed', check_run: check(2, 'failure', 20), sender: bot }),
    hook('status', { ...status(8, 'failure', 30), sha: sha('c'), sender: kim }),
  ])
  // What did not change costs a question with a tag, and nobody is told again.
  const again = await poll.ask(connection, 'acme/shop', next, withBot, listened)
  expect(
    beside(again.found).length + again.found.filter(({ headers }) => headers['x-github-event'] === 'check_run').length,
  ).toBe(0)
  const before = asked.length
  await poll.ask(connection, 'acme/shop', cursor, outside)
  expect(asked.slice(before).filter((path) => path.includes('/commits/main/'))).toEqual([])
})

describe('it is the same event as its webhook', () => {
  const webhook = (name: string, which: (one: never) => boolean) =>
    structuredClone(published.find((one) => one.name === name)!.examples.find(which as never))
  const ids = (kind: string, payload: object) =>
    saidIn(
      github.read(
        {
          headers: { 'x-github-event': kind, 'x-github-delivery': 'd1' },
          body: Buffer.from(JSON.stringify(payload)),
          part: null,
        },
        known,
      ),
    ).id
  test('a failed run', async () => {
    const told = webhook('workflow_run', (one: { action: string }) => one.action === 'completed')
    told.workflow_run = { ...told.workflow_run, conclusion: 'failure', updated_at: at(10) }
    const { outside } = front({ '/actions/runs': { workflow_runs: [told.workflow_run] } })
    const { found } = await poll.ask(connection, 'acme/shop', cursor, outside)
    const repository = JSON.parse(beside(found)[0]!.body).repository
    expect(read(beside(found))[0]!.id).toBe(ids('workflow_run', { ...told, repository }))
  })
  test('a release', async () => {
    const told = webhook('release', (one: { action: string }) => one.action === 'published')
    told.release = { ...told.release, draft: false, published_at: at(10) }
    const { outside } = front({
      '/releases': [told.release, { ...told.release, id: 9, draft: true, published_at: null }],
    })
    const { found } = await poll.ask(connection, 'acme/shop', cursor, outside)
    expect(beside(found)).toHaveLength(1)
    const repository = JSON.parse(beside(found)[0]!.body).repository
    expect(read(beside(found))[0]!.id).toBe(ids('release', { ...told, repository }))
  })
  test('a push, and the pull request that it moved; another that moved on since is told by its own push', async () => {
    const activity = {
      id: 1,
      ref: 'refs/heads/retry-once',
      before: sha('a'),
      after: sha('b'),
      timestamp: at(10),
      activity_type: 'push',
      actor: kim,
    }
    const made = { ...activity, id: 2, ref: 'refs/heads/new', activity_type: 'branch_creation', before: sha('0') }
    const branch = 'retry-once'
    await hub.branch(branch)
    const pull = await hub.ask(
      'POST',
      '/repos/acme/shop/pulls',
      { title: 'x', head: branch, base: 'main', body: '' },
      tokens.sam,
    )
    const moved = { ...pull, head: { ...pull.head, sha: sha('b') } }
    const compared = {
      html_url: 'https://github.com/acme/shop/compare/a...b',
      commits: [
        { sha: sha('b'), commit: { message: 'Retry once', author: { name: 'Kim', date: at(5) } }, author: kim },
      ],
      files: [{ filename: 'src/charge.js', status: 'modified' }],
    }
    const { outside, asked } = front({
      '/activity': [activity, made],
      '/compare/': compared,
      '/pulls?state=open': [moved, { ...moved, number: 99, head: { ...moved.head, sha: sha('c') } }],
    })
    const { found } = await poll.ask(connection, 'acme/shop', cursor, outside)
    expect(asked).toContain(`/compare/${sha('a')}...${sha('b')}?per_page=100`)
    const [push] = read(beside(found))
    expect(push).toMatchObject({
      event: 'push',
      actor: { id: '583231' },
      fields: { branch, paths: ['src/charge.js'], forced: false },
      text: 'Retry once',
    })
    const { repository } = JSON.parse(beside(found)[0]!.body)
    expect(beside(found)).toHaveLength(1)
    const push_ = {
      ref: activity.ref,
      before: activity.before,
      after: activity.after,
      repository,
      sender: kim,
      commits: [],
    }
    expect(push!.id).toBe(ids('push', push_))
    const synchronized = found.filter(({ body }) => JSON.parse(body).action === 'synchronize')
    expect(synchronized).toHaveLength(1)
    expect(read(synchronized)[0]).toMatchObject({ event: 'pr_updated', actor: { id: '583231' } })
    const hook = { action: 'synchronize', number: pull.number, pull_request: moved, repository, sender: kim }
    expect(read(synchronized)[0]!.id).toBe(ids('pull_request', hook))
  })
  test('a review, and a comment on lines', async () => {
    const since = { ...cursor, since: new Date(Date.now() - 60_000).toISOString() }
    const branch = 'reviewed'
    await hub.branch(branch)
    const pulls = '/repos/acme/shop/pulls'
    const pull = await hub.ask('POST', pulls, { title: 'y', head: branch, base: 'main', body: '' }, tokens.sam)
    const comments = [{ path: 'src/price.js', position: 1, body: 'Here.' }]
    const said = { event: 'REQUEST_CHANGES', body: 'Please round up.', comments }
    const review = await hub.ask('POST', `${pulls}/${pull.number}/reviews`, said, tokens.sam)
    const [onLine] = await hub.ask('GET', `${pulls}/${pull.number}/comments`)
    const { found } = await poll.ask(connection, 'acme/shop', since, near)
    const of = (kind: string) => found.filter(({ headers }) => headers['x-github-event'] === kind)
    const [one] = read(of('pull_request_review'))
    expect(one).toMatchObject({ event: 'review_submitted', fields: { review: 'changes_requested' } })
    const { repository } = JSON.parse(of('pull_request_review')[0]!.body)
    const hook = { action: 'submitted', review, pull_request: pull, repository, sender: review.user }
    expect(one!.id).toBe(ids('pull_request_review', hook))
    const [line] = read(of('pull_request_review_comment'))
    expect(line).toMatchObject({ event: 'pr_comment', text: expect.stringContaining('Here.') })
    const told = {
      action: 'created',
      comment: { ...onLine, diff_hunk: '@@' },
      pull_request: pull,
      repository,
      sender: onLine.user,
    }
    expect(line!.id).toBe(ids('pull_request_review_comment', told))
  })
})

test('more pushes than are asked about at once: the rest comes with the next asking', async () => {
  const pushes = Array.from({ length: 27 }, (_none, n) => ({
    id: n,
    ref: `refs/heads/b${n}`,
    before: sha('a'),
    after: n.toString(16).padStart(40, 'b'),
    timestamp: at(n * 30),
    activity_type: 'push',
    actor: kim,
  }))
  const lists = { '/activity': pushes.toReversed(), '/compare/': { commits: [], files: [] }, '/pulls?state=open': [] }
  const { outside } = front(lists)
  const first = await poll.ask(connection, 'acme/shop', cursor, outside)
  const second = await poll.ask(connection, 'acme/shop', first.cursor, outside)
  const all = [...beside(first.found), ...beside(second.found)].map(({ id }) => id)
  expect(beside(first.found)).toHaveLength(20)
  expect(new Set(all).size).toBe(27)
})

const pushed = (n: number, seconds: number) => ({
  id: n,
  ref: `refs/heads/b${n}`,
  before: sha('a'),
  after: n.toString(16).padStart(40, 'b'),
  timestamp: at(seconds),
  activity_type: 'push',
  actor: kim,
})

test('more pushes than one page holds between two looks: none is lost', async () => {
  const pushes = Array.from({ length: 130 }, (_none, n) => pushed(n, 30 + n * 30))
  const old = Array.from({ length: 300 }, (_none, n) => pushed(1_000 + n, -3_600 - n))
  const lists = {
    '/activity': [...pushes.toReversed(), ...old],
    '/compare/': { commits: [], files: [] },
    '/pulls?state=open': [],
  }
  const { outside, asked } = front(lists)
  const told: string[] = []
  let place: unknown = cursor
  for (let n = 0; n < 7; n++) {
    const { found, cursor: next, lost } = await poll.ask(connection, 'acme/shop', place, outside)
    expect(lost).toBeNull()
    told.push(...beside(found).map(({ id }) => id))
    place = next
  }
  expect(told[0]).toContain('b0:')
  expect(new Set(told).size).toBe(130)
  // What was told before is not asked for: the page that reaches it is the last one.
  expect(asked.filter((path) => path.includes('/activity') && path.includes('page=3'))).toEqual([])
})

test('runs behind a hundred newer ones are found; what began long ago and ended just now, too', async () => {
  const passed = Array.from({ length: 150 }, (_none, n) => run(1_000 - n, 'success', 400 - n))
  const behind = { ...run(7, 'failure', 90), created_at: at(-1_800) }
  const { outside } = front({
    '/actions/runs': { total_count: 152, workflow_runs: [...passed, behind, run(6, 'failure', -9_000)] },
  })
  const { found, lost } = await poll.ask(connection, 'acme/shop', cursor, outside)
  expect(beside(found).map(({ id }) => id)).toEqual(['poll workflow_run:7:1'])
  expect(lost).toBeNull()
})

test('where even ten pages do not reach what was seen before, it is said what was not looked at', async () => {
  const pushes = Array.from({ length: 1_050 }, (_none, n) => pushed(n, n))
  const lists = { '/activity': pushes.toReversed(), '/compare/': { commits: [], files: [] }, '/pulls?state=open': [] }
  const { outside } = front(lists)
  const { found, lost } = await poll.ask(connection, 'acme/shop', cursor, outside)
  expect(lost).toBe(
    `More than 1000 pushes of acme/shop came between two looks: those between 2026-11-02 09:00:00 UTC and 2026-11-02 09:00:50 UTC were not looked at.`,
  )
  expect(beside(found)[0]!.id).toContain('b50:')
})

test('what happened to one issue between two looks is told whole, however much happened before', async () => {
  const issue = await hub.ask('POST', '/repos/acme/shop/issues', { title: 'Busy', body: 'x' }, tokens.sam)
  const event = (n: number, seconds: number) => ({
    id: 9_000 + n,
    event: 'labeled',
    created_at: at(seconds),
    actor: kim,
    label: { name: `l${n}` },
  })
  // The last page holds one, and what is news begins on the page before it.
  const events = Array.from({ length: 301 }, (_none, n) => event(n, n < 290 ? n - 3_600 : n))
  const url = `/issues/${issue.number}/events?per_page=100`
  const { outside } = front({ '/issues?': [{ ...issue, created_at: at(-9_000), updated_at: at(301) }] })
  const paged: Outside = {
    now: Date.now,
    async ask(one) {
      const from = one.url.indexOf(url)
      if (from < 0) return outside.ask(one)
      const page = Number(new URL(one.url).searchParams.get('page') ?? 1)
      const link = (rel: string, to: number) => `<${one.url.slice(0, from)}${url}&page=${to}>; rel="${rel}"`
      const links = [
        ...(page < 4 ? [link('next', page + 1), link('last', 4)] : []),
        ...(page > 1 ? [link('prev', page - 1)] : []),
      ]
      return {
        status: 200,
        headers: { link: links.join(', ') },
        text: JSON.stringify(events.slice((page - 1) * 100, page * 100)),
      }
    },
  }
  const { found, lost } = await poll.ask(connection, 'acme/shop', cursor, paged)
  const labels = found
    .map(({ body }) => JSON.parse(body))
    .filter(({ action, issue: of }) => action === 'labeled' && of.number === issue.number)
  expect(labels.map(({ label }) => label.name)).toEqual(Array.from({ length: 11 }, (_none, n) => `l${290 + n}`))
  expect(lost).toBeNull()
})

test('a list that may not be seen is left out and said; the others go on', async () => {
  const lists = { '/actions/runs': {}, '/releases': [{ id: 1, tag_name: 'v1', published_at: at(5), author: kim }] }
  const { outside } = front(lists, { '/actions/runs': 403 })
  const { found, problem } = await poll.ask(connection, 'acme/shop', cursor, outside)
  expect(problem).toMatch(/^Its runs of workflows \(Actions: read\) may not be seen: Resource not accessible\.$/)
  expect(beside(found).map(({ id }) => id)).toEqual(['poll release:1'])
})

test.each([
  ['/compare/', 403, 'limits the rate'],
  ['/compare/', 502, 'answered 502 to a question about what a push holds'],
  ['/pulls?state=open', 500, 'answered 500 to a question about the pull requests of a branch'],
])('a push is not told by half: %s answers %i', async (path, status, words) => {
  const activity = {
    id: 1,
    ref: 'refs/heads/main',
    before: sha('a'),
    after: sha('b'),
    timestamp: at(10),
    activity_type: 'push',
    actor: kim,
  }
  const { outside } = front({
    '/activity': [activity],
    '/compare/': { commits: [], files: [] },
    '/pulls?state=open': [],
  })
  const headers: Record<string, string> = status === 403 ? { 'retry-after': '30' } : {}
  const failing: Outside = {
    now: Date.now,
    ask: async (one) =>
      one.url.includes(`/repos/acme/shop${path}`) ? { status, headers, text: '{}' } : outside.ask(one),
  }
  const { found, cursor: next, problem } = await poll.ask(connection, 'acme/shop', cursor, failing)
  // Issues that were told meanwhile are kept; where there is none, the asking fails as a whole.
  expect(beside(found)).toEqual([])
  expect(problem).toContain(words)
  expect(next).toMatchObject({ beside: {} })
  const alone: Outside = {
    ...failing,
    ask: async (one) =>
      /\/shop\/(issues|pulls)\?state=all/.test(one.url) ? { status: 200, headers: {}, text: '[]' } : failing.ask(one),
  }
  await expect(poll.ask(connection, 'acme/shop', cursor, alone)).rejects.toThrow(words)
})

test.each<[string, unknown, string[] | undefined]>([
  [
    'some',
    { commits: [{ sha: sha('b'), commit: {} }], files: [{ filename: 'b', previous_filename: 'a' }] },
    ['b', 'a'],
  ],
  ['none', { commits: [], files: [] }, []],
  [
    'as many as a comparison tells at most',
    { commits: [{ sha: sha('b'), commit: {} }], files: Array.from({ length: 300 }, (_, n) => ({ filename: `${n}` })) },
    undefined,
  ],
  ['of commits that are gone', { message: 'Not Found' }, undefined],
])('files of a push that was found by asking: %s', async (_how, compared, paths) => {
  const activity = {
    id: 1,
    ref: 'refs/heads/main',
    before: sha('a'),
    after: sha('b'),
    timestamp: at(10),
    activity_type: 'push',
    actor: kim,
  }
  const { outside } = front({ '/activity': [activity], '/compare/': compared, '/pulls?state=open': [] })
  const { found } = await poll.ask(connection, 'acme/shop', cursor, outside)
  expect(read(beside(found))[0]!.fields['paths']).toEqual(paths)
})
