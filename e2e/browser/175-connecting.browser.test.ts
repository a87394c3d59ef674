// Each tool is connected from the first click to the first event, by keyboard alone, and its line says by which way it is heard, when, and what is wrong.
// Linear and Slack are emulate's programs; GitHub's Apps, Socket Mode, GitLab and Jira are our own stand-ins.
import { createEmulator } from 'emulate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openAppMaker, type AppMaker } from '../testing/app-maker.ts'
import { linearKeys, openLinearFront } from '../testing/linear-front.ts'
import { openOwnGitLab } from '../testing/own-gitlab.ts'
import { openOwnJira } from '../testing/own-jira.ts'
import { openProviderProxy, type ProviderProxy } from '../testing/provider-proxy.ts'
import { openSlackLine, type SlackLine } from '../testing/slack-line.ts'
import { slackSeed } from '../testing/slack-seed.ts'
import { focused, looksRight } from './testing/flaws.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { closeBrowser, openBrowser, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let page: Page
const closing: (() => Promise<unknown>)[] = []
let maker: AppMaker
let slack: SlackLine
let hub: ProviderProxy
const at = { linear: '', gitlab: '', jira: '', ops: '' }
const hubTokens = { us: 'token-of-viewport', sam: 'token-of-sam' } as const

const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
  closing.push(() => one.close())
  return one
}

beforeAll(async () => {
  browser = await openBrowser()
  maker = opened(await openAppMaker())
  const program = opened(await createEmulator({ service: 'slack', port: 0, seed: slackSeed('xoxb-viewport') }))
  slack = opened(await openSlackLine(program.url, 'xoxb-viewport'))
  const github = opened(
    await createEmulator({
      service: 'github',
      port: 0,
      seed: {
        tokens: {
          [hubTokens.us]: { login: 'viewport-acme', scopes: ['repo'] },
          [hubTokens.sam]: { login: 'sam-okafor', scopes: ['repo'] },
        },
        github: {
          users: [{ login: 'viewport-acme' }, { login: 'sam-okafor' }],
          orgs: [{ login: 'acme', members: [{ login: 'viewport-acme' }, { login: 'sam-okafor' }] }],
          repos: [
            { owner: 'acme', name: 'shop', auto_init: true },
            { owner: 'acme', name: 'web', auto_init: true },
          ],
        },
      },
    }),
  )
  hub = opened(await openProviderProxy(github.url))
  at.linear = opened(await openLinearFront()).url
  at.jira = opened(await openOwnJira('token-of-jira')).url
  at.ops = opened(await openProviderProxy(null)).url
  sample = await startSample('connecting', { VIEWPORT_NEAR_HOSTS: 'localhost,127.0.0.1' })
  at.gitlab = opened(await openOwnGitLab('token-of-gitlab', `${sample.place.data}/sample/remotes/shop.git`)).url
  page = (await visit(browser, sample, 'jess', { still: true })).page
}, 240_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
  for (const close of closing) await close()
}, 150_000)

/** Presses Tab until this has the keyboard. */
const tabTo = async (words: RegExp): Promise<void> => {
  const passed: string[] = []
  for (let n = 0; n < 80; n++) {
    const now = await focused(page)
    if (words.test(now)) return
    passed.push(now)
    await page.keyboard.press('Tab')
  }
  throw new Error(`The keyboard does not come to ${words}; it came by ${passed.join(' | ')}`)
}
const line = (name: string) => page.getByRole('article', { name, exact: true })

/** Waits until the line of a connection says this; throws with what it says instead. */
const says = async (name: string, words: RegExp): Promise<void> => {
  try {
    await line(name).getByText(words).first().waitFor({ timeout: 30_000 })
  } catch (error) {
    throw new Error(`${name} does not say ${words}, but: ${await line(name).innerText()}`, { cause: error })
  }
}

/** Opens the form of a tool, fills it in and sends it, all by keyboard. */
const connect = async (tool: string, fields: readonly (readonly [RegExp, string])[]): Promise<void> => {
  await page.goto('/connections')
  await page.getByRole('region', { name: 'Connect a tool' }).waitFor()
  await tabTo(new RegExp(`^button ${tool}`))
  await page.keyboard.press('Enter')
  for (const [label, value] of fields) {
    await tabTo(label)
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type(value)
  }
  await page.keyboard.press('Enter')
}

test('GitHub: an App is made by its manifest, installed, and tells its first event; nothing was copied', async () => {
  await page.goto('/connections')
  await page.getByRole('heading', { name: 'Nothing is connected yet' }).waitFor()
  await tabTo(/^button GitHub/)
  await page.keyboard.press('Enter')
  await tabTo(/^input Organization/)
  await page.keyboard.type('acme')
  await tabTo(/^input Enterprise Server/)
  await page.keyboard.type(maker.api)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /^Make an App at/ }).waitFor()
  expect(await page.getByRole('listitem').allTextContents()).toEqual([
    'It reads code, checks’ statuses and metadata.',
    expect.stringContaining('It cannot push'),
  ])
  await looksRight(page, 'the page that leads to GitHub')
  expect(await focused(page)).toMatch(/^button Go on to/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Create GitHub App' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Install Viewport' }).waitFor()
  await page.keyboard.press('Enter')
  const made = page.getByRole('region', { name: 'github is connected' })
  await made.getByText('github is connected as viewport-acme[bot]').waitFor()
  await expect.poll(() => new URL(page.url()).search).toBe('') // the words of the way back stay in no history
  await looksRight(page, 'an App that was just installed')
  const hub = line('GitHub')
  await hub.getByText('Nothing came by it yet.').waitFor()
  await hub.getByText(/^About acme\/shop/).waitFor()
  const { connections } = await sample.admin.get('/api/connections')
  await maker.tellIssue(connections[0].url as string, 'Gift wrap is charged twice')
  await hub.getByRole('link', { name: /^Last delivery/ }).waitFor({ timeout: 20_000 }) // by itself
  await hub.getByRole('link', { name: /^Last delivery/ }).click()
  await page.locator('a.dlv', { hasText: 'Gift wrap is charged twice' }).click()
  await page.getByText('By a webhook, from github.').waitFor()
}, 120_000)

test('a way back that was used already says so, and leaves what is connected', async () => {
  await page.goto('/connections?state=vpg_used&code=used')
  await page.locator('.notice.stop', { hasText: 'used already' }).waitFor()
  await expect.poll(() => new URL(page.url()).search).toBe('')
  await line('GitHub').waitFor()
  expect(await page.getByRole('article').count()).toBe(1)
}, 30_000)

test('Slack over a line that Viewport opens: it stands, tells, and says when Socket Mode is switched off there', async () => {
  await connect('Slack', [
    [/^input Bot token/, 'xoxb-viewport'],
    [/^input App-level token/, 'xapp-viewport'],
    [/^input Address of Slack/, slack.url],
  ])
  await page.getByRole('region', { name: 'slack is connected' }).getByText('Slack tells by Socket Mode.').waitFor()
  const here = line('Slack')
  await here.getByText(/^Opened/).waitFor({ timeout: 30_000 })
  await here.getByText('Nothing came by it yet.').waitFor()
  expect(await here.getByText('Show how').count()).toBe(0) // a webhook is not needed
  await expect.poll(() => slack.open()).toBe(1)
  slack.mention('<@U0VIEWPORT> the cart is empty')
  await here.getByRole('link', { name: /^Last delivery/ }).waitFor({ timeout: 20_000 })
  await looksRight(page, 'Slack over a line')
  await here.getByRole('link', { name: /^Last delivery/ }).click()
  await page.locator('a.dlv', { hasText: 'the cart is empty' }).click()
  await page.getByText('Over a line that Viewport opened, from slack.').waitFor()
  await page.goto('/connections')
  await here.getByRole('link', { name: /^Last delivery/ }).waitFor()
  slack.switchOff()
  await here.locator('p.stop', { hasText: 'Socket Mode is switched off' }).waitFor({ timeout: 20_000 })
  await here.locator('.dot.stop').waitFor()
}, 120_000)

test('Slack by its webhook: nothing is heard before it is set up, and what is signed with another secret is told', async () => {
  await connect('Slack', [
    [/^input Name/, 'slack two'],
    [/^input Bot token/, 'xoxb-viewport'],
    [/^input Signing secret/, 'signing-of-this-team'],
    [/^input Address of Slack/, slack.url],
  ])
  const here = line('Slack slack two')
  await here.getByText(/It tells nothing before its webhook, or a line to it, is set up there/).waitFor()
  expect(await here.locator('.dot.idle').count()).toBe(1) // not green: nothing was heard
  const { connections } = await sample.admin.get('/api/connections')
  const { url } = connections.find((one: { name: string }) => one.name === 'slack two')
  const came = await fetch(url as string, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': String(Math.floor(Date.now() / 1_000)),
      'x-slack-signature': 'v0=nonsense',
    },
    body: '{"type":"event_callback"}',
  })
  expect(came.status).toBe(401)
  await here.getByText(/^What came .* was refused/).waitFor({ timeout: 20_000 })
  await here.locator('.dot.wait').waitFor()
  await looksRight(page, 'a webhook that was refused')
  await here.getByRole('link', { name: 'see why' }).click()
  await page.waitForURL(/outcome=refused/)
  await page.locator('a.dlv').first().click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByText('No workflow was asked.').waitFor()
}, 90_000)

for (const [tool, fields, name] of [
  [
    'GitLab',
    () => [
      [/^input Address/, at.gitlab],
      [/^input Projects to ask about/, 'acme/shop'],
      [/^input Access token/, 'token-of-gitlab'],
    ],
    'GitLab',
  ],
  [
    'Linear',
    () => [
      [/^input API key/, linearKeys.us],
      [/^input Address of the API/, at.linear],
    ],
    'Linear',
  ],
  [
    'Jira',
    () => [
      [/^input Site/, at.jira],
      [/^input E-mail address/, 'viewport@acme.dev'],
      [/^input API token/, 'token-of-jira'],
      [/^input Projects/, 'PAY'],
    ],
    'Jira',
  ],
] as const satisfies readonly (readonly [string, () => (readonly [RegExp, string])[], string])[])
  test(`${tool} is connected by keyboard alone, and asked at once`, async () => {
    await connect(tool, fields())
    const here = line(name)
    await says(name, /^About .*, (just now|\d+ s ago)\./)
    await here.getByText('A public address makes it faster').waitFor()
    await here.locator('.dot.done').waitFor()
  }, 60_000)

test('CI and a webhook target are connected by keyboard alone; made secrets are shown once', async () => {
  await connect('CI', [[/^input Name/, 'buildkite']])
  await page.getByRole('region', { name: 'buildkite is connected' }).locator('.hook .copytext').waitFor()
  await tabTo(/^button (I have kept it|Done)/)
  await page.keyboard.press('Enter')
  await line('CI buildkite').getByText('It tells nothing before its webhook is set up there').waitFor()
  await connect('Webhook target', [
    [/^input Name/, 'ops'],
    [/^input Address/, `${at.ops}/hook`],
  ])
  const made = page.getByRole('region', { name: 'ops is connected' })
  await made.getByText('shown now and never again').waitFor()
  await tabTo(/^button I have kept it/)
  await page.keyboard.press('Enter')
  await line('Webhook target ops').getByText('Effects go out by it').waitFor()
  await looksRight(page, 'all tools connected')
}, 90_000)

test('a token that was revoked, a rate that is limited, a repository that went: each is told, with when it is asked again', async () => {
  /** The second question about a repository: the first is the check. */
  const asking = (repo: string): ((one: { path: string }) => boolean) => {
    let times = 0
    return ({ path }) => path === `/repos/acme/${repo}` && ++times === 2
  }
  const no = (status: number, message: string, headers: Record<string, string> = {}) => ({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message }),
    does: false,
  })
  const add = (name: string, repos: string): Promise<unknown> =>
    sample.admin.send('POST', '/api/connections', {
      tool: 'github',
      name,
      values: { base: hub.url, token: hubTokens.us, repos },
    })
  hub.mood(asking('shop'), no(401, 'Bad credentials'))
  await add('revoked', 'acme/shop')
  await page.goto('/connections')
  await line('GitHub revoked').waitFor()
  await says(
    'GitHub revoked',
    /GitHub does not take the token any more \(401\): give it another one\. Asked again \d\d:\d\d\./,
  )
  await line('GitHub revoked').locator('.dot.wait').waitFor()
  hub.mood(asking('web'), no(429, 'slow down', { 'retry-after': '60' }))
  await add('limited', 'acme/web')
  await says('GitHub limited', /^GitHub limits the rate for \d+ s\. Asked again/)
  hub.mood(asking('web'), no(404, 'Not Found'))
  await add('gone', 'acme/shop, acme/web')
  await says('GitHub gone', /^acme\/web: GitHub answered 404: the repository is not there, or may not be seen/)
  await says('GitHub gone', /^About acme\/shop, acme\/web, (just now|\d+ s ago)/) // the other is asked all the same
  await looksRight(page, 'connections that cannot be asked')
}, 150_000)
