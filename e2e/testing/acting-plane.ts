// A control plane with a runner whose workflows each do one thing outside, and the providers they do it at, each behind a recording proxy of ours. GitHub, Linear and Slack are
// emulate's programs, GitHub with a real repository behind it; Jira, GitLab (with the same repository) and the webhook's receiver are our own.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'

import { createEmulator } from 'emulate'
import { expect } from 'vitest'

import { Answered, localAdmin, type Caller, type Json } from './api.ts'
import { knownThere, withHistory } from './linear-front.ts'
import { openOwnGitLab, type OwnGitLab } from './own-gitlab.ts'
import { openOwnJira, type OwnJira } from './own-jira.ts'
import type { Place } from './place.ts'
import { endAllOf } from './processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './program.ts'
import { openProviderProxy, type Passed, type ProviderProxy } from './provider-proxy.ts'
import { withRealCommits } from './real-commits.ts'
import { makeShopRemote } from './shop-remote.ts'
import { slackSeed } from './slack-seed.ts'
import { acceptBareRunners } from './without-wall.ts'

export type Provider = 'github' | 'linear' | 'jira' | 'slack' | 'gitlab' | 'ops'
type Kinds = Readonly<Record<string, KindOf>>
type KindOf = {
  readonly at: Provider
  /** The step of its workflow. ISSUE: an issue that is there. */
  readonly step: string
  /** The request that does it. */
  readonly isWrite: (one: Passed) => boolean
}

const isGraphql = (word: string) => (one: Passed) => one.path === '/graphql' && one.body.includes(word)
const isPost = (path: RegExp) => (one: Passed) => one.method === 'POST' && path.test(one.path)

/** Each kind of action: its step, its provider and its write there. */
export const kinds = {
  'github.comment': {
    at: 'github',
    step: '{ action: github.comment, on: "acme/shop#1", text: "Worked on it." }',
    isWrite: isPost(/^\/repos\/acme\/shop\/issues\/1\/comments$/),
  },
  'github.create_issue': {
    at: 'github',
    step: '{ action: github.create_issue, repo: acme/shop, title: "Found on the way" }',
    isWrite: isPost(/^\/repos\/acme\/shop\/issues$/),
  },
  'github.open_pr': {
    at: 'github',
    step: '{ action: github.open_pr, title: "Mend the price" }',
    isWrite: isPost(/^\/repos\/acme\/shop\/pulls$/),
  },
  'linear.comment': {
    at: 'linear',
    step: '{ action: linear.comment, issue: ISSUE, text: "Worked on it." }',
    isWrite: isGraphql('commentCreate'),
  },
  'linear.create': {
    at: 'linear',
    step: '{ action: linear.create, team: Payments, title: "Found on the way" }',
    isWrite: isGraphql('issueCreate'),
  },
  'linear.transition': {
    at: 'linear',
    step: '{ action: linear.transition, issue: ISSUE, to: In Review }',
    isWrite: isGraphql('issueUpdate'),
  },
  'jira.comment': {
    at: 'jira',
    step: '{ action: jira.comment, issue: PAY-1, text: "Worked on it." }',
    isWrite: isPost(/\/issue\/\w+\/comment$/),
  },
  'jira.create': {
    at: 'jira',
    step: '{ action: jira.create, project: PAY, title: "Found on the way" }',
    isWrite: isPost(/\/issue$/),
  },
  'slack.message': {
    at: 'slack',
    step: '{ action: slack.message, channel: "#support", text: "Worked on it." }',
    isWrite: isPost(/^\/api\/chat\.postMessage$/),
  },
  'gitlab.open_mr': {
    at: 'gitlab',
    step: '{ action: gitlab.open_mr, title: "Mend the price" }',
    isWrite: isPost(/\/merge_requests$/),
  },
  'ci.rerun': {
    at: 'gitlab',
    step: '{ action: ci.rerun, build: "acme/shop build 1 attempt 1" }',
    isWrite: isPost(/\/pipelines\/1\/retry$/),
  },
  'webhook.send': { at: 'ops', step: '{ action: webhook.send, to: ops }', isWrite: isPost(/^\/hook$/) },
} as const satisfies Kinds
export type Kind = keyof typeof kinds
export const allKinds = Object.keys(kinds) as Kind[]
/** Those whose change is made first, by a runner. */
export const mending: readonly Kind[] = ['github.open_pr', 'gitlab.open_mr']

const token = 'token-of-viewport'
const samToken = 'token-of-sam'
const key = 'lin_test_viewport'
const jiraToken = 'token-of-jira'
const slackToken = 'xoxb-viewport'
const gitlabToken = 'token-of-gitlab'

export type ActingPlane = {
  /** Ends the control plane with SIGKILL and starts it again. */
  killed(): Promise<void>
  provider(kind: Kind): ProviderProxy
  admin(): Caller
  /** Starts a run of this kind; its number. */
  begin(kind: Kind): Promise<number>
  /** How many things of this intent stand at the provider. A receiver of webhooks drops an id it had, so there ids are counted. */
  doneThere(kind: Kind, intent: string): Promise<number>
  close(): Promise<void>
}

/** Starts all of it in this place. */
export const openActingPlane = async (place: Place): Promise<ActingPlane> => {
  const settings = { VIEWPORT_DATA_DIR: place.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1' }
  const tell = async (words: string[]): Promise<void> => {
    const { code, out, err } = await run(place, viewportProgram, words, settings)
    expect(code, `viewport ${words.join(' ')}\n${out}${err}`).toBe(0)
  }
  const remote = makeShopRemote(place)
  const hub = await createEmulator({ service: 'github', port: 0, seed: githubSeed })
  const tracker = await createEmulator({ service: 'linear', port: 0, seed: linearSeed })
  await fetch(`${hub.url}/repos/acme/shop/collaborators/viewport-acme`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${samToken}`, 'content-type': 'application/json' },
    body: '{"permission":"push"}',
  })
  const forge = await withRealCommits(hub.url, remote.url.replace('file://', ''), token)
  const board: OwnJira = await openOwnJira(jiraToken)
  const chat = await createEmulator({ service: 'slack', port: 0, seed: slackSeed(slackToken) })
  const lab: OwnGitLab = await openOwnGitLab(gitlabToken, remote.url.replace('file://', ''))
  const providers: Record<Provider, ProviderProxy> = {
    github: await openProviderProxy(forge.url),
    linear: await openProviderProxy(tracker.url, knownThere, withHistory),
    jira: await openProviderProxy(board.url),
    slack: await openProviderProxy(chat.url),
    gitlab: await openProviderProxy(lab.url),
    ops: await openProviderProxy(null),
  }
  const atGithub = async (method: string, path: string, body?: unknown): Promise<Json[]> => {
    const came = await fetch(providers.github.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await came.json()) as Json[]
  }
  const atLinear = async (query: string, variables: Json = {}): Promise<Json> => {
    // Not by the proxy: what is trapped or moody there are the effects.
    const came = await fetch(`${tracker.url}/graphql`, {
      method: 'POST',
      headers: { authorization: key, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    return ((await came.json()) as Json)['data'] as Json
  }
  const atSlack = async (method: string, params: Record<string, string>): Promise<Json> => {
    const came = await fetch(`${chat.url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slackToken}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(params).toString(),
    })
    return (await came.json()) as Json
  }
  /** What holds no mark is made as it was before each run, so that what was done since is one time or more. */
  let [movedBefore, rerunBefore] = [0, 0]
  const doneAt = (kind: Kind): number =>
    providers[kinds[kind].at].passed.filter(
      (one) => one.status !== null && one.status < 300 && kinds[kind].isWrite(one),
    ).length
  const thereOf: Record<Kind, () => Promise<unknown[]>> = {
    'github.comment': () => atGithub('GET', '/repos/acme/shop/issues/1/comments?per_page=100'),
    'github.create_issue': () => atGithub('GET', '/repos/acme/shop/issues?state=all&per_page=100'),
    'github.open_pr': () => atGithub('GET', '/repos/acme/shop/pulls?state=all&per_page=100'),
    'linear.comment': async () => (await atLinear('{ comments(first: 200) { nodes { body } } }'))['comments'].nodes,
    'linear.create': async () => (await atLinear('{ issues(first: 200) { nodes { description } } }'))['issues'].nodes,
    'jira.comment': async () => board.issues.flatMap(({ comments }) => comments),
    'jira.create': async () => board.issues.map(({ fields }) => fields),
    'linear.transition': async () => [],
    'ci.rerun': async () => [],
    'slack.message': async () => {
      const { channels } = await atSlack('conversations.list', { limit: '100' })
      const channel = (channels as Json[]).find((one) => one['name'] === 'support')!['id'] as string
      return (await atSlack('conversations.history', { channel, limit: '900', include_all_metadata: 'true' }))[
        'messages'
      ]
    },
    'gitlab.open_mr': async () => lab.mrs,
    'webhook.send': async () => [...new Set(providers.ops.passed.map(({ id }) => id))],
  }

  await atGithub('POST', '/repos/acme/shop/issues', { title: 'The first one' })
  const teams = (await atLinear('{ teams { nodes { id key states { nodes { id name } } } } }'))['teams'].nodes as Json[]
  const team = teams.find((one) => one['key'] === 'PAY')!
  const todo = team['states'].nodes.find((one: Json) => one['name'] === 'Todo').id as string
  const first = await atLinear('mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id } } }', {
    input: { teamId: team['id'], title: 'The first one' },
  })
  const issue = first['issueCreate'].issue.id as string

  const port = await portOfOurOwn()
  let plane: Running
  const up = async (): Promise<void> => {
    plane = start(place, viewportProgram, ['up', '--data', place.data, '--port', String(port)], settings)
    await plane.says(/Ctrl-C stops everything/, 60_000)
  }
  await up()
  const admin = (): Caller => localAdmin(place.data)
  await admin().send('POST', '/api/repositories', { name: 'acme/shop', url: remote.url })
  for (const [tool, name, values] of [
    ['github', 'github', { token, base: providers.github.url, repos: 'acme/shop' }],
    ['linear', 'linear', { key, base: providers.linear.url }],
    ['jira', 'jira', { site: providers.jira.url, email: 'viewport@acme.dev', token: jiraToken, projects: 'PAY' }],
    ['slack', 'slack', { token: slackToken, base: providers.slack.url }],
    ['gitlab', 'gitlab', { token: gitlabToken, base: providers.gitlab.url }],
    ['ci', 'ci', { forge: 'gitlab', base: providers.gitlab.url, forge_token: gitlabToken }],
    ['webhook', 'ops', { url: `${providers.ops.url}/hook` }],
  ] as const)
    await admin().send('POST', '/api/connections', { tool, name, values })
  await admin().send('PUT', '/api/workspace', { caps: Object.fromEntries(allKinds.map((kind) => [kind, 1_000])) })
  const worker = await pairRunner(place, admin().url, tell)
  for (const kind of allKinds) {
    const file = join(place.folder, `${nameOf(kind)}.yaml`)
    writeFileSync(file, workflowOf(kind, issue))
    await tell(['workflows', 'save', file, '--enable'])
  }

  return {
    async killed() {
      plane.child.kill('SIGKILL')
      await plane.ended
      await up()
    },
    provider: (kind) => providers[kinds[kind].at],
    admin,
    async begin(kind) {
      const { exitCode, signalCode } = worker.child
      if (exitCode !== null || signalCode !== null)
        throw new Error(`The runner ended (${exitCode ?? signalCode}):\n${worker.out()}${worker.err()}`)
      if (kind === 'linear.transition') {
        await atLinear(
          'mutation ($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }',
          { id: issue, input: { stateId: todo } },
        )
        movedBefore = doneAt(kind)
      }
      if (kind === 'ci.rerun') {
        lab.fails()
        rerunBefore = doneAt(kind)
      }
      return startOnceReady(() => admin().send('POST', '/api/runs', { workflow: nameOf(kind), title: 'go' }))
    },
    async doneThere(kind, intent) {
      if (kind === 'linear.transition') return doneAt(kind) - movedBefore
      if (kind === 'ci.rerun') return doneAt(kind) - rerunBefore
      return (await thereOf[kind]()).filter((one) => JSON.stringify(one).includes(intent)).length
    },
    async close() {
      endAllOf(place.folder)
      for (const one of [...Object.values(providers), forge, board, hub, tracker, chat, lab]) await one.close()
    },
  }
}

/**
 * A free port that no other program takes while ours is killed: not one that the system gives out, and not the usual one, where another control plane would answer the runner
 * that it does not know it.
 */
const portOfOurOwn = async (): Promise<number> => {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const server = net.createServer()
  const isFree = await new Promise<boolean>((done) =>
    server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true)),
  )
  if (!isFree) return portOfOurOwn()
  await new Promise((done) => server.close(done))
  return port
}

/** A control plane that came up again is refused nothing but what needs its runner: on a busy machine that one comes back seconds later. */
const startOnceReady = async (start: () => Promise<Json>): Promise<number> => {
  for (const until = Date.now() + 60_000; ;) {
    try {
      return (await start())['number'] as number
    } catch (error) {
      if (!(error instanceof Answered && error.problem['code'] === 'not_ready') || Date.now() > until) throw error
      await new Promise((done) => setTimeout(done, 250))
    }
  }
}

const nameOf = (kind: Kind): string => kind.replace(/[._]/g, '-')

/** A change is made by a script: what is tried here is what happens to it afterwards. */
const workflowOf = (kind: Kind, issue: string): string => {
  const mends = mending.includes(kind) ? '  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }\n' : ''
  const step = kinds[kind].step.replace('ISSUE', issue)
  return `name: ${nameOf(kind)}\ntrigger: manual\nrepos: [acme/shop]\napprovals: []\nsteps:\n${mends}  - ${step}\n`
}

const pairRunner = async (place: Place, url: string, tell: (words: string[]) => Promise<void>): Promise<Running> => {
  const own = join(place.home, '.viewport/runner')
  mkdirSync(own, { recursive: true })
  const mender = join(place.folder, 'mender')
  writeFileSync(mender, '#!/bin/sh\nset -e\ncat /proc/sys/kernel/random/uuid > price.txt\n')
  chmodSync(mender, 0o755)
  writeFileSync(
    join(own, 'policy.yaml'),
    `commands: { mender: { argv: ["${mender}"], modes: [edit] } }\nwalls: { read: ["${place.folder}"] }\n`,
  )
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--server', url])
  const [, said = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell(['runners', 'approve', code, '--words', said, '--pool', 'default', '--repo', 'acme/shop'])
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await acceptBareRunners(place)
  const worker = start(place, vpdProgram, ['worker', 'start'])
  await worker.says(/online/)
  return worker
}

const githubSeed = {
  tokens: { [token]: { login: 'viewport-acme', scopes: ['repo'] }, [samToken]: { login: 'sam', scopes: ['repo'] } },
  github: {
    users: [{ login: 'viewport-acme' }, { login: 'sam' }],
    orgs: [{ login: 'acme', members: [{ login: 'viewport-acme' }, { login: 'sam' }] }],
    repos: [{ owner: 'acme', name: 'shop', auto_init: true }],
  },
}
const linearSeed = {
  linear: {
    organization: { name: 'Acme', url_key: 'acme' },
    users: [{ email: 'viewport@acme.dev', name: 'Viewport', admin: true }],
    teams: [
      {
        key: 'PAY',
        name: 'Payments',
        states: [
          { name: 'Todo', type: 'unstarted' as const },
          { name: 'In Review', type: 'started' as const },
        ],
      },
    ],
    tokens: [{ token: key, user: 'viewport@acme.dev' }],
  },
}
