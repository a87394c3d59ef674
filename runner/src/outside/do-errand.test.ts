/** The message of a run kept by a runner at Slack and at Linear: programs of somebody else (emulate) that answer like them, behind a front that cuts an answer off. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createEmulator, type Emulator } from 'emulate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ErrandReport, StatusErrand } from '@viewportai/core/wire/errand'
import { keepKey } from '../credentials/model-keys.ts'
import { doErrand } from './do-errand.ts'
import { openFront, type Between } from './front.fixture.ts'
import { errandsAt } from './errands-at.ts'
import { openSlack } from './testing/slack.ts'

let home: string
let tool: Pick<Emulator, 'url' | 'close'> | undefined
let front: Awaited<ReturnType<typeof openFront>> | undefined
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vpd-errand-'))
})
afterEach(async () => {
  await front?.close()
  await tool?.close()
  ;[front, tool] = [undefined, undefined]
  await rm(home, { recursive: true, force: true })
})

const status = (over: Partial<StatusErrand>): StatusErrand => ({
  what: 'status',
  run: 'run_1',
  tool: 'slack',
  connection: { id: 'con_1', name: 'x', at: front!.url, settings: {} },
  repos: [],
  intent: 'int_h-0',
  target: '',
  text: 'An agent works on it.',
  message: null,
  begun: false,
  told: { title: 'x', approvedBy: [], checks: null, source: { label: 'by hand', url: null } },
  page: 'https://viewport.example/runs/1',
  home: null,
  ...over,
})
const left: string[] = []
const go = (errand: StatusErrand): Promise<ErrandReport> =>
  doErrand(
    { signal: new AbortController().signal, left: async (what) => void left.push(what) },
    { provider: { home } } as never,
    errand,
  )
const messageOf = (report: ErrandReport): string =>
  report.is === 'kept' && report.went.is === 'done'
    ? String(report.went.receipt.observed['message'])
    : expect.unreachable(JSON.stringify(report))

test('which errands there are, by tool', () => {
  expect(
    ['github', 'gitlab', 'slack', 'linear', 'jira', 'webhook', 'ci'].map((name) => [
      name,
      errandsAt(name).map((one) => one.action),
    ]),
  ).toEqual([
    ['github', ['github.watch', 'github.status']],
    ['gitlab', ['gitlab.watch', 'gitlab.status']],
    ['slack', ['slack.status']],
    ['linear', ['linear.status']],
    ['jira', ['jira.status']],
    ['webhook', []],
    ['ci', []],
  ])
})

test('a folder stands for the repository that the end of its path names, and for no other', async () => {
  tool = await createEmulator({ service: 'github', port: 0 })
  front = await openFront(tool.url)
  await keepKey(
    home,
    'github',
    { key: 'k', url: front.url, actions: ['github.*'], account: { id: '1', name: 'v' } },
    null,
    'provider',
  )
  const look = (folder: string, ref: string) =>
    doErrand({ signal: new AbortController().signal, left: async () => {} }, { provider: { home } } as never, {
      what: 'sight',
      run: 'run_1',
      tool: 'github',
      connection: { id: 'con_1', name: 'github', at: front!.url, settings: { base: front!.url } },
      repos: [{ name: ref.split('#')[0]!, url: folder }],
      ref,
      url: null,
    }).catch((error: unknown) => error)
  expect(await look('file:///srv/git/acme/shop.git', 'acme/secret#1')).toMatchObject({
    failure: { code: 'outside_workflow' },
  })
  expect(front.seen).toEqual([])
  await look('file:///srv/git/acme/shop.git', 'acme/shop#1')
  expect(front.seen.length).toBeGreaterThan(0)
})

test('Slack: written in the thread, found after a lost answer, changed; one message, and no buttons', async () => {
  const slack = await openSlack()
  const { bot, us, support: channel, ask } = slack
  tool = slack
  front = await openFront(slack.url)
  await keepKey(home, 'slack', { key: bot, url: front.url, actions: ['slack.*'], account: us }, null, 'provider')
  const root = (await ask('chat.postMessage', { channel, text: 'fix this' }))['ts'] as string
  const errand = status({ target: `${channel}/${root}` })
  front.break({ is: ({ path: to }) => to === '/api/chat.postMessage', when: 'after' })
  expect(await go(errand)).toMatchObject({ is: 'kept', went: { is: 'unsure' } })
  const message = messageOf(await go({ ...errand, begun: true, text: 'It waits for approval.' }))
  expect(messageOf(await go({ ...errand, begun: true, message, text: 'Done.' }))).toBe(message)
  const { messages } = (await ask('conversations.replies', { channel, ts: root })) as { messages: { text: string }[] }
  expect(messages).toHaveLength(2)
  expect(messages[1]!.text).toContain('Done.')
  expect(JSON.stringify(messages)).not.toContain('"button"')
  expect(new Set(left)).toEqual(new Set(['slack.status']))
})

/** The program gives each comment an id of its own and knows no address of one; Linear takes the client's id, and has both. */
const withOwnIds = (): Between => {
  const real = new Map<string, string>()
  const own = (body: string) => (JSON.parse(body) as { variables?: { input?: { id?: string } } }).variables?.input?.id
  return {
    asked(body) {
      const { query, variables } = JSON.parse(body) as {
        query: string
        variables?: { id?: string; input?: Record<string, unknown> }
      }
      const { id: _, ...input } = variables?.input ?? {}
      const id = variables?.id
      return JSON.stringify({
        query: query.replace('on Comment { id body createdAt url', 'on Comment { id body createdAt'),
        variables: {
          ...variables,
          ...(variables?.input && { input }),
          ...(id !== undefined && { id: real.get(id) ?? id }),
        },
      })
    },
    answered(body, answer) {
      const told = JSON.parse(answer) as { data?: { commentCreate?: { comment?: { id: string } } } }
      const [mine, theirs] = [own(body), told.data?.commentCreate?.comment?.id]
      if (mine !== undefined && theirs !== undefined) real.set(mine, theirs)
    },
  }
}

test('Linear: written below the issue, found after a lost answer, changed; one comment', async () => {
  const key = 'lin_test_viewport'
  tool = await createEmulator({
    service: 'linear',
    port: 0,
    seed: {
      linear: {
        organization: { name: 'Acme', url_key: 'acme' },
        users: [{ email: 'viewport@acme.dev', name: 'Viewport', admin: true }],
        teams: [{ key: 'PAY', name: 'Payments', states: [{ name: 'Todo', type: 'unstarted' }] }],
        tokens: [{ token: key, user: 'viewport@acme.dev' }],
      },
    },
  })
  front = await openFront(tool.url, withOwnIds())
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into freely
  const ask = async (query: string, variables: object = {}): Promise<any> =>
    (
      (await (
        await fetch(`${tool!.url}/graphql`, {
          method: 'POST',
          headers: { authorization: key, 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
        })
      ).json()) as { data: unknown }
    ).data
  const { teams, viewer } = await ask('{ teams { nodes { id } } viewer { id } }')
  const { issueCreate } = await ask(
    'mutation M($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id identifier } } }',
    { input: { teamId: teams.nodes[0].id, title: 'Prices' } },
  )
  const account = { id: viewer.id as string, name: 'Viewport' }
  await keepKey(home, 'linear', { key, url: front.url, actions: ['linear.status'], account }, null, 'provider')
  const errand = status({ tool: 'linear', target: issueCreate.issue.identifier as string })
  front.break({ is: ({ method }) => method === 'POST' && front!.seen.length > 2, when: 'after' })
  const first = await go(errand)
  const message = messageOf(
    first.is === 'kept' && first.went.is === 'done' ? first : await go({ ...errand, begun: true }),
  )
  expect(messageOf(await go({ ...errand, begun: true, message, text: 'Done.' }))).toBe(message)
  const { issue } = await ask('query Q($id: String!) { issue(id: $id) { comments { nodes { body } } } }', {
    id: issueCreate.issue.id,
  })
  expect(issue.comments.nodes).toHaveLength(1)
  expect(issue.comments.nodes[0].body).toContain('Done.')
})

test("GitHub: a person's comment that is named as ours stays as it is; ours is changed, also where the repository is called otherwise by now", async () => {
  const accounts = ['viewport-bot', 'jess']
  tool = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      github: { users: accounts.map((login) => ({ login })), repos: [{ owner: 'viewport-bot', name: 'shop' }] },
      tokens: Object.fromEntries(accounts.map((login) => [login, { login, scopes: ['repo'] }])),
    } as never,
  })
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked into freely
  const as = async (login: string, method: string, below: string, body?: object): Promise<any> =>
    (
      await fetch(`${tool!.url}/repos/viewport-bot/shop${below}`, {
        method,
        headers: { authorization: `Bearer ${login}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    ).json()
  for (const title of ['where the run came from', 'another issue'])
    await as('viewport-bot', 'POST', '/issues', { title })
  const text = 'Do not ship this.'
  const here = await as('jess', 'POST', '/issues/1/comments', { body: text })
  const there = await as('jess', 'POST', '/issues/2/comments', { body: text })
  const ours = await as('viewport-bot', 'POST', '/issues/1/comments', { body: 'An agent works on it.' })
  const account = { id: String(ours.user.id), name: 'viewport-bot' }
  front = await openFront(tool.url, {
    asked: (body) => body,
    answered: (_, answer) => answer.replaceAll('/repos/viewport-bot/shop/issues/', '/repos/Acme/Store/issues/'),
  })
  const key = { key: 'viewport-bot', url: front.url, actions: ['github.status'], account }
  await keepKey(home, 'github', key, null, 'provider')
  const change = (message: string) =>
    go(
      status({
        tool: 'github',
        connection: { id: 'con_1', name: 'github', at: front!.url, settings: { base: front!.url } },
        repos: [{ name: 'viewport-bot/shop', url: `${front!.url}/viewport-bot/shop.git` }],
        target: 'viewport-bot/shop#1',
        message,
        begun: true,
        text: 'Waits for a person.',
      }),
    )
  for (const { id } of [here, there]) {
    expect(await change(String(id))).toMatchObject({ went: { is: 'failed', code: 'no_such_target' } })
    expect((await as('jess', 'GET', `/issues/comments/${id}`)).body).toBe(text)
  }
  expect(messageOf(await change(String(ours.id)))).toBe(String(ours.id))
  expect((await as('jess', 'GET', `/issues/comments/${ours.id}`)).body).toContain('Waits for a person.')
})
