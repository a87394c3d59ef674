/**
 * Does each template do what it says, from the tool that tells of work to the receipts?
 * A whole control plane, a real vpd with a small agent, real git and signatures; Linear, Slack and GitHub are programs of somebody else, Jira is our own
 * emulator, CI is a line of curl, the schedule is the product's own. The last test names what a template offers and nobody played.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fillTemplate } from '@viewportai/core/gallery/fill'
import { textOf } from '@viewportai/core/tools/jira/document'
import { connect } from '../cli/connect.ts'
import { pairRunner } from '../sample/pair-runner.ts'
import { findVpd, runnerEnvironment } from '../sample/runner-program.ts'
import { emulatedJira, tokens as jiraTokens } from '../tools/jira/testing/emulated.ts'
import { emulatedLinear, keys } from '../tools/linear/testing/emulated.ts'
import { tokens as hubTokens } from '../tools/github/testing/emulated.ts'
import { emulatedSlack, signedBy, tokens as slackTokens } from '../tools/slack/testing/emulated.ts'
import { send, testPlane, type TestPerson } from '../../test/plane.ts'
import { allTemplates } from './templates.ts'
import { forgeOn } from './testing/forge.ts'

/** What every agent step of this file runs: it plans, mends, corrects a document, reads. */
const agent = `
import { readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
const prompt = await text(process.stdin)
const docs = /documents with the code|Correct exactly/.test(prompt)
const file = docs ? 'docs/prices.md' : 'src/price.js'
if (process.env.VPD_MODE === 'plan') console.log('# Mend it\\n\\n1. Mend \`' + file + '\`\\n\\n## Files\\n\\n- \`' + file + '\`')
else if (process.env.VPD_MODE === 'edit') {
  writeFileSync(file, readFileSync(file, 'utf8').replace(docs ? 'twice' : '0.9 * 0.9', docs ? 'once' : '0.9'))
  console.log('Mended.')
} else console.log('The discount is taken twice in \`src/price.js\`, line 1.\\n\\nAsk @sam for the order; see #12.')
`
const files: Record<string, string> = {
  'src/price.js': 'export const price = (cents) => Math.round(cents * 0.9 * 0.9)\n',
  'test.js': "import { price } from './src/price.js'\nif (price(1000) > 900) throw new Error('too dear')\n",
  'package.json': '{ "type": "module" }\n',
  'docs/prices.md': 'The discount is taken twice.\n',
  '.viewport/checks.yaml': '- node test.js\n',
}

const place = mkdtempSync(path.join(os.tmpdir(), 'viewport-templates-'))
const git = (...words: string[]): string =>
  execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: place, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim()
const remoteOf = (name: string, held: Record<string, string>): string => {
  const work = path.join(place, `${name}-work`)
  for (const [file, text] of Object.entries(held)) {
    mkdirSync(path.dirname(path.join(work, file)), { recursive: true })
    writeFileSync(path.join(work, file), text)
  }
  git('init', '--quiet', '--initial-branch=main', work)
  git('-C', work, 'add', '--all')
  git('-C', work, 'commit', '--quiet', '--message', 'One')
  git('clone', '--quiet', '--bare', work, path.join(place, `${name}.git`))
  return path.join(place, `${name}.git`)
}
const shop = remoteOf('shop', files)
const runbooks = remoteOf('runbooks', { 'checkout.md': '# Checkout\n\nDiscounts are taken once.\n' })

const linear = await emulatedLinear()
const jira = await emulatedJira()
const slack = await emulatedSlack()
const hub = await forgeOn(shop)
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
const acme = await workspace('acme', ['payments'])
const { admin } = acme
const secrets = {
  linear: 'lin_wh_secret',
  jira: 'jira-webhook-secret',
  slack: 'slack-signing-secret',
  github: 'github-webhook-secret',
  ci: 'a-token-that-ci-holds-0123456789abcdef',
}
const hooks: Record<string, string> = {}
let lead: TestPerson
let vpd: ChildProcess

beforeAll(async () => {
  lead = await acme.person('lead', { teams: ['payments'] })
  const sam = await acme.person('sam', { teams: ['payments'] })
  for (const account of [
    `linear:${linear.user('Sam')}`,
    `jira:${jira.people.sam.accountId}`,
    `slack:${slack.team}/${slack.user('sam')}`,
    `github:${new URL(hub.url).host}/${hub.ids.sam}`,
  ])
    expect((await admin.post(`/api/people/${sam.id}/accounts`, { account, name: 'Sam' })).status).toBeLessThan(300)
  for (const [name, folder] of Object.entries({ 'acme/shop': shop, 'acme/runbooks': runbooks }))
    await admin.post('/api/repositories', { name, url: `file://${folder}`, defaultBranch: 'main' })
  const values = {
    linear: { key: keys.us, signing: secrets.linear, base: linear.url, teams: 'Payments' },
    jira: { site: jira.url, email: 'us@acme.dev', token: jiraTokens.us, signing: secrets.jira, projects: 'PAY' },
    slack: { token: slackTokens.us, signing: secrets.slack, base: slack.url, 'home.payments': '#support' },
    github: { token: hubTokens.us, webhook_secret: secrets.github, base: hub.url },
    ci: { token: secrets.ci },
  }
  for (const [tool, said] of Object.entries(values)) {
    const { body } = await admin.post('/api/connections', { tool, name: tool, values: said })
    expect(body.detail ?? '').toBe('')
    hooks[tool] = body.connection.url
  }
  await linear.hooks(hooks['linear']!, secrets.linear)
  jira.hook(hooks['jira']!, secrets.jira)
  await startRunner()
}, 120_000)

afterAll(async () => {
  vpd?.kill('SIGTERM')
  await new Promise((done) => (vpd && vpd.exitCode === null ? vpd.once('exit', done) : done(null)))
  rmSync(place, { recursive: true, force: true })
}, 60_000)

const startRunner = async (): Promise<void> => {
  const home = path.join(place, 'home')
  mkdirSync(path.join(home, 'vpd'), { recursive: true })
  const program = path.join(home, 'agent.mjs')
  writeFileSync(program, agent)
  writeFileSync(
    path.join(home, 'vpd/policy.yaml'),
    `repositories: ["**"]\nwalls: { read: ["${home}"] }\ncommands:\n  mender: { argv: ["${process.execPath}", "${program}"], modes: [plan, read, edit, review] }\n`,
    { mode: 0o600 },
  )
  const { body } = await admin.post('/api/tokens', { name: 'pairing', days: 1 })
  const api = connect({ server: plane.url, token: body.token }, { url: null, token: null })
  const command = findVpd(process.env['PATH'] ?? '')!
  const env = runnerEnvironment(home, process.env)
  const as = { name: 'office', pool: 'default', repositories: ['acme/shop', 'acme/runbooks'] }
  const runner = await pairRunner(api, { command, env, home }, as, AbortSignal.timeout(60_000))
  const [first, ...words] = command
  vpd = spawn(first, [...words, 'worker', 'start', '--server', plane.url], { env, cwd: home, stdio: 'ignore' })
  await vi.waitFor(
    async () => {
      const found = (await api.runners()).runners.find(({ id }) => id === runner)!
      expect(found.online).toBe(true)
      if (found.capabilities.isolation.level === 'none' && found.noWall === null)
        await admin.put(`/api/runners/${runner}`, { acceptNoWall: true })
    },
    { timeout: 60_000, interval: 200 },
  )
}

/** The template, with what is particular to acme (`said`: more of its blanks; `variant`: what its comments offer instead), saved and enabled; disabled when `during` has ended. */
const withTemplate = async (
  name: string,
  during: () => Promise<void>,
  said: Record<string, string> = {},
  variant: (source: string) => string = (source) => source,
): Promise<void> => {
  const { templates } = (await admin.get('/api/templates')).body
  const { source } = templates.find((one: { name: string }) => one.name === name)
  const filled = fillTemplate(variant(source), { 'repository:acme/payments-api': 'acme/shop', ...said })
  const saved = await admin.post('/api/workflows', { source: `${filled}agents: mender\n` })
  expect(saved.body.missing ?? saved.body).toEqual([])
  const enabled = (value: boolean) => admin.put(`/api/workflows/${name}/enabled`, { enabled: value })
  expect((await enabled(true)).body.enabled).toBe(true)
  await during()
  await enabled(false)
}

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
/** What was played to its good end: `TEMPLATE from TOOL` and `TEMPLATE does ACTION`. */
const played = new Set<string>()
const ended = new Set<string>()
/** Decides whatever the one new run of this workflow asks, until it ends. Answers the run and the cards that were decided. */
const playedOut = async (workflow: string): Promise<{ run: Loose; cards: Loose[]; receipts: Loose[] }> => {
  const cards: Loose[] = []
  const run = await vi.waitFor(
    async () => {
      const all = (await admin.get(`/api/runs?workflow=${workflow}`)).body.rows as Loose[]
      const rows = all.filter((one) => !ended.has(one.run))
      expect(rows).toHaveLength(1)
      for (const { gate } of (await lead.get('/api/inbox')).body.open) {
        const card = (await lead.get(`/api/gates/${gate}`)).body
        if (card.kind === 'question' && card.subject.about !== 'tainted')
          return { outcome: `asks: ${card.subject.text}`, run: rows[0].run }
        const answer = { verdict: 'answer', answer: { choice: 'go_on', text: null } } // outside text was read, and may be worked on
        const made = await lead.post(`/api/gates/${gate}/decisions`, {
          ...(card.kind === 'question' ? answer : { verdict: 'approve' }),
          digest: card.digest,
        })
        if (made.status < 300) cards.push(card)
      }
      const found = (await admin.get(`/api/runs/${rows[0].run}`)).body
      expect(found.outcome).not.toBe(null)
      return found
    },
    { timeout: 180_000, interval: 150 },
  )
  ended.add(run.run)
  if (run.outcome !== 'succeeded') {
    const { facts } = (await admin.get(`/api/runs/${run.run}/facts`)).body
    throw new Error(`${workflow} ${run.outcome}: ${JSON.stringify(facts.at(-2))} ${JSON.stringify(facts.at(-1))}`)
  }
  const { facts } = (await admin.get(`/api/runs/${run.run}/facts`)).body
  // What was only rehearsed was not played.
  for (const { type, data } of run.rehearsal ? [] : facts.map((one: { text: string }) => JSON.parse(one.text))) {
    if (type === 'run.started') played.add(`${workflow} from ${data.spec.event.tool}`)
    if (type === 'intent.proposed') played.add(`${workflow} does ${data.action}`)
  }
  return { run, cards, receipts: run.receipts }
}
/** A signed delivery of a tool, taken. */
const told = async (tool: string, body: string, headers: Record<string, string>): Promise<void> => {
  const came = await send('', 'POST', hooks[tool]!, {
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  expect({ status: came.status, body: came.body }).toMatchObject({ status: 202 })
}
const pulls = (): Promise<Loose[]> => hub.ask('GET', '/repos/acme/shop/pulls?state=all&per_page=100')

test(
  'bug-to-pr: an issue of Linear becomes a pull request, with a word in Linear and in Slack',
  { timeout: 150_000 },
  () =>
    withTemplate('bug-to-pr', async () => {
      const issue = await linear.create({ title: 'Charged twice', description: 'The discount is taken twice.' })
      await linear.update(issue.id, { assigneeId: linear.user('Viewport') })
      const { cards } = await playedOut('bug-to-pr')
      expect(cards.map(({ kind }) => kind)).toEqual(['plan', 'change'])
      const pull = (await pulls())[0]
      expect(pull).toMatchObject({ title: 'Charged twice', state: 'open', base: { ref: 'main' } })
      expect(git('--git-dir', shop, 'show', `${pull.head.ref}:src/price.js`)).toContain('cents * 0.9)')
      const said = (await linear.issue(issue.id)).comments.nodes
      expect(said).toHaveLength(1)
      expect(said[0].body).toContain(`/acme/shop/pull/${pull.number}`)
      const heard = await slack.history(slack.channel('support'))
      expect(heard.map((one: Loose) => one.text).join()).toContain(`/acme/shop/pull/${pull.number}`)
    }),
)

test('support-to-pr: a mention in Slack becomes a pull request, and its thread hears of it', { timeout: 150_000 }, () =>
  withTemplate('support-to-pr', async () => {
    const text = '<@U0VIEWPORT> a customer gets the discount twice'
    const ts = await slack.say(slack.channel('support'), text, {}, slackTokens.sam)
    const event = { type: 'app_mention', user: slack.user('sam'), text, team: slack.team, ts, event_ts: ts }
    const body = JSON.stringify(slack.told({ ...event, channel: slack.channel('support') }))
    const before = (await pulls()).length
    await told('slack', body, signedBy(secrets.slack)(body))
    const { cards } = await playedOut('support-to-pr')
    expect(cards.map(({ kind }) => kind)).toEqual(['plan', 'change'])
    const all = await pulls()
    expect(all).toHaveLength(before + 1)
    const thread = await slack.thread(slack.channel('support'), ts)
    expect(thread.map((one) => one.text).join('\n')).toContain(
      `/acme/shop/pull/${Math.max(...all.map((one) => one.number))}`,
    )
  }),
)

test(
  'ci-failure-fix: one line of a build becomes a draft that begins at the branch that failed',
  { timeout: 150_000 },
  () =>
    withTemplate('ci-failure-fix', async () => {
      const report =
        '<testsuite><testcase name="ten percent"><failure message="810 is not 900"/></testcase></testsuite>'
      const about = 'repo=acme/shop&commit=0123456789abcdef0123456789abcdef01234567&branch=main&job=test&build=812'
      const came = await send('', 'POST', `${hooks['ci']}?${about}`, {
        body: report,
        headers: { authorization: `Bearer ${secrets.ci}`, 'content-type': 'application/x-www-form-urlencoded' },
      })
      expect({ status: came.status, body: came.body }).toMatchObject({ status: 202 })
      const { cards } = await playedOut('ci-failure-fix')
      expect(cards.map(({ kind }) => kind)).toEqual(['question', 'plan', 'change']) // what a test prints is outside text: somebody reads it first
      const pull = (await pulls()).toSorted((one, other) => other.number - one.number)[0]
      expect(pull).toMatchObject({ draft: true, state: 'open' })
      expect(git('--git-dir', shop, 'show', `${pull.head.ref}:src/price.js`)).toContain('cents * 0.9)')
    }),
)

test(
  'pr-review: a pull request is read at its head, and what is said of it is what a person saw',
  { timeout: 150_000 },
  () =>
    withTemplate('pr-review', async () => {
      const work = path.join(place, 'shop-work')
      git('-C', work, 'checkout', '--quiet', '-b', 'dearer')
      writeFileSync(path.join(work, 'src/dearer.js'), 'export const dearer = (cents) => cents * 2\n')
      git('-C', work, 'add', '--all')
      git('-C', work, 'commit', '--quiet', '--message', 'Dearer')
      git('-C', work, 'push', '--quiet', shop, 'dearer')
      const head = git('-C', work, 'rev-parse', 'HEAD')
      await hub.bring()
      const opened = { title: 'Dearer', head: 'dearer', base: 'main', body: 'Twice the price.' }
      const made = await hub.ask('POST', '/repos/acme/shop/pulls', opened, hubTokens.sam)
      const pull = (await (
        await fetch(`${hub.url}/repos/acme/shop/pulls/${made.number}`, {
          headers: { authorization: `Bearer ${hubTokens.us}` },
        })
      ).json()) as Loose
      expect(pull.head.sha).toBe(head)
      const body = JSON.stringify({
        action: 'opened',
        number: made.number,
        pull_request: pull,
        repository: pull.base.repo,
        sender: made.user,
      })
      await told('github', body, {
        'x-github-event': 'pull_request',
        'x-github-delivery': 'pr-review-1',
        'x-hub-signature-256': `sha256=${createHmac('sha256', secrets.github).update(body).digest('hex')}`,
      })
      const { run, cards } = await playedOut('pr-review')
      expect(cards.map(({ kind }) => kind)).toEqual(['question', 'action']) // nobody told who edited the request before
      const facts = (await admin.get(`/api/runs/${run.run}/facts`)).body.facts.map((one: { text: string }) =>
        JSON.parse(one.text),
      )
      const pinned = facts.find((one: Loose) => one.type === 'repo.pinned').data
      expect(pinned).toMatchObject({ ref: 'refs/heads/dearer', commit: head })
      const [review] = await hub.ask('GET', `/repos/acme/shop/pulls/${made.number}/reviews`)
      expect(review.body).toContain('> The discount is taken twice in `src/price.js`, line 1.')
      expect(review.body).toContain('> Ask @ sam for the order; see # 12.') // nobody is called, nothing is linked
      expect(review.body).toContain(cards.at(-1).subject.params.text.trim())
    }),
)

test(
  'ticket-triage: a new issue is answered in Linear, in the words that a person approved',
  { timeout: 150_000 },
  () =>
    withTemplate('ticket-triage', async () => {
      const issue = await linear.create({ title: 'Refund pending', description: 'It stays pending.' })
      const { cards } = await playedOut('ticket-triage')
      expect(cards.map(({ kind }) => kind)).toEqual(['action'])
      const [said] = (await linear.issue(issue.id)).comments.nodes
      expect(said.body).toContain('> The discount is taken twice')
    }),
)

test('ticket-triage: the same with a ticket of Jira, as the template says', { timeout: 150_000 }, () =>
  withTemplate(
    'ticket-triage',
    async () => {
      const issue = await jira.create({ summary: 'Refund pending' })
      const { cards } = await playedOut('ticket-triage')
      expect(cards.map(({ kind }) => kind)).toEqual(['action'])
      expect(issue.comments).toHaveLength(1)
      expect(textOf(issue.comments[0].body)).toContain('The discount is taken twice')
    },
    {},
    (source) =>
      source
        .replace('linear: { event: issue_created, team: Payments', 'jira: { event: issue_created, project: PAY')
        .replace('linear.comment', 'jira.comment'),
  ),
)

test('docs-refresh: only documents change, and the change is a draft', { timeout: 150_000 }, () =>
  withTemplate('docs-refresh', async () => {
    const kim = await acme.person('kim', { teams: ['payments'] })
    const asked = { workflow: 'docs-refresh', title: 'Prices', inputs: { document: 'docs/prices.md' } }
    expect((await kim.post('/api/runs', asked)).status).toBe(201)
    const { cards } = await playedOut('docs-refresh')
    expect(cards.map(({ kind }) => kind)).toEqual(['plan', 'change'])
    const pull = (await pulls()).find((one) => one.title === 'Prices')
    expect(pull).toMatchObject({ draft: true, state: 'open' })
    expect(git('--git-dir', shop, 'diff', '--name-only', 'main', pull.head.ref)).toBe('docs/prices.md')
  }),
)

test('docs-refresh: its own clock starts it, without anybody, to the same draft', { timeout: 240_000 }, async () => {
  // The next full minute that the control plane has time to see coming, in the template's own blank.
  const at = new Date(Math.ceil((Date.now() + 10_000) / 60_000) * 60_000)
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`
  const blank = allTemplates()
    .find(({ name }) => name === 'docs-refresh')!
    .blanks.find(({ value }) => value === '0 6 * * mon')!
  await withTemplate(
    'docs-refresh',
    async () => {
      const before = (await pulls()).length
      const { run, cards } = await playedOut('docs-refresh')
      expect(run.title).toMatch(/^docs-refresh, \w{3},? \d+ \w+ \d{4},? (at )?\d\d:\d\d Etc\/UTC$/)
      expect(cards.map(({ kind }) => kind)).toEqual(['plan', 'change'])
      const all = await pulls()
      expect(all).toHaveLength(before + 1)
      const pull = all.toSorted((one, other) => other.number - one.number)[0]
      expect(pull).toMatchObject({ draft: true, state: 'open', base: { ref: 'main' } })
      expect(git('--git-dir', shop, 'diff', '--name-only', 'main', pull.head.ref)).toBe('docs/prices.md')
      const { deliveries } = (await admin.get('/api/deliveries')).body
      const ticks = deliveries.filter((one: Loose) => one.tool === 'schedule')
      expect(ticks).toMatchObject([{ source: 'the schedule', verdict: expect.stringMatching(/^docs-refresh started/) }])
    },
    { [blank.id]: cron },
  )
})

test.for(allTemplates().map(({ name }) => name))(
  '%s: rehearsed on a repository of one’s own, to its end, with nothing done outside',
  { timeout: 150_000 },
  (name, { skip }) =>
    withTemplate(name, async () => {
      const { runners } = (await admin.get('/api/runners')).body
      skip(runners[0].capabilities.isolation.level === 'none', 'without a sandbox no runner takes a rehearsal')
      const before = [(await pulls()).length, git('--git-dir', shop, 'for-each-ref')]
      const { samples } = (await admin.get(`/api/samples?workflow=${name}`)).body
      const { id } = samples.find((one: { heard: boolean }) => one.heard)
      const begun = await admin.post(`/api/workflows/${name}/rehearsals`, { sample: id, request: null })
      expect([begun.status, begun.body.detail]).toEqual([201, undefined])
      const { run } = await playedOut(name)
      expect([run.run, run.rehearsal]).toEqual([begun.body.run, true])
      const facts = (await admin.get(`/api/runs/${run.run}/facts`)).body.facts.map((one: { text: string }) =>
        JSON.parse(one.text),
      )
      const types = facts.map((one: Loose) => one.type)
      for (const one of facts) if (one.type === 'repo.pinned') expect(one.data.ref).toBe('refs/heads/main')
      expect(types).toContain('repo.pinned')
      expect(types).toContain('intent.rehearsed')
      expect(types).not.toContain('intent.approved')
      expect([(await pulls()).length, git('--git-dir', shop, 'for-each-ref')]).toEqual(before)
    }),
)

test('nothing that a template offers was left unplayed', () => {
  const offered = allTemplates().flatMap(({ name, compiled }) => [
    ...compiled.triggers.map(({ tool }) => `${name} from ${tool}`),
    ...compiled.steps.flatMap((step) => (step.kind === 'action' ? [`${name} does ${step.action}`] : [])),
  ])
  const asSaid = ['ticket-triage from jira', 'ticket-triage does jira.comment'] // in a comment of the file
  expect([...offered, ...asSaid].filter((one) => !played.has(one))).toEqual([])
})
