// One whole story. An issue of Linear becomes a pull request of GitHub, with a comment and a move in Linear and a word in Slack. A person's
// review of it sends the agent back in the same run, a check that fails at GitHub sends it back once more; each time a person approves the new
// version, and the same pull request is brought to it. The merge at GitHub ends it, and the packet of it all verifies. Once told by webhooks,
// once only by asking; and once with a draft first, where CI speaks before the one decision, which is given at GitHub. The control plane, vpd, git and all signatures are real; Linear, Slack and GitHub are emulate's programs.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { createEmulator, type Emulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { localAdmin, type Caller, type Json } from './testing/api.ts'
import { hubTokens, openGithubFront, type GithubFront } from './testing/github-front.ts'
import { linearKeys, openLinearFront, type LinearFront } from './testing/linear-front.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { slackSeed } from './testing/slack-seed.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const place = makePlace('story')
const settings = { VIEWPORT_DATA_DIR: place.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1,localhost' }
const secret = randomBytes(24).toString('hex')
const slackToken = 'xoxb-viewport'
let plane: Running
let admin: Caller
let hub: GithubFront
let linear: LinearFront
let slack: Emulator

const review = "Please round down, in the customer's favour."
const onTheLine = 'This rounds half a cent up.'
/** Makes what it was told last: first as the plan says, then as the review says, then as the check says. */
const agent = `
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
const prompt = await text(process.stdin)
if (process.env.VPD_MODE === 'plan') console.log('# Mend it\\n\\n1. Take the discount once.\\n\\n## Files\\n\\n- \`src/price.js\`')
else {
  const down = prompt.includes('round down') && prompt.includes('half a cent up')
  const named = /names ended with failure at [0-9a-f]{12}/.test(prompt)
  const whole = named ? 'Math.floor(cents * rate)' : down ? 'Math.floor(cents * 0.9)' : 'Math.round(cents * 0.9)'
  writeFileSync('src/price.js', (named ? 'const rate = 0.9\\n' : '') + 'export const price = (cents) => ' + whole + '\\n')
  console.log('Mended.')
}
`
const first = 'export const price = (cents) => Math.round(cents * 0.9)'
const second = 'export const price = (cents) => Math.floor(cents * 0.9)'
const third = 'const rate = 0.9\nexport const price = (cents) => Math.floor(cents * rate)'

const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
    encoding: 'utf8',
    env: place.env,
  }).trim()

/** A bare repository whose discount is taken twice. */
const makeRemote = (name: string): string => {
  const [work, remote] = [join(place.folder, `${name}-work`), join(place.folder, `${name}.git`)]
  const files = {
    'README.md': `# ${name}\n`,
    'package.json': '{ "type": "module" }\n',
    'src/price.js': 'export const price = (cents) => Math.round(cents * 0.9 * 0.9)\n',
    'test.js': "import { price } from './src/price.js'\nif (price(1000) !== 900) throw new Error('wrong')\n",
    '.viewport/checks.yaml': '- node test.js\n',
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(work, file, '..'), { recursive: true })
    writeFileSync(join(work, file), text)
  }
  git(work, 'init', '--quiet', '--initial-branch=main')
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--message', 'One')
  git(place.folder, 'clone', '--quiet', '--bare', work, remote)
  return remote
}
const folders = {
  'acme/shop': makeRemote('shop'),
  'acme/till': makeRemote('till'),
  'acme/desk': makeRemote('desk'),
} as const
type Repo = keyof typeof folders

const tell = async (...words: string[]): Promise<string> => {
  const ended = await run(place, viewportProgram, words, settings)
  expect({ words, ...ended }).toMatchObject({ code: 0 })
  return ended.out
}

beforeAll(async () => {
  hub = await openGithubFront(place, folders)
  linear = await openLinearFront()
  slack = await createEmulator({ service: 'slack', port: 0, seed: slackSeed(slackToken) })
  plane = start(place, viewportProgram, ['up', '--port', '0', '--data', place.data], settings)
  await plane.says(/Ctrl-C stops everything/)
  admin = localAdmin(place.data)
  await tell('teams', 'add', 'payments', '--name', 'Payments')
  const [, me = ''] = /^(@\S+)/.exec(await tell('people'))!
  await tell('people', 'change', me, '--team', 'payments')
  for (const [handle, account] of [
    ['sam', `linear:${linear.user('Sam')}`],
    ['kim', await hub.account('kim')],
  ] as const) {
    await tell('people', 'add', handle, '--name', handle, '--team', 'payments')
    await tell('people', 'link', `@${handle}`, account)
  }
  for (const [repo, folder] of Object.entries(folders)) await tell('repositories', 'add', repo, `file://${folder}`)
  const connected = async (tool: string, values: Json): Promise<string> =>
    (await admin.send('POST', '/api/connections', { tool, name: tool, values }))['connection'].url as string
  const hooks = {
    linear: await connected('linear', { key: linearKeys.us, signing: secret, base: linear.url, teams: 'Payments' }),
    github: await connected('github', { token: hubTokens.us, webhook_secret: secret, base: hub.url }),
  }
  await connected('slack', { token: slackToken, signing: secret, base: slack.url, 'home.payments': '#support' })
  await linear.hook(hooks.linear, secret)
  // And nothing tells of acme/till.
  for (const repo of ['acme/shop', 'acme/desk']) await hub.hook(repo, hooks.github, secret)
  await startRunner()
  for (const repo of Object.keys(folders) as Repo[]) await saveWorkflow(repo)
}, 120_000)

afterAll(async () => {
  endAllOf(place.folder)
  for (const one of [hub, linear, slack]) await one?.close()
  place.remove()
})

const startRunner = async (): Promise<void> => {
  const home = join(place.home, '.viewport/runner')
  mkdirSync(home, { recursive: true })
  const program = join(place.folder, 'agent.mjs')
  writeFileSync(program, agent)
  const argv = JSON.stringify([process.execPath, program])
  writeFileSync(
    join(home, 'policy.yaml'),
    `repositories: ["**"]\nwalls: { read: ["${program}"] }\ncommands:\n  mender: { argv: ${argv}, prompt: stdin, modes: [plan, edit] }\n`,
    { mode: 0o600 },
  )
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--server', admin.url])
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell('runners', 'approve', code, '--words', words, '--pool', 'default')
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await acceptBareRunners(place)
  await start(place, vpdProgram, ['worker', 'start']).says(/online/)
}

const nameFor = (repo: Repo): string => `mend-${repo.split('/')[1]}`
const saveWorkflow = async (repo: Repo): Promise<void> => {
  const file = join(place.folder, `${nameFor(repo)}.workflow.yaml`)
  writeFileSync(
    file,
    `name: ${nameFor(repo)}
team: payments
trigger:
  linear: { event: issue_assigned, team: Payments, title: { contains: ${repo} } }
repos: [${repo}]
agents: { plan: mender, implement: mender }
approvals: [plan_review, pr_approval]
actions:
  - github.open_pr: { draft: ${repo === 'acme/desk'} }
  - linear.comment: { text: 'Proposed: {{ actions.github.open_pr.url }}' }
  - linear.transition: { to: In Review }
  - slack.comment: { text: '{{ run.title }}: {{ actions.github.open_pr.url }}' }
status: [linear]
runner: { pool: default }
`,
  )
  await tell('workflows', 'save', file, '--enable')
}

/** Waits until the run of this repository is so; the admin approves what is asked meanwhile, where they decide it here. Answers the kinds of it. */
const until = async (
  repo: Repo,
  what: string,
  isSo: (view: Json) => boolean | Promise<boolean>,
  millis: number,
  isDecidedHere = true,
): Promise<string[]> => {
  const decided: string[] = []
  let view: Json = {}
  const look = async (): Promise<boolean> => {
    view = await viewOf(repo)
    for (const { gate, number } of (await admin.get('/api/inbox'))['open']) {
      if (number !== view['number'] || !isDecidedHere) continue
      const card = await admin.get(`/api/gates/${gate}`)
      if (card['kind'] === 'question') throw new Error(`It asks: ${card['subject'].text}`)
      const { digest } = card as { digest: string }
      await admin.send('POST', `/api/gates/${gate}/decisions`, { verdict: 'approve', digest })
      decided.push(card['kind'] as string)
    }
    return isSo(view)
  }
  for (const deadline = Date.now() + millis; !(await look()); await sleep(250))
    if (Date.now() > deadline) {
      const found = view['run']
        ? (await factsOf(view)).slice(-6).map(({ type, data }) => [type, data] as const)
        : (await admin.get('/api/deliveries'))['deliveries']
      const { outcome, pull } = view
      throw new Error(`${what} did not come: ${JSON.stringify({ outcome, pull, found })}`)
    }
  return decided
}

const viewOf = async (repo: Repo): Promise<Json> => {
  const { rows } = await admin.get(`/api/runs?workflow=${nameFor(repo)}`)
  return rows[0] ? admin.get(`/api/runs/${rows[0].run}`) : {}
}
const factsOf = async (view: Json): Promise<Json[]> =>
  (await admin.get(`/api/runs/${view['run']}/facts`))['facts'].map(({ text }: { text: string }) => JSON.parse(text))
const named = async (view: Json, type: string): Promise<Json[]> =>
  (await factsOf(view)).filter((fact) => fact['type'] === type)

/** The pull request as GitHub shows it; there is never a second one. */
const pullOf = async (repo: Repo): Promise<Json> => {
  const all = (await hub.ask('GET', `/repos/${repo}/pulls?state=all&per_page=100`)) as unknown as Json[]
  expect(all).toHaveLength(1)
  return hub.ask('GET', `/repos/${repo}/pulls/${all[0]!['number']}`)
}
/** What the pull request has made of the price. */
const shown = async (repo: Repo): Promise<string> => {
  const { head } = await pullOf(repo)
  return git(folders[repo], 'show', `${head.sha}:src/price.js`)
}
const stands = async (repo: Repo, text: string): Promise<string> => {
  expect(await shown(repo)).toBe(text)
  return (await pullOf(repo))['head'].sha as string
}
const bySlack = async (): Promise<string[]> => {
  const ask = async (method: string, params: Record<string, string>): Promise<Json> =>
    (await (
      await fetch(`${slack.url}/api/${method}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${slackToken}` },
        body: new URLSearchParams(params),
      })
    ).json()) as Json
  const [channel] = (await ask('conversations.list', {}))['channels'].filter((one: Json) => one['name'] === 'support')
  return (await ask('conversations.history', { channel: channel.id }))['messages'].map((one: Json) => one['text'])
}
/** Beside the comment that the workflow asks for one says how the run goes: it, and no second one, comes to say this. */
const saysLast = async (issue: string, what: RegExp): Promise<void> => {
  const statuses = async (): Promise<string[]> =>
    (await linear.issue(issue)).comments.filter((text) => !text.startsWith('Proposed:'))
  for (const deadline = Date.now() + 60_000; !what.test((await statuses()).join('\n')); await sleep(250))
    if (Date.now() > deadline) break
  expect(await statuses()).toEqual([expect.stringMatching(what)])
}

/** `patience`: so long (ms) news of GitHub may take. `isAtOnce`: the check fails when the review is given, and one version mends both. */
const story = async (repo: Repo, patience: number, isAtOnce: boolean): Promise<void> => {
  const check = { name: 'names', status: 'completed' }
  const title = `Charged twice at ${repo}`
  const issue = await linear.fileBug(title, 'The discount is taken twice.')
  expect(await until(repo, 'the pull request', (view) => view['outcome'] === 'succeeded', 90_000)).toEqual([
    'plan',
    'change',
  ])
  const begun = await viewOf(repo)
  const one = await stands(repo, first)
  const pull = await pullOf(repo)
  expect(pull).toMatchObject({ title, state: 'open', base: { ref: 'main' } })
  const words = `/${repo}/pull/${pull['number']}`
  expect(begun['receipts'].map((receipt: Json) => receipt['action'])).toEqual([
    'git.push',
    'github.open_pr',
    'linear.comment',
    'linear.transition',
    'slack.comment',
  ])
  expect((await linear.issue(issue)).state).toBe('In Review')
  expect((await linear.issue(issue)).comments.filter((text) => text.startsWith('Proposed:'))).toEqual([
    expect.stringContaining(words),
  ])
  expect((await bySlack()).filter((text) => text.includes(words))).toHaveLength(1)
  await saysLast(issue, /Done\. The pull request is open\.$/m)

  // Kim reviews it at GitHub.
  await hub.ask(
    'POST',
    `/repos/${repo}/pulls/${pull['number']}/reviews`,
    {
      event: 'REQUEST_CHANGES',
      body: review,
      commit_id: one,
      comments: [{ path: 'src/price.js', position: 1, body: onTheLine }],
    },
    hubTokens.kim,
  )
  // A check fails there, too: of this version, or of the one that the review brings.
  const fails = (sha: string): Promise<Json> =>
    hub.ask('POST', `/repos/${repo}/check-runs`, { ...check, head_sha: sha, conclusion: 'failure' })
  const isAt = (text: string) => async (view: Json) => view['outcome'] === 'succeeded' && (await shown(repo)) === text
  let between: string[] = []
  if (isAtOnce) await fails(one)
  else {
    expect(await until(repo, 'the version that the review wants', isAt(second), patience)).toEqual(['change'])
    between = [await stands(repo, second)]
    await fails(between[0]!)
  }
  expect(await until(repo, 'the version that the check wants', isAt(third), patience)).toContain('change')
  const three = await stands(repo, third)
  await hub.ask('POST', `/repos/${repo}/check-runs`, { ...check, head_sha: three, conclusion: 'success' })
  expect((await named(begun, 'review.heard')).map(({ by, data }) => [by.name, data.acted, data.text])).toEqual([
    ['@kim', true, review],
  ])

  // Kim merges it.
  await hub.ask('PUT', `/repos/${repo}/pulls/${pull['number']}/merge`, { sha: three }, hubTokens.kim)
  expect(await until(repo, 'the merge', (view) => view['pull'].state === 'merged', patience)).toEqual([])
  const ended = await viewOf(repo)
  expect(ended).toMatchObject({ run: begun['run'], outcome: 'succeeded', pull: { by: '@kim', state: 'merged' } })
  const [merged, ...more] = await named(ended, 'pull.merged')
  expect(more).toEqual([])
  expect(merged).toMatchObject({ by: { kind: 'person', name: '@kim' }, data: { name: '@kim' } })
  expect(git(folders[repo], 'rev-parse', 'refs/heads/main')).toBe(merged!['data'].commit)
  expect(git(folders[repo], 'show', 'main:src/price.js')).toBe(third)

  // Everything was done once, or once for each version; nothing of it is told twice.
  const pushes: string[] = ended['receipts'].flatMap(({ action, receipt }: Json) =>
    action === 'git.push' ? [receipt.observed.commit] : [],
  )
  // What is said at once is one round, unless a look came between.
  if (!isAtOnce || pushes.length === 2) expect(pushes).toEqual([one, ...between, three])
  expect(ended['pull'].rounds).toBe(pushes.length - 1)
  expect(ended['receipts'].map((receipt: Json) => receipt['action'])).toEqual([
    ...begun['receipts'].map((receipt: Json) => receipt['action']),
    ...pushes.slice(1).flatMap(() => ['git.push', 'github.open_pr']),
  ])
  expect((await bySlack()).filter((text) => text.includes(words))).toHaveLength(1)
  const [, ...refs] = git(folders[repo], 'for-each-ref', '--format=%(refname)').split('\n').toSorted()
  expect(refs).toEqual([expect.stringMatching(/^refs\/heads\/vp\//)])
  await saysLast(issue, /Done\. The pull request was merged\.$/m)

  const packet = join(place.folder, `${nameFor(repo)}.packet.zip`)
  const keys = join(place.folder, `${nameFor(repo)}.keys.json`)
  await tell('packet', String(ended['number']), '-o', packet)
  await tell('keys', '-o', keys)
  expect(await run(place, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
}

/** Times that the pull request was opened, or brought to another version. */
const versions = (view: Json): number =>
  view['receipts'].filter((receipt: Json) => receipt['action'] === 'github.open_pr').length

/** The draft is there before anybody decides on the change, CI speaks first, and the one decision is Kim's, at GitHub. */
const draftStory = async (repo: Repo): Promise<void> => {
  const [title, patience] = [`Charged twice at ${repo}`, 60_000]
  await linear.fileBug(title, 'The discount is taken twice.')
  const isOpen = (times: number) => (view: Json) => view['pull']?.state === 'open' && versions(view) === times
  expect(await until(repo, 'the draft', isOpen(1), 120_000)).toEqual(['plan'])
  const begun = await viewOf(repo)
  expect(begun['outcome']).toBeNull()
  const one = await stands(repo, first)
  expect(await pullOf(repo)).toMatchObject({ title, draft: true })
  const ends = (sha: string, conclusion: string): Promise<Json> =>
    hub.ask('POST', `/repos/${repo}/check-runs`, { name: 'names', head_sha: sha, status: 'completed', conclusion })
  const approves = async (sha: string): Promise<Json> => {
    const { number } = await pullOf(repo)
    const given = { event: 'APPROVE', body: 'Fine.', commit_id: sha }
    return hub.ask('POST', `/repos/${repo}/pulls/${number}/reviews`, given, hubTokens.kim)
  }
  await approves(one) // and then this version fails
  await ends(one, 'failure')
  expect(await until(repo, 'the version that the check wants', isOpen(2), patience, false)).toEqual([])
  const two = await stands(repo, third)
  await ends(two, 'success')
  const isAsked = async ({ number }: Json): Promise<boolean> =>
    (await admin.get('/api/inbox'))['open'].some((one: Json) => one['number'] === number)
  await until(repo, 'the one question', isAsked, patience, false)
  expect(await named(begun, 'decision.made')).toHaveLength(1) // of the plan: what Kim approved is not this version
  await approves(two)
  await until(repo, 'the end', (view) => view['outcome'] === 'succeeded', patience, false)
  const [, decision] = await named(begun, 'decision.made')
  expect(decision).toMatchObject({
    by: { kind: 'person', name: 'kim' },
    data: { via: { surface: 'forge', auth: 'account' } },
  })
  const pull = await pullOf(repo)
  expect(pull).toMatchObject({ title, draft: false, state: 'open' })
  await hub.ask('PUT', `/repos/${repo}/pulls/${pull['number']}/merge`, { sha: two }, hubTokens.kim)
  await until(repo, 'the merge', (view) => view['pull'].state === 'merged', patience, false)
  expect(git(folders[repo], 'show', 'main:src/price.js')).toBe(third)
}

describe.concurrent('from an issue to the merge', () => {
  test('told by webhooks', { timeout: 400_000 }, async () => {
    await story('acme/shop', 60_000, false)
    for (const event of ['pull_request_review', 'check_run', 'pull_request'])
      expect(hub.told).toContain(`shop ${event}`)
  })
  test('a draft first, approved at GitHub', { timeout: 400_000 }, async () => {
    await draftStory('acme/desk')
    expect((await viewOf('acme/desk'))['pull']).toMatchObject({ by: '@kim', draft: false })
  })
  // GitHub tells nobody of acme/till: each piece of news is found by the next look, a minute later at most.
  test('only asked', { timeout: 600_000 }, async () => {
    await story('acme/till', 150_000, true)
    expect(hub.told.filter((event) => event.startsWith('till'))).toEqual([])
  })
})
