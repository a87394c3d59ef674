// What a run did outside, on its page: each step and receipt by the name that people know, with its link; the runner that looks at the pull request, the checks that
// passed there, and a merge of something that nobody approved. GitHub, Slack and Linear are emulate's programs, GitHub with real git behind it; its token lies on the machine alone.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from '../testing/api.ts'
import { openEmulatedChat } from '../testing/emulated-chat.ts'
import { hubTokens, openGithubFront, type GithubFront } from '../testing/github-front.ts'
import { openHeldPlane, type HeldPlane } from '../testing/held-plane.ts'
import { linearKeys, openLinearFront } from '../testing/linear-front.ts'
import { openProviderProxy } from '../testing/provider-proxy.ts'
import { looksRight } from './testing/flaws.ts'
import { cameraFor } from './testing/take.ts'
import { closeBrowser, openBrowser, visit } from './testing/visit.ts'

const repo = 'acme/shop'
let held: HeldPlane
let hub: GithubFront
let browser: Browser
let page: Page
let number: number
/** The connection to GitHub: its address for webhooks, and what was made for it. */
let hook: Json
const closing: (() => Promise<unknown>)[] = []
const camera = process.env['VIEWPORT_PICTURES'] ? cameraFor(process.env['VIEWPORT_PICTURES']) : null

const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
  closing.push(() => one.close())
  return one
}

beforeAll(async () => {
  browser = await openBrowser()
  held = opened(await openHeldPlane('outside', { told: true }))
  hub = opened(await openGithubFront(held.plane, { [repo]: held.remote.url.replace('file://', '') }))
  const github = opened(await openProviderProxy(hub.url))
  const linear = opened(await openLinearFront())
  const tracker = opened(await openProviderProxy(linear.url))
  const chat = opened(await openProviderProxy(opened(await openEmulatedChat('xoxb-viewport')).url))
  const kim = (await hub.account('kim')).replace(new URL(hub.url).host, new URL(github.url).host)
  await held.tell('people', 'add', 'kim', '--name', 'kim')
  await held.tell('people', 'link', '@kim', kim)
  hook = (await held.connect({ tool: 'github', url: github.url, token: hubTokens.us }))[0]!
  const connect = (tool: string, values: Json): Promise<Json> =>
    held.admin().send('POST', '/api/connections', { tool, name: tool, values })
  await connect('linear', { key: linearKeys.us, base: tracker.url })
  await connect('slack', { token: 'xoxb-viewport', base: chat.url })
  await held.online()
  const issue = await linear.fileBug('The discount is taken twice', 'Twice.')
  await held.save(
    'mend',
    `trigger: manual
steps:
  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }
  - { action: github.open_pr, title: "Mend the price" }
  - { action: linear.comment, issue: ${issue}, text: "Proposed: {{ run.title }}" }
  - { action: linear.transition, issue: ${issue}, to: In Review }
  - { action: slack.message, channel: "#support", text: "{{ run.title }} is proposed" }
`,
  )
  const { person } = await held.admin().get('/api/me')
  const linkOf = async (handle: string): Promise<string> =>
    (JSON.parse(await held.tell('sign-in-link', `@${handle}`, '--json')) as { url: string }).url
  page = (await visit(browser, { url: held.admin().url, linkOf }, person.handle as string, { still: true })).page
}, 240_000)

afterAll(async () => {
  await closeBrowser(browser)
  for (const close of closing.toReversed()) await close()
}, 150_000)

/** The line of the timeline that begins so. */
const line = (words: string | RegExp) => page.getByRole('list', { name: 'Timeline' }).locator('li', { hasText: words })

test('each thing that was done is told by its verb and by the name that people know, and leads to where it is', async () => {
  number = await held.begin('mend')
  const ended = await held.until(number, 'the end', ({ outcome }) => outcome !== null)
  expect([ended['outcome'], ended['outcomeWhy']]).toEqual(['succeeded', 'Every step is done.'])
  await page.goto(`/runs/${number}`)
  for (const [words, where] of [
    [/showed the change in acme\/shop#1/, /\/acme\/shop\/pull\/1$/],
    [/Viewport commented on PAY-1/, /\/issue\/PAY-1#comment-/],
    [/Viewport moved PAY-1 to In Review/, /\/issue\/PAY-1$/],
    [/Viewport wrote in #support/, /^https:\/\/acme\.slack\.com\/archives\/\w+\/p\d+$/],
  ] as const) {
    await line(words).waitFor()
    expect(await line(words).innerText()).toMatch(/Receipt .*, read back\./)
    expect(await line(words).getByRole('link', { name: 'See it there' }).getAttribute('href')).toMatch(where)
  }
  expect(await page.locator('.tl').innerText()).not.toMatch(/pushed (?!vp\/)|the effect/)
  await looksRight(page, 'a run that did things outside')
  await camera?.take(page, 'run-outside')
}, 240_000)

test('a receipt holds the id there, the link, when, and whether it was read back; nothing stands twice', async () => {
  await page.goto(`/runs/${number}?show=receipts`)
  const receipt = page.getByRole('region', { name: 'linear.comment' })
  await receipt.getByRole('heading', { name: 'Comment: PAY-1' }).waitFor()
  const { receipts } = await held.admin().get(`/api/runs/${number}`)
  const made = receipts.find((one: Json) => one['action'] === 'linear.comment')
  expect(await receipt.locator('dt').allTextContents()).toEqual(['Receipt', 'Where', 'ref', 'key', 'Checked'])
  await receipt.getByText(`linear ${made.receipt.id}`).waitFor()
  await receipt.getByRole('link', { name: made.receipt.url as string }).waitFor()
  await receipt.getByText('read back after writing').waitFor()
  expect(await receipt.locator('time').getAttribute('datetime')).toBe(new Date(made.at as number).toISOString())
  await looksRight(page, 'receipts')
  await camera?.take(page, 'receipts')
}, 60_000)

test('a runner looked; checks passed there; then a commit of somebody else is merged: each is said at once, and in red that nobody approved it', async () => {
  await page.goto(`/runs/${number}`)
  const pull = page.locator('.side section', { has: page.getByRole('heading', { name: 'Pull request' }) })
  await pull.getByText(/^Seen .* by a runner\./).waitFor()
  await pull.getByText('An approval there is no vote').waitFor()
  // GitHub's webhook says where to look, and a runner looks at once; that it looks every minute without one is in 054.
  await hub.hook(repo, hook['connection'].url as string, hook['made'].webhook_secret as string)
  const { head } = await hub.ask('GET', `/repos/${repo}/pulls/1`)
  const check = { name: 'unit', head_sha: head.sha, status: 'completed', conclusion: 'success' }
  await hub.ask('POST', `/repos/${repo}/check-runs`, check)
  const approval = { body: 'Fine.', event: 'APPROVE' }
  await hub.ask('POST', `/repos/${repo}/pulls/1/reviews`, approval, hubTokens.kim)
  await pull.getByText('1 passed').waitFor({ timeout: 120_000 })
  await line('1 check passed on github').waitFor()
  expect(await line('1 check passed on github').innerText()).toMatch(/The runner \S+ told of it\./)
  expect((await line('@kim approved').innerText()).match(/told of it/g)).toHaveLength(1)
  await looksRight(page, 'a pull request whose checks passed')

  const branch = `refs/heads/${head.ref}`
  const foreign = held.remote.git('commit-tree', `${branch}^{tree}`, '-p', branch, '-m', 'Somebody else').trim()
  held.remote.git('update-ref', branch, foreign)
  await hub.ask('PUT', `/repos/${repo}/pulls/1/merge`, { sha: foreign }, hubTokens.kim)
  const unapproved = pull.getByText(`Merged at ${foreign.slice(0, 12)}, which this run did not push.`)
  await unapproved.waitFor({ timeout: 120_000 })
  const colours = await unapproved.evaluate((one) => {
    const probe = document.body.appendChild(Object.assign(document.createElement('i'), { className: 'stop' }))
    const both = [one, probe].map((each) => getComputedStyle(each).color)
    probe.remove()
    return both
  })
  expect(colours[0]).toBe(colours[1])
  await pull.getByText('Merged by').waitFor()
  expect(await pull.getByText('send the step back').count()).toBe(0) // nothing is looked for any more
  await line('@kim merged acme/shop#1').waitFor()
  await looksRight(page, 'a merge that nobody approved')
  await camera?.take(page, 'run-merged')
}, 300_000)
