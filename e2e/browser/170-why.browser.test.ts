// An event that nearly started a workflow is made to: the why page opens the text with the change, shows what it would have done, and it is saved.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { sendWebhook } from '../testing/signed-webhook.ts'
import { looksRight, violations } from './testing/flaws.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { cameraFor } from './testing/take.ts'
import { closeBrowser, openBrowser, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let page: Page
const camera = process.env['VIEWPORT_PICTURES'] ? cameraFor(process.env['VIEWPORT_PICTURES']) : null
const take = async (name: string): Promise<void> => {
  await camera?.take(page, name)
}

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('why')
  const source = await sample.admin.send('POST', '/api/sources', { name: 'alerts' })
  for (const [type, title] of [
    ['bug.confirmed', 'Gift cards are charged twice'],
    ['bug.confirmed', 'The cart forgets its voucher'],
    ['deploy.done', 'Deployed 4c9f2e'],
  ])
    await sendWebhook(source, { type, title, data: { severity: 'high' } })
  page = (await visit(browser, sample, 'jess', { still: true })).page
}, 150_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

test('the list is narrowed, the choice stands in the address, and what does not fit says so', async () => {
  await page.goto('/deliveries')
  await page.locator('.dlv', { hasText: 'Gift cards' }).waitFor()
  await page.getByLabel('Outcome').selectOption('nearly')
  await page.waitForURL(/outcome=nearly/)
  await page.locator('.dlv', { hasText: 'Deployed' }).waitFor()
  await page.getByLabel('Event').selectOption('bug.confirmed')
  await page.locator('.dlv', { hasText: 'Deployed' }).waitFor({ state: 'detached' })
  expect(await page.locator('a.dlv').count()).toBe(2)
  expect(await violations(page)).toEqual([])
  await take('deliveries-narrowed')
  await page.reload()
  await page.locator('.dlv', { hasText: 'The cart forgets' }).waitFor()
  await expect.poll(() => page.getByLabel('Event').inputValue()).toBe('bug.confirmed')
  await page.getByLabel('Outcome').selectOption('duplicate')
  await page.waitForSelector('h2:has-text("No delivery fits")')
  await page.getByRole('link', { name: 'Show all deliveries' }).click()
  await page.locator('.dlv', { hasText: 'Three mugs' }).waitFor()
})

test('a near miss leads to the text with the change, its difference and its backtest; saved, it is the next version', async () => {
  await page.locator('.dlv', { hasText: 'Gift cards' }).click()
  await page.waitForSelector('h1:has-text("nearly did")')
  expect(await violations(page)).toEqual([])
  await take('why-near')
  const link = page.getByRole('link', { name: 'Make it match: fix-bug' })
  await link.focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('.difference .new')
  expect(await page.locator('.difference .new').textContent()).toBe(
    '+  - webhook: { type: [bug.reported, bug.confirmed] }',
  )
  const backtest = page.getByRole('region', { name: 'Backtest' })
  await backtest.locator('tr', { hasText: /would have started3/ }).waitFor()
  await page.locator('section[aria-label=Backtest][aria-busy=false]').waitFor()
  expect(await backtest.locator('tr', { hasText: 'would have started' }).textContent()).toMatch(
    /would have started3\s*1/,
  )
  expect(await backtest.locator('tr', { hasText: 'only this one' }).textContent()).toMatch(/only this one2\s*0/)
  expect(await backtest.locator('tr', { hasText: 'team payments at plan_review' }).textContent()).toMatch(/3\s*1$/)
  expect(await violations(page)).toEqual([])
  await take('workflow-change')
  await page.getByLabel(/may be anything/).check()
  await page.locator('.difference .new', { hasText: /^\+ {2}- webhook: \{\}$/ }).waitFor()
  await backtest.locator('tr', { hasText: 'would have started' }).getByText('4', { exact: true }).waitFor()
  await page.getByLabel(/starts it too/).check()
  await page.getByRole('button', { name: /^Save as v2/ }).click()
  await page.getByText('v2', { exact: true }).first().waitFor()
  await page.getByRole('region', { name: 'Difference' }).waitFor({ state: 'detached' })
  // From a workflow to what came in for it.
  await page.getByRole('link', { name: 'What came in for it' }).click()
  await page.waitForURL(/\/deliveries\?workflow=fix-bug/)
  await page.locator('.dlv', { hasText: 'Gift cards' }).waitFor()
})

test('never again: of what tells the event from others, the reader chooses', async () => {
  await page.goto('/deliveries')
  await page.locator('.dlv', { hasText: 'Three mugs' }).click()
  await page.getByRole('link', { name: 'Never match again: fix-bug' }).click()
  await page.waitForSelector('.difference .gone')
  expect(await page.locator('.choices label').count()).toBeGreaterThan(1)
  await take('workflow-never')
  await page.getByLabel('Leave it as it is.').check()
  await page.getByRole('region', { name: 'Difference' }).waitFor({ state: 'detached' })
  expect(await page.getByRole('button', { name: /^Save/ }).count()).toBe(0)
})

test('never again is saved, holds for what comes next, and is undone by keyboard alone; each is a version of its own', async () => {
  const bug = { type: 'bug.reported', data: { severity: 'medium', ticket: 'bug-report' } }
  const source = await sample.admin.send('POST', '/api/sources', { name: 'hotline' })
  const starts = async (title: string): Promise<string> => {
    await sendWebhook(source, { ...bug, title })
    const outcome = async (): Promise<string | undefined> =>
      (await sample.admin.get('/api/deliveries'))['deliveries'].find((one: { title: string }) => one.title === title)
        ?.outcome
    await expect.poll(outcome).toMatch(/^(started|nearly)$/)
    return (await outcome())!
  }
  const { enabled, source: before } = await sample.admin.get('/api/workflows/fix-bug')
  expect(enabled).toBe(true)
  expect(await starts('The first')).toBe('started')
  await page.goto('/deliveries')
  await page.locator('.dlv', { hasText: 'The first' }).click()
  await page.getByRole('link', { name: 'Never match again: fix-bug' }).click()
  await page.getByLabel(/source hotline/).check()
  await page.getByRole('button', { name: /^Save as v/ }).click()
  const undo = page.getByRole('button', { name: /^Undo/ })
  await undo.waitFor()
  await looksRight(page, 'never again, saved')
  await take('workflow-saved')
  expect(await starts('The second')).toBe('nearly')
  await undo.focus()
  await page.keyboard.press('Enter')
  await page.locator('.notice', { hasText: 'the next one like this delivery starts it again' }).waitFor()
  await undo.waitFor({ state: 'detached' })
  expect((await sample.admin.get('/api/workflows/fix-bug'))['source']).toBe(before)
  expect(await starts('The third')).toBe('started')
}, 120_000)

test('an earlier version is brought back from its page', async () => {
  const { versions } = await sample.admin.get('/api/workflows/fix-bug')
  const [newest] = versions
  const other = versions.find((one: { digest: string }) => one.digest !== newest.digest)
  await page.goto(`/workflows/fix-bug?version=${other.version}`)
  await page.getByRole('button', { name: `Bring it back as v${newest.version + 1}` }).click()
  await page.waitForURL(/\/workflows\/fix-bug$/)
  await expect.poll(async () => (await sample.admin.get('/api/workflows/fix-bug'))['digest']).toBe(other.digest)
  await page.goto(`/workflows/fix-bug?version=${other.version}`) // it says the same as the newest now
  await page.getByText('read only').waitFor()
  expect(await page.getByRole('button', { name: /^Bring it back/ }).count()).toBe(0)
  await page.goto(`/workflows/fix-bug?version=${newest.version}`)
  await page.getByRole('button', { name: /^Bring it back/ }).click()
  await expect.poll(async () => (await sample.admin.get('/api/workflows/fix-bug'))['digest']).toBe(newest.digest)
}, 60_000)

test('the same on a phone', async () => {
  const { page: phone, context } = await visit(browser, sample, 'jess', { width: 390, height: 844, still: true })
  await phone.goto('/deliveries')
  await phone.getByRole('button', { name: 'Narrow' }).click()
  await phone.getByLabel('Outcome').selectOption('nearly')
  await phone.locator('.dlv', { hasText: 'Deployed' }).waitFor()
  await camera?.takePhone(phone, 'deliveries-narrowed')
  await phone.locator('.dlv', { hasText: 'Deployed' }).click()
  await phone.getByRole('link', { name: 'Make it match: fix-bug' }).waitFor()
  await camera?.takePhone(phone, 'why-near')
  await phone.getByRole('link', { name: 'Make it match: fix-bug' }).click()
  await phone.locator('.difference .new').scrollIntoViewIfNeeded()
  await camera?.takePhone(phone, 'workflow-change')
  expect(await phone.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(
    true,
  )
  await context.close()
})

const odd = [
  'מערכת התשלומים מחייבת פעמיים בלחיצה אחת על הכפתור',
  'الدفع يتم مرتين عند الضغط على الزر',
  'Checkout 👩🏽‍💻 is down 👨‍👩‍👧 for everybody',
  'Averyveryverylongwordwithoutanyblankwhichnobodycanbreak'.repeat(3),
  'A turn \u202e that is hidden',
]

test('three hundred deliveries with long, odd and right-to-left names: each is there, none widens the page, and none is shown as what it is not', async () => {
  const source = await sample.admin.send('POST', '/api/sources', {
    name: 'a source whose name is about as long as the name of a source may be',
  })
  for (let n = 0; n < 300; n++)
    await sendWebhook(source, {
      type: 'bug.reported.never',
      title: n % 3 === 0 ? odd[(n / 3) % odd.length] : `Event ${n}`,
      ...(n % 5 === 0 && { actor: { id: `github:${n}`, name: odd[(n / 5) % odd.length] } }),
    })
  await page.goto(`/deliveries?from=${encodeURIComponent(source['source'].name as string)}`)
  const rows = page.locator('a.dlv')
  await rows.first().waitFor()
  for (let more = 50; more < 300; more += 50) {
    await expect.poll(() => rows.count()).toBe(more)
    await page.getByRole('button', { name: 'Older deliveries' }).click()
  }
  await expect.poll(() => rows.count()).toBe(300)
  expect(await page.getByRole('button', { name: 'Older deliveries' }).count()).toBe(0)
  expect(await rows.filter({ hasText: '👩🏽‍💻 is down 👨‍👩‍👧 for' }).count()).toBeGreaterThan(10)
  expect(await rows.filter({ hasText: 'A turn ⟨U+202E⟩ that is hidden' }).count()).toBeGreaterThan(10)
  await looksRight(page, 'many deliveries with odd names')
  await rows.filter({ hasText: 'Averyvery' }).first().click()
  await page.getByText('By a webhook, from a source whose name').waitFor()
  await looksRight(page, 'the report of a long name')
  await page.goto('/deliveries')
  await rows.first().waitFor()
  await page.getByRole('button', { name: 'Older deliveries' }).click()
  await expect.poll(() => rows.count()).toBe(100)
  const standsOn = (): Promise<string | null> =>
    page.evaluate(() => document.activeElement?.getAttribute('href') ?? null)
  for (let n = 0; n < 70; n++) await page.keyboard.press('j')
  const at = await standsOn()
  await page.keyboard.press('Enter')
  await page.getByText('This report was written when the event arrived').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => standsOn()).toBe(at) // where one left it, on the second page
  await page.locator('.rail a[href="/board"]').first().click()
  await page.locator('.rail a[href="/deliveries"]').first().click()
  await rows.first().waitFor()
  expect(await standsOn()).not.toBe(at) // who comes another way begins at the top
}, 180_000)
