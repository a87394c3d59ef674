/**
 * From an event of a tool to the repository, team, pool and agent of its run: by project, component, label, path and channel, each told by the
 * tool's own signed delivery. Linear, GitHub and Slack are programs of somebody else (emulate), Jira and GitLab our own emulators.
 */
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { capabilities } from '../wire/testing/known-runner.ts'
import { emulatedGitHub, tokens as github } from './github/testing/emulated.ts'
import { emulatedGitLab, tokens as gitlab } from './gitlab/testing/emulated.ts'
import { emulatedJira, tokens as jira } from './jira/testing/emulated.ts'
import { emulatedLinear, keys as linear } from './linear/testing/emulated.ts'
import { emulatedSlack, signedBy, tokens as slack } from './slack/testing/emulated.ts'
import { bodyText } from './testing/bench.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const hub = await emulatedGitHub()
const lab = await emulatedGitLab()
const board = await emulatedJira()
const line = await emulatedLinear()
const chat = await emulatedSlack()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db, outside } = plane.context
// The program that is GitHub here keeps no files of pull requests: it would tell that there are none. These are told in its place.
const ask = outside.ask
vi.spyOn(outside, 'ask').mockImplementation(async (one) => {
  if (!/\/pulls\/\d+\/files\?/.test(one.url)) return ask(one)
  const moved = { filename: 'src/price.js', previous_filename: 'lib/price.js', status: 'renamed' }
  return { status: 200, headers: {}, text: JSON.stringify(one.url.endsWith('page=1') ? [moved] : []) }
})
const acme = await workspace('acme', ['core', 'web'])
const { admin } = acme
const lead = await acme.person('lead', { teams: ['core'] })
await acme.person('dev', { teams: ['web'] })
const sam = await acme.person('sam', { teams: ['core'] })
for (const account of [
  `github:${new URL(hub.url).host}/${hub.ids.sam}`,
  `gitlab:${new URL(lab.url).host}/2`,
  `jira:${board.people.sam.accountId}`,
  `linear:${line.user('Sam')}`,
  `slack:${chat.team}/${chat.user('sam')}`,
])
  expect((await admin.post(`/api/people/${sam.id}/accounts`, { account, name: 'Sam' })).status).toBe(204)
const codex = { ...capabilities().agents[0]!, name: 'codex' }
const repositories = ['acme/pay', 'acme/web']
for (const name of repositories)
  await admin.post('/api/repositories', { name, url: `https://git.acme.dev/${name}.git` })
await pairedRunner(db, acme.id, { name: 'small', pool: 'local' })
await pairedRunner(db, acme.id, {
  name: 'large',
  pool: 'big',
  has: capabilities({ agents: [...capabilities().agents, codex] }),
})
await inWorkspace(db, acme.id, (tx) =>
  tx.query(`update vp.runners set repositories = $2, no_wall = '{"by": "usr_x", "at": 1}' where workspace = $1`, [
    acme.id,
    repositories,
  ]),
)

const connected = async (tool: string, values: Record<string, string>): Promise<string> => {
  const made = await admin.post('/api/connections', { tool, name: tool, values })
  expect([tool, made.status, made.body.detail]).toEqual([tool, 201, undefined])
  return made.body.connection.url as string
}
const toGitHub = await connected('github', { base: hub.url, token: github.us, webhook_secret: secret })
lab.hook(
  await connected('gitlab', { base: lab.url, token: gitlab.us, webhook_secret: secret, projects: 'acme/shop' }),
  secret,
)
board.hook(await connected('jira', { site: board.url, email: 'us@acme.dev', token: jira.us, signing: secret }), secret)
await line.hooks(await connected('linear', { key: linear.us, signing: secret, base: line.url }), secret)
const toSlack = await connected('slack', { token: slack.us, signing: secret, base: chat.url })
await hub.ask(
  'POST',
  '/repos/acme/shop/hooks',
  { config: { url: toGitHub, secret, content_type: 'json' }, events: ['*'], active: true },
  github.sam,
)

const small = 'acme/pay'
const large = '{ repo: acme/web, team: web, pool: big, agent: codex }'
/** A workflow of its own for each map; conditions keep those of one tool apart. */
const workflow = async (name: string, trigger: string, route: string): Promise<void> => {
  const source = `name: ${name}\nteam: core\nrunner: { pool: local }\ntrigger: ${trigger}\nroute: ${route}\n`
  const saved = await admin.post('/api/workflows', { source })
  expect([name, saved.body.missing ?? saved.body]).toEqual([name, []])
  expect((await admin.put(`/api/workflows/${name}/enabled`, { enabled: true })).body.enabled).toBe(true)
}
const byMap = (by: string, first: string, second: string): string =>
  `{ by: ${by}, map: { ${JSON.stringify(first)}: ${small}, ${JSON.stringify(second)}: ${large} } }`
await workflow(
  'by-project',
  '{ linear: { event: issue_created, title: { contains: project } } }',
  byMap('project', 'Ledger', 'Checkout'),
)
await workflow('by-label', '{ linear: { event: issue_labeled } }', byMap('label', 'bug', 'agent'))
await workflow('by-jira', '{ jira: { event: issue_created, title: project } }', byMap('project', 'PAY', 'OPS'))
await workflow(
  'by-component',
  '{ jira: { event: issue_created, title: component } }',
  byMap('components', 'ledger', 'check, out'),
)
await workflow('by-hub-label', '{ github: { event: issue_labeled } }', byMap('label', 'pay', 'weB, fast'))
await workflow(
  'by-hub-path',
  '{ github: { event: pr_opened } }',
  `[{ when: { paths: { glob: "src/**" } }, repo: acme/web, team: web, pool: big, agent: codex }, { when: { paths: { glob: "docs/**" } }, repo: acme/pay }]`,
)
await workflow(
  'by-lab-path',
  '{ gitlab: { event: mr_opened } }',
  `[{ when: { paths: { glob: "src/**" } }, repo: acme/web, team: web, pool: big, agent: codex }, { when: { paths: { glob: "docs/**" } }, repo: acme/pay }]`,
)
await workflow('by-lab-label', '{ gitlab: { event: issue_labeled } }', byMap('label', 'pay', 'web::fast'))
await workflow(
  'by-channel',
  '{ slack: { event: app_mention } }',
  `{ by: channel, map: { "#support": ${small}, "#random": ${large}, "#ops": ${small} } }`,
)

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
/** What came of the one delivery with these words that a workflow of this name answered with a start. */
const came = async (words: string, name: string): Promise<Loose> =>
  vi.waitFor(
    async () => {
      const { rows } = await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ delivery: string }>(
          `select delivery from vp.deliveries where workspace = $1 and ${bodyText} like $2`,
          [acme.id, `%${words}%`],
        ),
      )
      const all: Loose[] = await Promise.all(
        rows.map(async ({ delivery }) => (await admin.get(`/api/deliveries/${delivery}`)).body),
      )
      expect(all.filter((one) => one.state === 'stored')).toEqual([])
      const told = all.flatMap((one) =>
        one.lines
          .filter((of: Loose) => of.name === name && of.matched)
          .map((of: Loose) => ({ delivery: one, line: of })),
      )
      // What else came is told where it was not this.
      expect([told.length, told.length === 1 ? [] : all.map((one) => [one.event, one.verdict, one.problem])]).toEqual([
        1,
        [],
      ])
      return told[0]
    },
    { timeout: 15_000, interval: 50 },
  )
const work = async (run: string) =>
  db.asOwner(async (owner) => {
    await owner.query(`set vp.workspace = '${acme.id}'`)
    return (await owner.query('select step, repos, pool, agent from vp.work where run = $1', [run])).rows
  })
const ended = async (run: string) => (await admin.get(`/api/runs/${run}`)).body

const issue = async (title: string, label: string): Promise<void> => {
  const { number } = await hub.ask('POST', '/repos/acme/shop/issues', { title, body: 'One cent.' }, github.sam)
  await hub.ask('POST', `/repos/acme/shop/issues/${number}/labels`, { labels: [label] }, github.sam)
}
const mention = async (channel: string, text: string): Promise<void> => {
  const ts = await chat.say(channel, text)
  const event = chat.told({
    type: 'app_mention',
    user: chat.user('sam'),
    text,
    team: chat.team,
    ts,
    channel,
    event_ts: ts,
  })
  const body = JSON.stringify(event)
  const headers = { 'content-type': 'application/json', ...signedBy(secret)(body) }
  expect((await send('', 'POST', toSlack, { body, headers })).status).toBe(202)
}
const pull = async (title: string): Promise<void> => {
  await hub.branch(title)
  await hub.ask('POST', '/repos/acme/shop/pulls', { title, head: title, base: 'main' }, github.sam)
}

type Case = [string, string, boolean, (title: string) => Promise<unknown>]
const cases: Case[] = [
  ['the project of Linear', 'by-project', true, (title) => line.create({ title, projectId: 'project-checkout' })],
  ['another project of Linear', 'by-project', false, (title) => line.create({ title, projectId: 'project-ledger' })],
  [
    'a label of Linear',
    'by-label',
    true,
    async (title) => {
      const { id } = await line.create({ title })
      await line.update(id, { labelIds: [line.label('agent')] })
    },
  ],
  [
    'the project of Jira',
    'by-jira',
    true,
    (title) => board.create({ summary: 'project', description: title, project: { key: 'OPS' } }),
  ],
  [
    'a component of Jira, whose name has a comma',
    'by-component',
    true,
    (title) =>
      board.create({
        summary: 'component',
        description: title,
        components: [{ name: 'other' }, { name: 'check, out' }],
      }),
  ],
  ['a label of GitHub, with a comma and a capital', 'by-hub-label', true, (title) => issue(title, 'weB, fast')],
  ['another label of GitHub', 'by-hub-label', false, (title) => issue(title, 'pay')],
  ['the files of a pull request', 'by-hub-path', true, pull],
  ['a label of GitLab', 'by-lab-label', true, async (title) => lab.label(await lab.issue({ title }), 'web::fast')],
  ['the files of a merge request', 'by-lab-path', true, (title) => lab.mr({ title })],
  ['a channel of Slack', 'by-channel', true, (title) => mention(chat.channel('random'), title)],
  ['another channel of Slack', 'by-channel', false, (title) => mention(chat.channel('support'), title)],
]
test.each(cases)('%s: %s leads there', { timeout: 60_000 }, async (_what, name, isLarge, happens) => {
  const words = `project-of-${name}-${isLarge}`
  await happens(words)
  const { delivery, line: told } = await came(words, name)
  const place = isLarge ? 'acme/web, team web, pool big, agent codex' : small
  expect(told.route.why).toMatch(new RegExp(`^Row \\d fits: ${place}\\.$`))
  expect(told.route.rows.filter((row: Loose) => row.fits).map((row: Loose) => row.leads)).toEqual([place])
  const [started] = delivery.runs
  expect(started.workflow).toBe(name)
  expect(await ended(started.run)).toMatchObject({ team: isLarge ? 'web' : 'core' })
  expect(await work(started.run)).toMatchObject([
    isLarge
      ? { step: 'plan', repos: ['acme/web'], pool: 'big', agent: 'codex' }
      : { step: 'plan', repos: ['acme/pay'], pool: 'local', agent: 'sample' },
  ])
})

test(
  'a channel that was renamed is asked about, with its new name, and the answer is where the run goes on',
  { timeout: 60_000 },
  async () => {
    const { channel } = await chat.ask('conversations.create', { name: 'ops' })
    await chat.ask('conversations.rename', { channel: channel.id, name: 'chatter' })
    await mention(channel.id, 'after the new name')
    const { delivery, line: told } = await came('after the new name', 'by-channel')
    expect(told.route).toMatchObject({ chosen: null, why: 'No row fits: a person decides.' })
    expect(told.route.rows.map((row: Loose) => row.conditions[0].found)).toEqual(['#chatter', '#chatter', '#chatter'])
    const { run } = delivery.runs[0]
    expect(await work(run)).toEqual([])
    const [item] = (await lead.get('/api/inbox')).body.open.filter((one: Loose) => one.run === run)
    const { digest } = (await lead.get(`/api/gates/${item.gate}`)).body
    const answer = { choice: 'place-2', text: null }
    expect((await lead.post(`/api/gates/${item.gate}/decisions`, { verdict: 'answer', digest, answer })).status).toBe(
      201,
    )
    await vi.waitFor(
      async () =>
        expect(await work(run)).toMatchObject([{ step: 'plan', repos: ['acme/web'], pool: 'big', agent: 'codex' }]),
      { timeout: 15_000 },
    )
    expect(await ended(run)).toMatchObject({ team: 'web' })
  },
)
