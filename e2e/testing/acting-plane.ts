// A control plane with a runner whose workflows each do one thing outside, and the providers they do it at, each behind a recording proxy of ours. GitHub, Linear and Slack are
// emulate's programs, GitHub with a real repository behind it; Jira, GitLab (with the same repository) and the webhook's receiver are our own.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect } from 'vitest'

import { actionOf, allKinds, kindOf, workflowOf, type Kind, type Provider } from './acting-kinds.ts'
import { Answered, localAdmin, type Caller, type Json } from './api.ts'
import { openEmulatedChat } from './emulated-chat.ts'
import { hubTokenOfSam, openEmulatedHub } from './emulated-hub.ts'
import { linearKeys, openLinearFront } from './linear-front.ts'
import { pairRunner, startRunner, writeMender } from './mending-runner.ts'
import { openOwnGitLab } from './own-gitlab.ts'
import { openOwnJira } from './own-jira.ts'
import { portOfOurOwn } from './own-port.ts'
import type { Place } from './place.ts'
import { endAllOf } from './processes.ts'
import { run, start, viewportProgram, type Running } from './program.ts'
import { openProviderProxy, type ProviderProxy } from './provider-proxy.ts'
import { makeShopRemote } from './shop-remote.ts'
import { acceptBareRunners } from './without-wall.ts'

const token = 'token-of-viewport'
const jiraToken = 'token-of-jira'
const slackToken = 'xoxb-viewport'
const gitlabToken = 'token-of-gitlab'

export type ActingPlane = {
  /** Ends the control plane with SIGKILL and starts it again. */
  killed(): Promise<void>
  provider(kind: Kind): ProviderProxy
  admin(): Caller
  /** Starts a run of this kind; its number. What holds no mark is put back before. */
  begin(kind: Kind): Promise<number>
  /**
   * How many things of this intent stand at the provider. Of what holds no mark: how often it was written since it was put back. A receiver of webhooks drops an id it had, so there
   * ids are counted.
   */
  doneThere(kind: Kind, intent: string): Promise<number>
  close(): Promise<void>
}

/** Starts all of it in this place. */
export const openActingPlane = async (place: Place): Promise<ActingPlane> => {
  const settings = { VIEWPORT_DATA_DIR: place.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1' }
  const tell = async (...words: string[]): Promise<void> => {
    const { code, out, err } = await run(place, viewportProgram, words, settings)
    expect(code, `viewport ${words.join(' ')}\n${out}${err}`).toBe(0)
  }
  const remote = makeShopRemote(place)
  const folder = remote.url.replace('file://', '')
  const [hub, tracker, board, chat, lab] = await Promise.all([
    openEmulatedHub(folder, token),
    openLinearFront(),
    openOwnJira(jiraToken),
    openEmulatedChat(slackToken),
    openOwnGitLab(gitlabToken, folder),
  ])
  const providers: Record<Provider, ProviderProxy> = {
    github: await openProviderProxy(hub.url),
    linear: await openProviderProxy(tracker.url),
    jira: await openProviderProxy(board.url),
    slack: await openProviderProxy(chat.url),
    gitlab: await openProviderProxy(lab.url),
    ops: await openProviderProxy(null),
  }
  const writes = (kind: Kind) => providers[kindOf(kind).at].passed.filter(kindOf(kind).isWrite)
  const done = (kind: Kind): number => writes(kind).filter(({ status }) => status !== null && status < 300).length

  await hub.ask('POST', '/repos/acme/shop/issues', { title: 'The first one' })
  const pull = await pullOfSam(place, folder, hub.ask)
  const issue = await tracker.fileBug('The first one', '')

  /** What holds no mark, as it was before; so what was written since then is one time or more. */
  const putBack: Partial<Record<Kind, () => unknown>> = {
    'github.label': () => hub.ask('DELETE', '/repos/acme/shop/issues/1/labels'),
    'github.assign': () => hub.ask('DELETE', '/repos/acme/shop/issues/1/assignees', { assignees: ['sam'] }),
    'linear.transition': () => tracker.change(issue, { stateId: tracker.state('Todo') }),
    'linear.assign': () => tracker.change(issue, { assigneeId: null }),
    'jira.transition': () => board.putBack('status'),
    'jira.assign': () => board.putBack('assignee'),
    'gitlab.label': lab.unlabels,
    'ci.rerun': lab.fails,
  }
  const reviews = (): Promise<Json> => hub.ask('GET', `/repos/acme/shop/pulls/${pull}/reviews?per_page=100`)
  const checks = async (): Promise<Json[]> => {
    const heads = writes('github.report_check').map(({ body }) => (JSON.parse(body) as Json)['head_sha'] as string)
    const all = [...new Set(heads)].map((head) =>
      hub.ask('GET', `/repos/acme/shop/commits/${head}/check-runs?filter=all`),
    )
    return (await Promise.all(all)).flatMap((one) => one['check_runs'] as Json[])
  }
  const messages = (): Promise<Json[]> => chat.support()
  /** All that stands there of a kind; what holds no mark is not among them. */
  const there: Partial<Record<Kind, () => unknown>> = {
    'github.comment': () => hub.ask('GET', '/repos/acme/shop/issues/1/comments?per_page=100'),
    'github.create_issue': () => hub.ask('GET', '/repos/acme/shop/issues?state=all&per_page=100'),
    'github.open_pr': () => hub.ask('GET', '/repos/acme/shop/pulls?state=all&per_page=100'),
    'github.review': reviews,
    'github.review of words': reviews,
    'github.report_check': checks,
    'linear.comment': async () => (await tracker.ask('{ comments(first: 200) { nodes { body } } }'))['comments'].nodes,
    'linear.create': async () =>
      (await tracker.ask('{ issues(first: 200) { nodes { description } } }'))['issues'].nodes,
    'jira.comment': () => board.issues.flatMap(({ comments }) => comments),
    'jira.create': () => board.issues.map(({ fields }) => fields),
    'slack.message': messages,
    'slack.comment': messages,
    'gitlab.open_mr': () => lab.mrs,
    'gitlab.comment': () => lab.comments(),
    'gitlab.create_issue': () => lab.issues,
    'gitlab.report_status': () => lab.statuses,
    'ci.report_status': () => lab.statuses,
    'webhook.send': () => [...new Set(providers.ops.passed.flatMap(({ id, status }) => (status === null ? [] : [id])))],
  }

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
    ['linear', 'linear', { key: linearKeys.us, base: providers.linear.url }],
    ['jira', 'jira', { site: providers.jira.url, email: 'viewport@acme.dev', token: jiraToken, projects: 'PAY' }],
    ['slack', 'slack', { token: slackToken, base: providers.slack.url }],
    ['gitlab', 'gitlab', { token: gitlabToken, base: providers.gitlab.url }],
    ['ci', 'ci', { forge: 'gitlab', base: providers.gitlab.url, forge_token: gitlabToken }],
    ['webhook', 'ops', { url: `${providers.ops.url}/hook` }],
  ] as const)
    await admin().send('POST', '/api/connections', { tool, name, values })
  await admin().send('PUT', '/api/workspace', {
    caps: Object.fromEntries(allKinds.map((kind) => [actionOf(kind), 1_000])),
  })
  writeMender(place)
  await pairRunner(place, admin().url, tell)
  await acceptBareRunners(place)
  const worker = await startRunner(place)
  for (const kind of allKinds) {
    const file = join(place.folder, `${workflowOf(kind)}.yaml`)
    writeFileSync(file, sourceOf(kind, { ISSUE: issue, PULL: String(pull) }))
    await tell('workflows', 'save', file, '--enable')
  }

  const before = new Map<Kind, number>()
  return {
    async killed() {
      plane.child.kill('SIGKILL')
      await plane.ended
      await up()
    },
    provider: (kind) => providers[kindOf(kind).at],
    admin,
    async begin(kind) {
      const { exitCode, signalCode } = worker.child
      if (exitCode !== null || signalCode !== null)
        throw new Error(`The runner ended (${exitCode ?? signalCode}):\n${worker.out()}${worker.err()}`)
      await putBack[kind]?.()
      before.set(kind, done(kind))
      return startOnceReady(() => admin().send('POST', '/api/runs', { workflow: workflowOf(kind), title: 'go' }))
    },
    async doneThere(kind, intent) {
      if (kindOf(kind).unmarked) return done(kind) - before.get(kind)!
      return ((await there[kind]!()) as unknown[]).filter((one) => JSON.stringify(one).includes(intent)).length
    },
    async close() {
      endAllOf(place.folder)
      for (const one of [...Object.values(providers), hub, tracker, board, chat, lab]) await one.close()
    },
  }
}

/** The number of a pull request that Sam opened: whoever opened one asks for no changes of it. */
const pullOfSam = async (
  place: Place,
  folder: string,
  ask: (method: string, path: string, body?: unknown, token?: string) => Promise<Json>,
): Promise<number> => {
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      encoding: 'utf8',
      env: place.env,
    }).trim()
  git('update-ref', 'refs/heads/proposal', git('commit-tree', 'main^{tree}', '-p', 'main', '-m', 'A proposal'))
  const opened = { title: 'A proposal', head: 'proposal', base: 'main' }
  return (await ask('POST', '/repos/acme/shop/pulls', opened, hubTokenOfSam))['number'] as number
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

const sourceOf = (kind: Kind, names: Readonly<Record<string, string>>): string => {
  const { mends, steps } = kindOf(kind)
  const all = mends ? ['{ id: mend, mode: edit, agent: mender, prompt: "Mend it." }', ...steps] : steps
  const source = `name: ${workflowOf(kind)}\ntrigger: manual\nrepos: [acme/shop]\napprovals: []\nsteps:\n`
  const filled = all.map((step) => step.replace(/\b(ISSUE|PULL)\b/g, (name) => names[name]!))
  return source + filled.map((step) => `  - ${step}\n`).join('')
}
