// Is a name that no tool knows said at once, with the nearest one? In settings and in workflows, through the front door, with each tool's counterpart.
import { expect, test } from 'vitest'
import { viewportOf } from '../../test/cli.ts'
import { testPlane } from '../../test/plane.ts'
import { emulatedGitHub, tokens as atGitHub } from './github/testing/emulated.ts'
import { emulatedGitLab, tokens as atGitLab } from './gitlab/testing/emulated.ts'
import { emulatedJira, tokens as atJira } from './jira/testing/emulated.ts'
import { emulatedLinear, keys as atLinear } from './linear/testing/emulated.ts'
import { lookUpAt } from './look-up.ts'
import { slack as slackTool } from './slack/tool.ts'
import { emulatedSlack, tokens as atSlack } from './slack/testing/emulated.ts'

const [slack, linear, jira, gitlab, github] = await Promise.all([
  emulatedSlack(),
  emulatedLinear(),
  emulatedJira(),
  emulatedGitLab(),
  emulatedGitHub(),
])
const { workspace } = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
const acme = await workspace('acme', ['payments'])
const connect = async (tool: string, values: object, more: object = {}) =>
  (await acme.admin.post('/api/connections', { tool, name: tool, values, ...more })).body
const slackValues = { token: atSlack.us, signing: '8f742231b10e8888abcd99yyyzzz85a5', base: slack.url }

const file = (triggers: string, rest = ''): string =>
  `name: looked\nrepos: [acme/shop]\ntrigger:\n${triggers}${rest || 'steps: [{ id: plan, mode: plan, prompt: Look. }]\n'}`
const saved = async (source: string): Promise<string[]> => {
  const { status, body } = await acme.admin.post('/api/workflows', { source })
  expect(status, JSON.stringify(body)).toBe(201)
  return body.notes
}

test('what a connection is set to: a home that Slack does not show is kept and said; a listed name that is not there comes with the nearest', async () => {
  const made = await connect('slack', {
    ...slackValues,
    home: '#suport',
    'home.payments': '#support',
    shared: 'randum',
  })
  expect(made.connection.settings).toMatchObject({ home: '#suport', 'home.payments': '#support' })
  const said = made.notes.join('\n')
  expect(said).toContain(
    'home is #suport, and Slack shows the app no such channel: what goes there fails. Is #support meant?',
  )
  expect(said).toContain('shared is kept as it was said. Slack shows no channel randum. Is #random meant?')
  expect(said).not.toContain('home.payments')
  const change = async (values: object) =>
    (await acme.admin.put(`/api/connections/${made.connection.id}`, { values })).body.notes.join('\n')
  expect(await change({ home: slack.channel('support'), shared: '' })).not.toMatch(/shows (no|the app no)/)
  // Where Slack does not tell, nothing is refused.
  slack.refuse('conversations.list', { ok: false, error: 'missing_scope', needed: 'channels:read' })
  expect(await change({ home: '#nowhere' })).toContain(
    'Whether Slack has the channel #nowhere (home), #support (home.payments) was not looked at: Slack says no: the app lacks the scope channels:read',
  )
  const refused = async (tool: string, values: object) => (await connect(tool, values)).detail
  expect(await refused('slack', { ...slackValues, channels: 'suport' })).toContain('Is #support meant?')
  expect(await refused('linear', { key: atLinear.us, base: linear.url, teams: 'Paymnts' })).toContain(
    'Is Payments meant?',
  )
  const jiraValues = { site: jira.url, email: 'us@acme.dev', token: atJira.us }
  expect(await refused('jira', { ...jiraValues, projects: 'PYA' })).toContain('Is PAY meant?')
  expect(await refused('gitlab', { base: gitlab.url, token: atGitLab.us, projects: 'acme/shpo' })).toContain(
    'Is acme/shop meant?',
  )
  expect(await refused('github', { base: github.url, token: atGitHub.us, repos: 'acme/shp' })).toContain(
    'Is acme/shop meant?',
  )
  const { notes } = await connect('jira', { ...jiraValues, home: 'PAY' })
  expect(notes.join('\n')).toContain('home is kept, and nothing goes by it: only in Slack')
})

test('what a workflow names: said when it is saved, and it is saved', async () => {
  await connect('linear', { key: atLinear.us, base: linear.url })
  await connect('gitlab', { base: gitlab.url, token: atGitLab.us })
  await connect('github', { base: github.url, token: atGitHub.us })
  const notes = await saved(
    file(
      `  - slack: { event: app_mention, channel: suport }
  - linear: { event: issue_created, team: PAY }
  - jira: { event: issue_created, project: pay }
  - gitlab: { event: issue_opened, repo: acme/shpo }
  - github: { event: issue_opened, repo: Acme/shop }
  - github: { event: pr_opened, repo: acme/shop }
`,
      'steps:\n  - { id: plan, mode: plan, prompt: Look. }\n  - { gate: plan_review, of: plan }\n  - { action: linear.create, team: PAY, title: Follow up }\n  - { action: slack.message, channel: "#randm", text: Done. }\n',
    ),
  )
  expect(notes).toEqual([
    "the trigger app_mention (channel): Slack shows no channel #suport. Is #support meant? Where it is private, type /invite and the app's name there.",
    expect.stringMatching(/^slack\.message \(channel\): Slack shows no channel #randm\. Is #random meant\?/),
    'the trigger issue_created (team) says PAY, and events of Linear call that team Payments: as it is written, none of them fits. Write Payments.',
    'the trigger issue_created (project) says pay, and events of Jira call that project PAY: as it is written, none of them fits. Write PAY.',
    'the trigger issue_opened (repo): GitLab shows no project acme/shpo. Is acme/shop meant? The token may not be let into it.',
    expect.stringMatching(
      /^the trigger issue_opened \(repo\).*(call that repository acme\/shop|Is acme\/shop meant\?)/,
    ),
  ])
  expect(await saved(file('  - slack: { event: app_mention, channel: support }\n'))).toEqual([])
})

test('the command line says it beside what it did', { timeout: 60_000 }, async () => {
  const viewport = await viewportOf(acme.admin)
  const text = file('  - slack: { event: app_mention, channel: supprt }\n')
  const { mkdtempSync, writeFileSync, rmSync } = await import('node:fs')
  const folder = mkdtempSync(`${process.env['TMPDIR'] ?? '/tmp'}/look-up-`)
  try {
    writeFileSync(`${folder}/looked.yaml`, text)
    const said = await viewport('workflows', 'save', `${folder}/looked.yaml`)
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('is saved') })
    expect(said.err).toContain('Slack shows no channel #supprt. Is #support meant?')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a tool that does not answer is waited for a moment, and the name was not looked at', async () => {
  const connection = {
    id: 'con_1',
    workspace: 'ws_1',
    name: 's',
    settings: { base: slack.url },
    secrets: { token: 'xoxb-a' },
  }
  const never = { now: Date.now, ask: () => new Promise<never>(() => undefined) }
  expect(await lookUpAt(slackTool.lookUp!, connection, ['#support'], never, 50)).toEqual([
    { unasked: 'it did not answer within 0.05 s' },
  ])
  const talks = { now: Date.now, ask: () => Promise.reject(new Error('no way for xoxb-a')) }
  expect(await lookUpAt(slackTool.lookUp!, connection, ['#support'], talks)).toEqual([
    { unasked: 'no way for [secret]' },
  ])
  const named = {
    now: Date.now,
    ask: () =>
      Promise.resolve({
        status: 200,
        headers: {},
        text: JSON.stringify({ ok: true, channels: [{ id: 'C0AAAAAA1', name: 'xoxb-a' }] }),
      }),
  }
  expect(await lookUpAt(slackTool.lookUp!, connection, ['#xoxb-b'], named)).toEqual([{ near: '#[secret]' }])
  const many = Array.from({ length: 41 }, (_, at) => `#c${at}`)
  const empty = {
    now: Date.now,
    ask: () => Promise.resolve({ status: 200, headers: {}, text: JSON.stringify({ ok: true, channels: [] }) }),
  }
  expect((await lookUpAt(slackTool.lookUp!, connection, many, empty)).at(-1)).toEqual({
    unasked: 'more than 40 names are not looked up at once',
  })
})
