/**
 * Every request that we can send to GitHub, held against GitHub's own description of its API by Prism.
 * Which ones there are is read from the source; that each is sent here is looked at in the end. What the counterpart of somebody else lacks is answered with the description's own examples.
 */
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { testPlane } from '../../../test/plane.ts'
import { ci } from '../ci/tool.ts'
import type { Asked, Outside } from '@viewportai/core/tools/outside'
import type { Action, Effect } from '@viewportai/core/tools/port'
import { openOutside } from '../outside.ts'
import type { Connection, StoredDelivery } from '../port.ts'
import { testEffect } from '../testing/effect.ts'
import { requestsIn, type Sendable } from '../testing/requests-in.ts'
import { githubAppAnswers } from './app-answers.ts'
import { emulatedBuilds } from './testing/builds.ts'
import { describedBy, judgeGraphql, type Described } from './testing/described.ts'
import { appKey, emulatedGitHub, tokens } from './testing/emulated.ts'
import { github } from './tool.ts'

const root = new URL('../../../../', import.meta.url).pathname
/** Wherever GitHub is asked from, and where it is asked whose a token of CI is. */
const sources = [
  ...globSync('{core,server,runner}/src/**/github/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts')),
  'server/src/tools/ci/check.ts',
].map((file) => root + file)
/** Addresses that GitHub itself named. */
const pages = ['nextPage', 'lastPage', 'previousPage', 'next']
const sendable = requestsIn(sources, pages)

const dotCom = await describedBy('api.github.com')
const enterprise = await describedBy('ghes-3.19')
const hub = await emulatedGitHub()
const builds = await emulatedBuilds()
const near = openOutside(['localhost', '127.0.0.1'])
const api = 'https://api.github.com'

type Held = { asked: Asked; base: string; sent: string }
const held: Held[] = []
const complaints = new Set<string>()
const divergences = new Set<string>()
const questions = new Set<string>()

const pathBelow = (url: string, base: string): string => {
  const [path, start] = [url, base].map((one) => new URL(one).pathname.replace(/\/$/, '')) as [string, string]
  return path.startsWith(`${start}/`) ? path.slice(start.length) : path
}

/** The way out, on which everything is held against the descriptions. */
const watched = (base: string, answers: Outside): Outside => ({
  now: Date.now,
  async ask(asked) {
    const path = pathBelow(asked.url, base)
    const sent = `${asked.method} ${path}`
    held.push({ asked, base, sent })
    if (path.endsWith('/graphql')) {
      const { query, variables } = JSON.parse(asked.body!) as { query: string; variables: Record<string, unknown> }
      questions.add(query)
      for (const one of judgeGraphql(query, variables)) complaints.add(`GraphQL: ${one}`)
      return answers.ask(asked)
    }
    const answered = await answers.ask(asked)
    for (const [name, described] of Object.entries({ dotCom, enterprise })) {
      const { request, answer } = await described.judge(asked, base, name === 'dotCom' ? answered : null)
      for (const one of request) complaints.add(`${name}: ${sent}: ${one}`)
      if (answered.status < 300 && base === hub.url)
        for (const one of answer) divergences.add(`${described.operationOf(asked.method, path)}: ${one}`)
    }
    return answered
  },
})
const emulated = watched(hub.url, near)
/** Answers every question with the example of GitHub's description. `amend`: what a test needs otherwise. */
const examples = (base: string, amend: (text: string, asked: Asked) => string = (text) => text): Outside =>
  watched(base, {
    now: Date.now,
    async ask(asked) {
      if (asked.url.endsWith('/graphql')) return { status: 200, headers: {}, text: amend('{}', asked) }
      const answered = await dotCom.example(asked, base)
      return { ...answered, text: amend(answered.text, asked) }
    },
  })

const connection: Connection = {
  id: 'con_1',
  workspace: 'ws_1',
  name: 'github',
  settings: { base: hub.url, repos: 'acme/shop' },
  secrets: { token: tokens.us, webhook_secret: 'x'.repeat(32) },
  account: { id: hub.ids.us, name: 'viewport-acme' },
}
const atGitHub: Connection = { ...connection, settings: { base: api, repos: 'octocat/Hello-World' } }
const action = (name: string): Action => github.actions[name]!
const does = async (name: string, effect: Effect, by = emulated): Promise<Effect> => {
  await action(name).look(effect, connection, by)
  expect(await action(name).carryOut(effect, connection, by)).toMatchObject({ is: 'done' })
  expect((await action(name).look(effect, connection, by)).is).toBe('there')
  return effect
}
const issue = async (): Promise<string> =>
  `acme/shop#${(await hub.ask('POST', '/repos/acme/shop/issues', { title: 'A bug', body: 'x' }, tokens.sam)).number}`
let branches = 0
const pullEffect = async (params: Record<string, unknown> = {}): Promise<Effect> => {
  const head = `vp/bug-${++branches}`
  const commit = await hub.branch(head)
  return testEffect({ commit, params: { repo: 'acme/shop', title: 'Mend the prices', head, base: 'main', ...params } })
}
const opened = async (params: Record<string, unknown> = {}): Promise<{ effect: Effect; ref: string }> => {
  const effect = await pullEffect(params)
  const went = await action('github.open_pr').carryOut(effect, connection, emulated)
  if (went.is !== 'done') throw new Error(JSON.stringify(went))
  return { effect, ref: String(went.receipt.observed['ref']) }
}

describe('sent', () => {
  test('to connect with a token, and as an App', async () => {
    expect(await github.check(connection, emulated)).toHaveProperty('account')
    const app = {
      ...connection,
      settings: { base: hub.url, app: '12345', installation: '100' },
      secrets: { private_key: appKey, webhook_secret: 'x'.repeat(32) },
    }
    expect(await github.check(app, emulated)).toMatchObject({ account: { name: 'viewport[bot]' } })
    // A name that is not there is looked for among those that are.
    expect(await github.lookUp!.names(['acme/shp'], connection, emulated)).toEqual([{ near: 'acme/shop' }])
    expect(await github.lookUp!.names(['acme/shp'], app, emulated)).toHaveLength(1)
    const forge = {
      ...app,
      settings: { forge: 'github', base: hub.url },
      secrets: { token: 't'.repeat(20), forge_token: tokens.us },
    }
    expect(await ci.check(forge, emulated)).not.toHaveProperty('problem')
  })

  test('by every action, with all that it may say', async () => {
    await does('github.comment', testEffect({ target: await issue(), params: { text: 'Worked on it.' } }))
    await does(
      'github.label',
      testEffect({ target: await issue(), params: { add: ['agent', 'a/b c'], remove: ['todo'] } }),
    )
    await does('github.assign', testEffect({ target: await issue(), params: { to: ['sam'] } }))
    await does(
      'github.create_issue',
      testEffect({ params: { repo: 'acme/shop', title: 'Follow up', body: 'Look.', labels: ['later'] } }),
    )
    const check = { name: 'viewport', conclusion: 'success', summary: 'Fine.' }
    await does('github.report_check', testEffect({ commit: await hub.branch('vp/check'), params: check }))
    for (const conclusion of ['failure', 'neutral']) {
      const effect = testEffect({ commit: await hub.branch(`vp/${conclusion}`), params: { ...check, conclusion } })
      expect((await action('github.report_check').carryOut(effect, connection, emulated)).is).toBe('done')
    }
    await does(
      'github.open_pr',
      await pullEffect({ body: 'Look.', labels: ['agent'], reviewers: ['sam'], draft: true }),
    )
    await action('github.open_pr').carryOut(await pullEffect({ reviewers: ['acme/reviewers'] }), connection, emulated)
    for (const verdict of ['comment', 'request_changes'])
      await action('github.review').carryOut(
        testEffect({ target: (await opened()).ref, params: { text: 'Looks odd.', verdict } }),
        connection,
        emulated,
      )
    const { ref, effect } = await opened()
    await does(
      'github.update_pr',
      testEffect({ target: ref, commit: effect.commit, params: { title: 'T', body: 'B' } }),
    )
  })

  test('to close what somebody pushed to, and to take a pull request out of draft', async () => {
    const { effect } = await opened()
    const moved = { ...effect, commit: await hub.branch(`vp/other-${++branches}`) }
    expect(await action('github.open_pr').carryOut(moved, connection, emulated)).toMatchObject({ code: 'head_moved' })
    const draft = await opened({ draft: true })
    const ready = testEffect({ target: draft.ref, commit: draft.effect.commit, params: { ready: true } })
    for (const base of [hub.url, `${hub.url}/api/v3`])
      await action('github.update_pr').carryOut(
        ready,
        { ...connection, settings: { base } },
        watched(base, {
          now: Date.now,
          ask: async (asked) =>
            asked.url.endsWith('/graphql')
              ? { status: 200, headers: {}, text: '{"data":{}}' }
              : near.ask({ ...asked, url: asked.url.replace('/api/v3', '') }),
        }),
      )
  })

  test('to keep a comment that says how a run goes', async () => {
    const effect = testEffect({ target: await issue(), params: { text: 'Waits.' } })
    const went = await github.status!.write(effect, connection, emulated)
    const message = String((went as { receipt: { observed: Record<string, unknown> } }).receipt.observed['message'])
    const again = { ...effect, params: { text: 'Done.' } }
    expect((await github.status!.rewrite(again, message, connection, emulated)).is).toBe('done')
  })

  test('to find news without webhooks', async () => {
    const about = await issue()
    await hub.ask('POST', `/repos/acme/shop/issues/${about.split('#')[1]}/comments`, { body: '/fix' }, tokens.sam)
    const since = { since: new Date(Date.now() - 60_000).toISOString(), etags: {} }
    const { found } = await github.poll!.ask(connection, 'acme/shop', since, emulated)
    expect(found.length).toBeGreaterThan(1)
    await github.poll!.ask(connection, 'acme/shop', null, emulated)
    // The counterpart knows no pushes: from the description's example one is found, which has older names than its own schema.
    const renamed = (text: string, { url }: Asked): string =>
      url.includes('/activity')
        ? text
            .replaceAll('"pushed_at"', '"timestamp"')
            .replaceAll('"push_type":"normal"', '"activity_type":"push"')
            .replaceAll('"pusher"', '"actor"')
        : text
    const long = { since: '2001-01-01T00:00:00Z', etags: {} }
    const listened = new Set(['check_failed'])
    const all = await github.poll!.ask(atGitHub, 'octocat/Hello-World', long, examples(api, renamed), listened)
    expect(all.found.map(({ headers }) => headers['x-github-event'])).toEqual(
      expect.arrayContaining(['push', 'release']),
    )
  })

  test('to fetch again what a delivery is about, and to ask who edited it', async () => {
    const edits = JSON.stringify({
      data: {
        repository: {
          issueOrPullRequest: {
            lastEditedAt: null,
            userContentEdits: null,
            timelineItems: { pageInfo: { hasNextPage: false }, nodes: [] },
          },
        },
        node: { lastEditedAt: null, userContentEdits: null },
      },
    })
    const pull = github.samples!.find(({ name }) => name === 'pull-request-opened')!
    const onLine = {
      headers: { ...pull.headers, 'x-github-event': 'pull_request_review_comment' },
      body: { ...(pull.body as object), action: 'created', comment: { id: 10, node_id: 'PRRC_1' } },
    }
    for (const { headers = {}, body } of [...github.samples!, onLine]) {
      const told = JSON.parse(JSON.stringify(body).replaceAll('example/shop', 'octocat/Hello-World')) as object
      const delivery: StoredDelivery = { headers, body: Buffer.from(JSON.stringify(told)), part: null }
      // The example is about an account of its own; here it is about whoever did it.
      const { id } = (told as { sender: { id: number } }).sender
      const outside = examples(api, (text, asked) =>
        asked.url.endsWith('/graphql')
          ? edits
          : asked.url.endsWith('/permission')
            ? JSON.stringify({ ...(JSON.parse(text) as object), user: { id } })
            : text,
      )
      const fetched = await github.again!(delivery, atGitHub, outside)
      expect(fetched).not.toHaveProperty('note')
    }
  })

  test('to see how a pull request stands: open with a failed check, and merged', async () => {
    const ref = 'octocat/Hello-World#1347'
    const open = examples(api, (text, { url }) =>
      /\/pulls\/\d+$/.test(url)
        ? text
            .replace(/"merged_at":"[^"]*"/g, '"merged_at":null')
            // Whoever reviewed stands there as asked to review, too: nobody asked them again.
            .replace(/"requested_reviewers":\[[^\]]*\]/, '"requested_reviewers":[]')
        : text.replaceAll('"slug":"octoapp"', '"slug":"github-actions"').replaceAll('"neutral"', '"failure"'),
    )
    const { seen } = await github.sight!({ ref, url: null }, atGitHub, open)
    expect(seen).toMatchObject({ state: 'open', reviews: [{ verdict: 'approve' }] })
    expect(seen.checks.map(({ state }) => state)).toContain('failed')
    const merged = await github.sight!({ ref, url: null }, atGitHub, examples(api))
    expect(merged.seen.state).toBe('merged')
  })

  test('by CI, to put a status on a commit and to run a build again', async () => {
    const forge: Connection = {
      ...connection,
      settings: { forge: 'github', base: builds.url },
      secrets: { token: 't'.repeat(20), forge_token: builds.token },
    }
    const outside = watched(builds.url, near)
    for (const state of ['success', 'failure', 'pending']) {
      const effect = testEffect({ commit: builds.commit(), params: { name: 'viewport', state, text: 'Two failed.' } })
      expect((await ci.actions['ci.report_status']!.carryOut(effect, forge, outside)).is).toBe('done')
    }
    const build = testEffect({ target: `acme/shop build ${builds.run().id} attempt 1` })
    expect((await ci.actions['ci.rerun']!.carryOut(build, forge, outside)).is).toBe('done')
  })

  test('to make an App by a manifest, and to name its repositories', async () => {
    const { plane, workspace } = await testPlane()
    const { id, admin } = await workspace('apps')
    const asker = { workspace: id, person: admin.id, name: 'admin' } as never
    // The example of a key is none.
    const outside = examples(api, (text) => text.replace(/"pem":"[^"]*"/, `"pem":${JSON.stringify(appKey)}`))
    const answers = githubAppAnswers({ ...plane.context, outside })
    const begun = await admin.post('/api/github-apps', { name: 'github', base: api, organization: null })
    const shown = await admin.get(new URL(begun.body.page).pathname + new URL(begun.body.page).search)
    const stateIn = (text: string): string => /state=(vpg_[\w-]+)/.exec(text)![1]!
    const made = await answers.madeApp({ asker, body: { state: stateIn(shown.body), code: 'abc' } } as never)
    expect(made).toMatchObject({ app: 'octoapp' })
    const body = { state: stateIn((made as { install: string }).install), installation: '1' }
    expect(await answers.installedApp({ asker, body } as never)).toMatchObject({
      connection: { settings: { repos: 'octocat/Hello-World' } },
    })
  })
})

/** Does a request that was sent fit one that the source can send? */
const isOf = ({ method, path }: Sendable, { sent, base }: Held): boolean => {
  // GraphQL of an Enterprise Server stands beside its REST API.
  if (path.startsWith('/../')) return base.endsWith('/api/v3') && sent === `${method} /api${path.slice(3)}`
  const pattern = path
    .replace(/^\/repos\/\{\}/, '/repos/{}/{}')
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replaceAll('{}', path.includes('/git/ref/') ? '.+' : '[^/]+')
  return new RegExp(`^${method} ${pattern}$`).test(sent)
}

describe('held against what GitHub says of itself', () => {
  const rest = sendable.filter(({ path }) => !path.endsWith('/graphql'))
  const named = (described: Described): string[] =>
    rest
      .filter(({ method, path }) => described.operationOf(method, path) === null)
      .map(({ at, method, path }) => `${at}: ${method} ${path}`)

  test('the source can send what GitHub describes, and nothing else', () => {
    expect(sendable.length).toBeGreaterThan(40)
    expect(named(dotCom)).toEqual([])
    expect(named(enterprise)).toEqual([])
  })
  test('nobody else asks GitHub', () => {
    const all = globSync('{core,server,runner}/src/**/*.ts', { cwd: root }).filter(
      (file) => !/\.test\.ts$|\/(test|testing)\//.test(file) && !sources.includes(root + file),
    )
    const asks = (file: string): boolean =>
      /from '[^']*github\/(ask|rest|app-token|manifest)(\.ts)?'/.test(readFileSync(root + file, 'utf8'))
    expect(all.length).toBeGreaterThan(500)
    expect(all.filter(asks)).toEqual([])
  })
  test('each of these was sent here', () =>
    expect(sendable.filter((one) => !held.some((sent) => isOf(one, sent)))).toEqual([]))
  test('each question in GraphQL was sent here', () => {
    const heads = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/[`'"]((?:query|mutation)\b[^{]*\{[^$`'"]*)/g)].map(([, head]) => head!),
    )
    expect(heads.length).toBeGreaterThan(2)
    expect(heads.filter((head) => ![...questions].some((one) => one.startsWith(head)))).toEqual([])
  })
  test('nothing was sent that was not found in the source', () =>
    expect(held.filter((sent) => !sendable.some((one) => isOf(one, sent))).map(({ sent }) => sent)).toEqual([]))
  test('every path, parameter and body was as it is described', () => expect([...complaints].toSorted()).toEqual([]))
  test('an unknown path, parameter, field or value is seen', async () => {
    const said = async (method: Asked['method'], path: string, body?: object): Promise<string[]> => {
      const asked = {
        method,
        url: `${api}${path}`,
        headers: { 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      }
      return (await dotCom.judge(asked, api, null)).request
    }
    const issues = '/repos/acme/shop/issues'
    expect(await said('POST', issues, { title: 'x', labels: ['a'] })).toEqual([])
    expect(await said('POST', issues, { titel: 'x' })).toEqual([
      expect.stringContaining("required property 'title'"),
      expect.stringContaining('additional properties'),
    ])
    expect(await said('POST', issues, { title: 'x', labels: 'a' })).toEqual([expect.stringContaining('labels')])
    expect(await said('GET', `${issues}?perpage=100`)).toEqual(['the query has no parameter perpage'])
    expect(await said('GET', `${issues}?state=opened`)).toEqual([expect.stringContaining('state')])
    expect(await said('GET', '/repos/acme/shop/isues')).toEqual([expect.stringContaining('no path matched')])
    expect(await said('POST', '/repos/acme/shop/statuses/abc', { state: 'failed' })).toHaveLength(1)
    expect(judgeGraphql('query($id: ID!) { node(id: $id) { nme } }', { id: 'x' })).toHaveLength(1)
    expect(judgeGraphql('query($id: ID!) { node(id: $id) { id } }', {})).toHaveLength(1)
  })
  test('what the counterpart answers otherwise than GitHub does is known, where it is read', () => {
    const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n')
    const isRead = (one: string): boolean => {
      const name = /\.([a-z_]+)(?:\.N)?$/.exec(one)?.[1]
      return name === undefined || new RegExp(`\\b${name}\\b`).test(text)
    }
    expect([...divergences].filter(isRead).toSorted()).toEqual([
      // Whose an App is, and on whose account it stands: told with fewer fields; neither is looked at.
      'GET /app/installations/{installation_id}: body.account',
      'GET /app/installations/{installation_id}: body.account.created_at',
      'GET /app/installations/{installation_id}: body.account.html_url',
      'GET /app/installations/{installation_id}: body.account.name',
      'GET /app/installations/{installation_id}: body.account.slug',
      'GET /app/installations/{installation_id}: body.account.updated_at',
      'GET /app: body.owner',
      // What an event has nothing of is null there, and is left out by GitHub; both are read alike. Nobody assigns.
      'GET /repos/{owner}/{repo}/issues/{issue_number}/events: body.N',
      'GET /repos/{owner}/{repo}/issues/{issue_number}/events: body.N.assignee',
      'GET /repos/{owner}/{repo}/issues/{issue_number}/events: body.N.assigner',
      'GET /repos/{owner}/{repo}/issues/{issue_number}/events: body.N.label',
      'GET /repos/{owner}/{repo}/issues/{issue_number}/events: body.N.milestone',
      'GET /repos/{owner}/{repo}/pulls: body.N.labels.N.description', // null, where a label says no more
      'GET /users/{username}: body', // brackets of a bot's name are not written out in its addresses
      'GET /users/{username}: body.collaborators', // so it is held against the form of one's own account, too; the word is of another address
      'GET /users/{username}: body.html_url',
      'GET /users/{username}: body.url',
      // 200 where GitHub says 201, or the other way; any of both is taken.
      'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees: Unable to match the returned status code with those defined in the document: 201',
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers: Unable to match the returned status code with those defined in the document: 201,403,422',
      'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews: Unable to match the returned status code with those defined in the document: 200,403,422',
    ])
  })
})
