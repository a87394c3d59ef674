import { expect, test } from 'vitest'
import { TooLong, type Asked, type Outside } from '@viewportai/core/tools/outside'
import { openOutside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { poll } from './poll.ts'
import { read } from './read.ts'
import { emulatedGitHub, tokens } from './testing/emulated.ts'

const hub = await emulatedGitHub()
const outside = openOutside(['localhost'])
const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'github',
  settings: { base: hub.url, repos: 'acme/shop, acme/elsewhere acme/shop' },
  secrets: { token: tokens.us },
  account: { id: hub.ids.us, name: 'viewport-acme' },
}
const since = { since: new Date(Date.now() - 60_000).toISOString(), etags: {} }
/** GitHub's tags, which the counterpart does not have: the same question with the same answer is 304. */
const tagged = (seen: Asked[]): Outside => ({
  now: Date.now,
  async ask(asked) {
    seen.push(asked)
    const came = await outside.ask(asked)
    const etag = `"${came.text.length}"`
    return asked.headers?.['if-none-match'] === etag
      ? { status: 304, headers: { ...came.headers, etag }, text: '' }
      : { ...came, headers: { ...came.headers, etag } }
  },
})

for (const repo of ['shop', 'elsewhere'])
  await hub.ask('POST', `/repos/acme/${repo}/issues`, { title: `In ${repo}`, body: 'x' }, tokens.sam)
await hub.ask('POST', '/repos/acme/shop/issues/1/labels', { labels: ['agent'] }, tokens.sam)
await hub.ask('POST', '/repos/acme/shop/issues/1/comments', { body: '/fix' }, tokens.sam)

test('each repository is asked about once', () =>
  expect(poll.streams(connection)).toEqual(['acme/shop', 'acme/elsewhere']))

test('the first asking finds nothing: what was there before is no news', async () =>
  expect(await poll.ask(connection, 'acme/shop', null, outside)).toMatchObject({
    found: [],
    cursor: { since: expect.stringMatching(/Z$/) },
    nextMillis: 30_000,
  }))

test('the same number in two repositories is two things', async () => {
  const [one, other] = await Promise.all(
    ['acme/shop', 'acme/elsewhere'].map((repo) => poll.ask(connection, repo, since, outside)),
  )
  expect(one!.found.map(({ id }) => id)).toEqual([
    'poll issues.opened:acme/shop#1',
    expect.stringMatching(/^poll issue_event:\d+$/),
    expect.stringMatching(/^poll issue_comment:\d+$/),
  ])
  expect(other!.found.map(({ id }) => id)).toEqual(['poll issues.opened:acme/elsewhere#1'])
})

test('what did not change is not told again, and costs questions with a tag', async () => {
  const seen: Asked[] = []
  const ask = tagged(seen)
  const first = await poll.ask(connection, 'acme/shop', since, ask)
  const second = await poll.ask(connection, 'acme/shop', first.cursor, ask) // asks from another time
  seen.length = 0
  const third = await poll.ask(connection, 'acme/shop', second.cursor, ask)
  expect([first.found.length, third.found]).toEqual([3, []])
  expect(seen.filter((asked) => asked.headers?.['if-none-match'] !== undefined)).toHaveLength(4)
  expect(seen).toHaveLength(6) // and the repository itself, and a list that the counterpart does not know
  expect(third.cursor).toEqual({ ...(second.cursor as object), then: expect.anything() })
})

test.each([
  [429, { 'retry-after': '30' }, 'limits the rate for 30 s'],
  [
    403,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 100) },
    'limits the rate',
  ],
  [404, {}, 'not there, or may not be seen'],
  [500, {}, 'answered 500'],
])('an answer %i stops the asking with words, and the place is kept', async (status, headers, words) => {
  const answers: Outside = { now: Date.now, ask: async () => ({ status, headers, text: '{}' }) }
  await expect(poll.ask(connection, 'acme/shop', since, answers)).rejects.toThrow(words)
})

/** A repository with so many issues, a second apart, of which an answer holds so many. */
const busy = (count: number, most: number, apartMillis = 1_000): Outside => {
  const at = (number: number): string => new Date(Date.parse(since.since) + number * apartMillis).toISOString()
  const all = Array.from({ length: count }, (_none, index) => ({
    number: index + 1,
    title: 'x',
    state: 'open',
    html_url: `https://github.com/acme/shop/issues/${index + 1}`,
    user: { id: 1, login: 'sam' },
    labels: [],
    assignees: [],
    comments: 0,
    created_at: since.since,
    updated_at: at(index),
  }))
  return {
    now: Date.now,
    async ask({ url }) {
      const { pathname, searchParams } = new URL(url)
      const [size, page] = [Number(searchParams.get('per_page')), Number(searchParams.get('page') ?? 1)]
      if (!pathname.endsWith('/issues'))
        return { status: 200, headers: {}, text: pathname.endsWith('/shop') ? '{"id":1}' : '[]' }
      const there = all.filter((one) => one.updated_at >= searchParams.get('since')!)
      const found = there.slice((page - 1) * size, page * size)
      if (found.length > most) throw new TooLong('its answer is longer than is taken')
      searchParams.set('page', String(page + 1))
      const link = `<${hub.url}${pathname.replace(new URL(hub.url).pathname.replace(/\/$/, ''), '')}?${searchParams}>; rel="next"`
      const headers: Record<string, string> = page * size < there.length ? { link } : {}
      return { status: 200, headers, text: JSON.stringify(found) }
    },
  }
}

test.each([
  [100, 'whole pages'],
  [30, 'pages that are too long'],
])('more than is taken at once, %i to an answer (%s): it goes on, and none is lost', async (most) => {
  const outside = busy(730, most, 10)
  const first = await poll.ask(connection, 'acme/shop', since, outside)
  expect(first).toMatchObject({ cursor: { news: since.since }, nextMillis: 1_000 })
  const second = await poll.ask(connection, 'acme/shop', first.cursor, outside)
  expect(second.cursor).not.toHaveProperty('news')
  expect(new Set([...first.found, ...second.found].map(({ id }) => id)).size).toBe(730)
})

test('more in one second than is taken at once: the next second is asked about, and it is said', async () => {
  const { cursor, lost } = await poll.ask(connection, 'acme/shop', since, busy(600, 100, 0))
  expect(cursor).toMatchObject({ since: new Date(Date.parse(since.since) + 1_000).toISOString() })
  expect(lost).toMatch(/in one second; some were left out\.$/)
})

test('opened again and taken out of draft are found, each under the name by which a webhook is known, too', async () => {
  const when = new Date(Date.parse(since.since) + 30_000).toISOString()
  const sam = { id: 1, login: 'sam' }
  const thing = { title: 'x', state: 'open', user: sam, labels: [], assignees: [], comments: 0 }
  const times = { created_at: '2026-01-01T00:00:00Z', updated_at: when }
  const side = (ref: string) => ({ ref, sha: 'a'.repeat(40), repo: { id: 1, full_name: 'acme/shop' } })
  const issue = { ...thing, ...times, number: 1, html_url: 'https://github.com/acme/shop/issues/1' }
  const pull = { ...thing, ...times, number: 2, html_url: 'https://github.com/acme/shop/pull/2' }
  const told = (id: number, event: string) => ({ id, event, created_at: when, actor: sam })
  const answers: Readonly<Record<string, unknown>> = {
    '/repos/acme/shop': { id: 1, full_name: 'acme/shop' },
    '/repos/acme/shop/issues': [issue, { ...pull, pull_request: {} }],
    '/repos/acme/shop/pulls': [{ ...pull, draft: false, head: side('topic'), base: side('main') }],
    '/repos/acme/shop/pulls/2': { ...pull, draft: false, head: side('topic'), base: side('main') },
    '/repos/acme/shop/issues/1/events': [told(11, 'reopened')],
    '/repos/acme/shop/issues/2/events': [
      told(12, 'reopened'),
      told(13, 'ready_for_review'),
      told(14, 'convert_to_draft'),
    ],
  }
  const beside = new URL(hub.url).pathname.replace(/\/$/, '')
  const there: Outside = {
    now: Date.now,
    ask: async ({ url }) => ({
      status: 200,
      headers: {},
      text: JSON.stringify(answers[new URL(url).pathname.replace(beside, '')] ?? []),
    }),
  }
  const { found } = await poll.ask(connection, 'acme/shop', since, there)
  expect(
    found.map(({ id, headers, body }) => {
      const reading = read({ headers, body: Buffer.from(body), part: null }, connection)
      return [id, 'said' in reading ? [reading.said.event, reading.said.also?.at(-1)] : reading]
    }),
  ).toEqual([
    ['poll issue_event:11', ['issue_reopened', expect.any(String)]],
    ['poll issue_event:12', ['pr_reopened', expect.any(String)]],
    ['poll issue_event:13', ['pr_ready', expect.any(String)]],
  ])
})
