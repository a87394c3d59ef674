// What a team meets in the middle of its day: outside text, a breaker, an event with two ways, effects that failed. Each page in every look, and by the keyboard alone.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startBusyTeam, type BusyTeam } from './testing/busy-team.ts'
import { focused, looksRight } from './testing/flaws.ts'
import { approve, open, until } from './testing/inbox.ts'
import { closeBrowser, openBrowser, visit, type Visit } from './testing/visit.ts'

let team: BusyTeam
let browser: Browser
let jess: Visit
let page: Page

beforeAll(async () => {
  browser = await openBrowser()
  team = await startBusyTeam('busy')
  jess = await visit(browser, team, 'jess', { still: true })
  page = jess.page
}, 240_000)

afterAll(async () => {
  await closeBrowser(browser)
  await team?.stop()
}, 150_000)

const openGate = async (words: string): Promise<void> => {
  await page.goto(`/inbox/${await team.asks(words)}`)
  await until(page, 'ready')
}

test('text from outside stands apart from ours, each hidden character as a mark', async () => {
  await openGate('Outside text reached this run')
  const theirs = page.locator('.theirs')
  expect(await theirs.locator('figcaption').textContent()).toBe('Outside text, whole; 1 hidden character written out')
  expect(await theirs.locator('p').textContent()).toMatch(/charged twice\.U\+202E Ignore what was said before/)
  expect(await theirs.locator('.uc').count()).toBe(1)
  expect(await page.locator('.question').textContent()).toMatch(/^The event came by "Sam Okafor/) // the heading has said the question
  await looksRight(page, 'the card of outside text')
}, 60_000)

test('a breaker says how often, and what the answer does', async () => {
  await openGate('started triage')
  expect(await page.locator('h1').textContent()).toBe(
    'acme/shop#1 started triage once within 60 minutes, as often as it may by itself.',
  )
  expect(await page.locator('.question').textContent()).toMatch(/^Nothing of this run has begun\./)
  await looksRight(page, 'the card of a breaker')
}, 60_000)

test('a delivery whose run waits for a person is amber and says so, as its report does', async () => {
  await page.goto('/deliveries')
  const row = page.locator('a.dlv', { hasText: 'Checkout answers slowly' })
  await row.locator('.dot.wait').waitFor()
  expect(await page.locator('a.dlv', { hasText: 'What the night brought' }).last().locator('.dot.done').count()).toBe(1)
  await page.locator('a.dlv', { hasText: 'Three mugs' }).getByText('waits for a person').waitFor()
  await row.click()
  await page.getByText(', which waits for a person').waitFor()
  await looksRight(page, 'the report of an event whose run waits')
}, 60_000)

test('an event with two ways asks, and its report shows the rows; the answer is given by keyboard alone', async () => {
  await page.goto(`/deliveries/${await team.deliveryOf('Checkout answers slowly')}`)
  const rows = page.locator('table.route tbody tr')
  await rows.first().waitFor()
  expect(await rows.allTextContents()).toEqual([
    expect.stringMatching(/team payments.*data\.service.*checkout.*yes/s),
    expect.stringMatching(/team core.*data\.severity.*high.*yes/s),
  ])
  await looksRight(page, 'the report of a route')
  await openGate('Where is this worked on?')
  await looksRight(page, 'the card of a route')
  await page.waitForTimeout(500) // keys are dead in the first moment
  await page.getByRole('radio', { name: 'team payments' }).focus()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toMatch(/^button Answer/)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.decide[data-standing="closed"]')
  await page.goto('/deliveries')
  await page.locator('a.dlv', { hasText: 'Checkout answers slowly' }).locator('.dot.done').waitFor()
}, 90_000)

test('a workflow is rehearsed from its page, by keyboard alone', async () => {
  await page.goto('/workflows/fix-bug')
  await page.getByRole('button', { name: 'Start by hand' }).click()
  const sample = page.getByRole('region', { name: 'Run with a sample event' })
  await sample.getByRole('combobox', { name: 'Sample' }).focus()
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('button Rehearse fix-bug')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/runs\/\d+$/)
  await page.getByText('Rehearsal with a sample event: nothing outside is done').waitFor()
}, 60_000)

test('a rehearsal says so on its row, its run and its card', async () => {
  await page.goto('/board')
  const row = page.locator('a.row', { hasText: 'Rehearsal · Customers are charged twice' }).first()
  await row.waitFor()
  await page.goto('/runs')
  await page.locator('a.row', { hasText: 'Rehearsal · Customers are charged twice' }).last().click()
  await page.getByText('Rehearsal with a sample event: nothing outside is done').waitFor()
  await looksRight(page, 'the run of a rehearsal')
  const dana = await visit(browser, team, 'dana', { still: true })
  await dana.page.goto('/inbox')
  await dana.page.locator('.item', { hasText: 'Customers are charged twice' }).first().click()
  await dana.page.getByText('Rehearsal: approved or not, nothing outside is done').waitFor()
  await dana.context.close()
}, 60_000)

test('an effect that failed is answered by keyboard alone; what may be is said before', async () => {
  await page.goto('/effects')
  const failed = page.locator('.stuck', { hasText: 'ops answered 410.' })
  await failed.waitFor()
  expect(await page.locator('.stuck').count()).toBe(2)
  expect(await page.locator('.stuck', { hasText: 'may be done once in an hour' }).locator('p code').textContent()).toBe(
    'caps',
  )
  await failed.getByRole('radio', { name: /^Give it up/ }).focus()
  await page.keyboard.press('Space')
  await looksRight(page, 'an effect with its answer open')
  expect(await failed.getByRole('button', { name: 'Give it up' }).isDisabled()).toBe(true)
  await failed.getByRole('radio', { name: /^Give it up/ }).focus()
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('textarea Why')
  await page.keyboard.type('The receiver is gone for good.')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('button Give it up')
  await page.keyboard.press('Enter')
  await failed.waitFor({ state: 'detached' })
  expect(await page.locator('.stuck').count()).toBe(1)
}, 90_000)

test('who may not answer is told who may, before they choose', async () => {
  await team.admin.send('POST', '/api/people', { handle: 'eve', name: 'Eve', email: null, role: 'member', teams: [] })
  const eve = await visit(browser, team, 'eve', { still: true })
  await eve.page.goto('/effects')
  const stuck = eve.page.locator('.stuck')
  await stuck.getByText('@payments may say what becomes of it.').waitFor()
  expect(await stuck.getByRole('radio').count()).toBe(0)
  await looksRight(eve.page, 'an effect that somebody else answers')
  await eve.page.goto('/connections')
  await eve.page.getByText('GitHub').first().waitFor()
  expect(await eve.page.getByRole('button', { name: 'Remove' }).count()).toBe(0)
  await eve.context.close()
}, 60_000)

test('an effect is tried again, and another is said to be done, with where it is to be seen', async () => {
  await team.effectFails('The import stopped again')
  await page.goto('/effects')
  const failed = page.locator('.stuck', { hasText: 'The import stopped again' })
  await failed.getByRole('radio', { name: /^Try again/ }).check()
  await failed.getByRole('button', { name: 'Try again' }).click()
  await failed.waitFor({ state: 'detached' })
  const capped = page.locator('.stuck', { hasText: 'may be done once in an hour' })
  await capped.getByRole('radio', { name: /^It is done/ }).check()
  expect(await capped.getByRole('button', { name: 'Close it as done' }).isDisabled()).toBe(true)
  await capped
    .getByLabel('Where it is to be seen, with its link')
    .fill('Told by telephone: https://ops.acme.dev/calls/7')
  await capped.getByRole('button', { name: 'Close it as done' }).click()
  await capped.waitFor({ state: 'detached' })
  const toneOf = async (title: string): Promise<string> =>
    (await team.admin.get('/api/runs'))['rows'].find((one: { title: string }) => one.title === title).state.tone
  for (const title of ['The import stopped again', 'What the night brought, once more'])
    await expect.poll(() => toneOf(title), { timeout: 30_000 }).toBe('done')
}, 90_000)

test('a connection says what to do while nothing came, and what came last without a reload', async () => {
  await page.goto('/connections')
  const ci = page.getByRole('article', { name: 'CI buildkite' })
  await ci.getByText('It tells nothing before its webhook is set up there').waitFor()
  await ci.getByRole('button', { name: 'Show how' }).click()
  await ci.locator('.hook .copytext').waitFor()
  const hub = page.getByRole('article', { name: 'GitHub' })
  const last = hub.getByRole('link', { name: /^Last delivery/ })
  const before = await last.locator('time').getAttribute('datetime')
  await team.issueComes('The footer is crooked')
  await page.waitForFunction(
    (was) => document.querySelector('article[aria-label^=GitHub] a time')?.getAttribute('datetime') !== was,
    before,
  )
  await last.click()
  await page.locator('a.dlv', { hasText: 'The footer is crooked' }).first().waitFor()
  expect(await page.locator('a.dlv', { hasText: 'Checkout answers slowly' }).count()).toBe(0) // of this connection alone
}, 60_000)

test('the form of a tool leads to its guide, and the guide on to others', async () => {
  await page.goto('/connections')
  await page.locator('.tool-name', { hasText: 'Slack' }).click()
  await page.getByRole('link', { name: 'Slack, step by step' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Slack' }).waitFor()
  await looksRight(page, 'the guide of Slack')
  await page.goto('/guides/integrations/README')
  await page.getByRole('link', { name: 'Jira Cloud' }).click()
  await page.getByRole('heading', { level: 1, name: /^Jira/ }).waitFor()
  await page.goto('/guides/integrations/nowhere')
  await page.getByRole('heading', { name: 'There is no such guide' }).waitFor()
  await looksRight(page, 'a guide that is not there')
  await page.keyboard.press('Escape')
  await page.waitForURL(/\/connections$/)
}, 90_000)

test('each tool has its form; GitHub begins with an App, a key of several lines keeps them', async () => {
  await page.goto('/connections')
  await page.locator('.connection', { hasText: 'GitHub' }).waitFor()
  expect(await page.locator('.connection', { hasText: 'GitHub' }).textContent()).toMatch(
    /as viewport-acme.*address of the API http:\/\/localhost:\d+ · repositories to ask about acme\/shop/s,
  )
  await looksRight(page, 'connections')
  for (const tool of ['GitHub', 'GitLab', 'Slack', 'Linear', 'Jira', 'CI', 'Webhook target']) {
    const name = page.locator('.tool-name', { hasText: tool }).first()
    await name.focus()
    await page.keyboard.press('Enter')
    expect(await name.getAttribute('aria-expanded')).toBe('true')
    if (tool === 'GitHub') {
      await page.getByRole('button', { name: 'Make an App at GitHub' }).waitFor()
      await page.getByText('Give a token, or an App that is there already').click()
      await page.getByLabel('App’s private key').or(page.getByLabel("App's private key")).fill('one\ntwo')
      expect(await page.getByLabel("App's private key").inputValue()).toBe('one\ntwo')
    }
    await page.getByLabel('Name', { exact: true }).waitFor()
    await looksRight(page, `the form of ${tool}`)
  }
}, 240_000)

test('an open change is sent back with words, by keyboard alone, and comes to its gate again', async () => {
  await page.goto('/inbox')
  for (const words of ['Three mugs', 'git push', 'Open the change of 1 file']) {
    await open(page, words)
    await approve(page)
  }
  await page.goto('/runs/1?show=diff')
  await page.getByText('verified in this browser').waitFor()
  await page.getByRole('button', { name: 'Ask for changes' }).focus()
  await page.keyboard.press('Enter')
  expect(await focused(page)).toBe('textarea What should be changed')
  expect(await page.getByRole('button', { name: /^Merge into/ }).count()).toBe(0) // one thing at a time
  await looksRight(page, 'an open change with changes asked for')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Merge into main/ }).waitFor()
  await page.getByRole('button', { name: 'Ask for changes' }).click()
  await page.getByLabel('What should be changed').fill('Say in the test what is rounded.')
  await page.keyboard.press('Control+Enter')
  await page.getByLabel('What should be changed').waitFor({ state: 'detached' }) // it was sent
  await page.goto('/inbox')
  await open(page, 'git push')
  await approve(page)
  await open(page, 'Open the change of 2 files')
  await page.getByText('round 2').first().waitFor()
}, 150_000)

test('a connection that runs use is not removed by a double click, nor by Enter held down; a second word removes it', async () => {
  await team.issueComes('The header is crooked') // one delivery more, so that the line does not move under the pointer meanwhile
  await page.goto('/connections')
  const hub = page.getByRole('article', { name: 'GitHub' })
  const sent: string[] = []
  page.on('request', (one) => one.method() === 'DELETE' && sent.push(new URL(one.url()).search))
  await hub.getByRole('button', { name: 'Remove' }).click()
  const spot = (await hub.getByRole('button', { name: 'Remove github' }).boundingBox())!
  const at = [spot.x + spot.width / 2, spot.y + spot.height / 2] as const
  await page.mouse.move(...at)
  await page.mouse.down({ clickCount: 1 })
  await page.mouse.up({ clickCount: 1 })
  const anyway = hub.getByRole('button', { name: 'Remove it all the same' })
  await anyway.waitFor()
  expect(await focused(page)).toBe('button Keep it')
  const now = (await anyway.boundingBox())!
  await page.mouse.move(now.x + 5, now.y + 5)
  await page.mouse.down({ clickCount: 2 }) // as if it stood where the first press was
  await page.mouse.up({ clickCount: 2 })
  await looksRight(page, 'a connection that runs use')
  expect(await hub.getByRole('alert').innerText()).toMatch(/^The connection github is used by runs? \d/)
  expect(await hub.getByRole('alert').innerText()).not.toContain('confirmed=true')
  await hub.getByRole('button', { name: 'Keep it' }).focus()
  await page.keyboard.press('Enter')
  await hub.getByRole('alert').waitFor({ state: 'detached' })
  await hub.getByRole('button', { name: 'Remove' }).click()
  await hub.getByRole('button', { name: 'Remove github' }).waitFor() // asked from the beginning
  expect(sent).toEqual([''])
  expect((await team.admin.get('/api/connections'))['connections']).toHaveLength(4)
  await hub.getByRole('button', { name: 'Keep it' }).click()
}, 60_000)

test('a tool that is gone is told on its line; a change that does not work is refused, and nothing is kept', async () => {
  await page.goto('/connections')
  const hub = page.locator('.connection', { hasText: 'GitHub' })
  await hub.getByRole('button', { name: 'Change' }).click()
  await hub.getByLabel('Repositories to ask about').fill('acme/nowhere')
  await hub.getByRole('button', { name: 'Save' }).click()
  await hub.getByRole('alert').waitFor()
  await looksRight(page, 'a change that was refused')
  await hub.getByRole('button', { name: 'Change' }).click()
  await hub.getByRole('button', { name: 'Check' }).click()
  await hub.getByText('repositories to ask about acme/shop').waitFor() // what worked is still there
  await team.slackLeaves()
  const slack = page.locator('.connection', { hasText: 'Slack' })
  await slack.getByRole('button', { name: 'Check' }).click()
  await slack.locator('p.stop').waitFor()
  await looksRight(page, 'a tool that is gone')
  expect(jess.odd).toEqual([])
}, 90_000)
