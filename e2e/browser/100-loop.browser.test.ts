// From the sign-in link to the merged change, as people do it: read, approve, send back with a comment on a line, look at
// what changed, approve, merge. Nothing is loaded again by hand.
import { join } from 'node:path'

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { run, vpdProgram } from '../testing/program.ts'
import { approve, decide, decisionsOf, open, until } from './testing/inbox.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { closeBrowser, openBrowser, stranger, visit, type Visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let jess: Visit

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('loop')
}, 150_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

test('the printed link signs in on the plan that waits, and its token stays nowhere', async () => {
  jess = await stranger(browser, sample)
  const { page } = jess
  await page.goto(sample.first)
  await until(page, 'ready')
  expect(page.url()).toMatch(/\/inbox\/gate_[^#]*$/)
  expect(await page.locator('h1.verb').textContent()).toMatch(/^Carry out this plan: \d+ steps, \d+ files?$/)
  expect(await page.locator('.side').textContent()).toContain('in this browser')
  expect(await page.evaluate(() => history.length)).toBeLessThan(4)
})

test('a used link says so and shows the way', async () => {
  const other = await stranger(browser, sample)
  await other.page.goto(sample.first)
  await other.page.waitForSelector('.notice.stop')
  expect(await other.page.locator('.notice').textContent()).toMatch(
    /already used or has expired.*viewport sign-in-link/,
  )
  await other.context.close()
})

test('without a session every page leads to the door and back', async () => {
  const other = await stranger(browser, sample)
  await other.page.goto('/runs/1?show=diff')
  await other.page.waitForURL(/\/sign-in\?to=/)
  const link = new URL(await sample.linkOf('dana'))
  await other.page.getByLabel('Sign-in link').fill(link.href)
  await other.page.getByRole('button', { name: 'Sign in' }).click()
  await other.page.waitForURL(/\/runs\/1\?show=diff$/)
  await other.context.close()
})

test('a plan is approved with one key; what follows arrives by itself and waits behind "new"', async () => {
  const { page } = jess
  const sent = decisionsOf(page)
  const digest = (await page.locator('.decide code').textContent())!
  await page.waitForTimeout(500)
  await approve(page)
  expect(sent).toEqual([expect.objectContaining({ verdict: 'approve' })])
  expect(sent[0]!.digest.startsWith(digest.slice(0, 6))).toBe(true)
  await page.waitForSelector('.fresh', { timeout: 60_000 })
  expect(await page.locator('.fresh').textContent()).toBe('1 new')
  await page.locator('.item[aria-current]', { hasText: 'Approved' }).waitFor()
})

test('a version is saved in the editor and started by hand', async () => {
  const { page } = jess
  await page.goto('/workflows/fix-bug')
  await page.waitForSelector('.cm-content')
  // The agent of the sample writes what a reviewer asked for into CHANGELOG.md.
  const line = page.locator('.cm-line', { hasText: "write: ['src/**'" })
  await line.click()
  await page.keyboard.press('End')
  for (let i = 0; i < "'] }".length - 1; i += 1) await page.keyboard.press('ArrowLeft')
  await page.keyboard.type(", 'CHANGELOG.md'")
  await page.waitForSelector('text=draft on v1')
  // What the server knows now comes late. The text that was saved stays meanwhile; nothing older takes its place.
  let answer = (): void => {}
  const late = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/api/workflows/fix-bug', async (route) => {
    await late
    await route.continue()
  })
  await page.keyboard.press('Control+s')
  await page.waitForSelector('.badge:text-is("draft on v2")')
  expect(await page.locator('.cm-content').textContent()).toContain("'CHANGELOG.md'")
  answer()
  await page.waitForSelector('.badge:text-is("v2")')
  await page.unroute('**/api/workflows/fix-bug')
  await page.locator('.panel', { hasText: 'CHANGELOG.md may change' }).waitFor()

  const sam = await visit(browser, sample, 'sam')
  await sam.page.goto('/workflows/fix-bug')
  await sam.page.getByRole('button', { name: 'Start by hand' }).click()
  await sam.page.getByLabel('What should be done').fill('Mugs by hand')
  await sam.page.getByRole('button', { name: 'Start fix-bug' }).click()
  await sam.page.waitForURL(/\/runs\/2$/)
  await sam.page.waitForSelector('text=plan_review opened', { timeout: 60_000 })
  // He asked for it, so he is not asked.
  await sam.page.goto('/inbox')
  await sam.page.waitForSelector('.item, .first')
  expect(await sam.page.locator('.item', { hasText: 'Mugs by hand' }).count()).toBe(0)
  expect(sam.odd).toEqual([])
  await sam.context.close()
}, 120_000)

test('a change goes back with a comment on a line, and the next round shows what changed', async () => {
  const { page } = jess
  await page.goto('/inbox')
  await open(page, 'Mugs by hand')
  await approve(page)
  await open(page, 'vp/mugs-by-hand')
  const sent = decisionsOf(page)
  await page.keyboard.press('Enter') // into the item
  await page.keyboard.press('j') // first hunk
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('m')
  await page.keyboard.type('Say why it is rounded only once.')
  await page.keyboard.press('Control+Enter')
  await page.locator('.remark', { hasText: 'not sent yet' }).waitFor()
  await decide(page, 'c')
  await page.getByLabel(/What should .* change/).fill('Explain the rounding.')
  await page.keyboard.press('Control+Enter')
  await until(page, 'closed')
  expect(sent).toEqual([
    expect.objectContaining({
      verdict: 'request_changes',
      comment: 'Explain the rounding.',
      lines: [expect.objectContaining({ path: 'src/price.js', text: 'Say why it is rounded only once.' })],
    }),
  ])

  // On a tall screen the ends of both files come into sight at the same moment: both count as read.
  await page.setViewportSize({ width: 1440, height: 3_000 })
  await open(page, 'round 2')
  await page.waitForSelector('.kv:has-text("2 of 2 files") .done')
  await page.setViewportSize({ width: 1440, height: 900 })
  const facts = () => page.locator('.gate-head .facts').textContent()
  await expect
    .poll(facts)
    .toMatch(/Since you looked1 file, \+\d+ −0 since round 1\. Your one comment: its line is as it was\./)
  expect(await page.locator('tr.odd').textContent()).toMatch(/CHANGELOG\.md.*not in the plan/)
  await page.keyboard.press('s')
  await page.waitForSelector('h2:has-text("Only what changed")')
  await page.waitForFunction(() => document.querySelectorAll('.diff').length === 1)
  await page.keyboard.press('s')
  await page.waitForFunction(() => document.querySelectorAll('.diff').length === 2)
  await approve(page)
}, 180_000)

test('the change shows its checks, is approved, and is merged as it was seen', async () => {
  const { page } = jess
  await open(page, 'Open the change of 2 files in acme/shop')
  const facts = () => page.locator('.gate-head .facts').textContent()
  await expect.poll(facts).toMatch(/Tests1 red without the change → 3 green on this tree/)
  const before = sample.remoteHas('main')
  await approve(page)
  await page.locator('.gate-head a.link').first().click()
  await page.waitForSelector('text=change open', { timeout: 60_000 })
  await page.getByRole('link', { name: 'Diff', exact: true }).click()
  await page.waitForSelector('text=verified in this browser')
  await page.getByRole('button', { name: 'Merge into main' }).click()
  await page.waitForSelector('.badge:text-is("merged")', { timeout: 60_000 })
  await expect.poll(() => sample.remoteHas('main'), { timeout: 30_000 }).not.toBe(before)
}, 180_000)

test('the run tells the whole story, with its log, context, receipts, facts and packet', async () => {
  const { page } = jess
  await page.getByRole('link', { name: 'Timeline', exact: true }).click()
  // What is told last arrives by itself.
  for (const words of [
    'started fix-bug v2',
    'planned',
    'requested changes',
    'Push recorded',
    'Checks passed',
    'pushed',
    'Change opened in Viewport',
    'The change is merged',
  ])
    await page.locator('.tl', { hasText: words }).waitFor({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Checks' }).click()
  await page.waitForSelector('.log footer :text("checked")')
  await page.locator('.log .lines', { hasText: 'a discount is rounded once' }).waitFor()
  await page.getByRole('link', { name: 'Context', exact: true }).click()
  await page.locator('.runpane', { hasText: /Pricing rules.*cited/ }).waitFor()
  await page.getByRole('link', { name: 'Receipts', exact: true }).click()
  await page.locator('.runpane', { hasText: /git\.push.*read back after writing/ }).waitFor()
  await page.getByRole('link', { name: 'Ledger', exact: true }).click()
  await page.locator('.fact:last-of-type', { hasText: 'change.merged' }).waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the packet' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('run-2.packet.zip')
  expect(jess.odd).toEqual([])
}, 120_000)

test('the run says what left the machine, and vpd says the same there', async () => {
  const { page } = jess
  await page.goto('/runs/2?show=left')
  await page.waitForSelector('.left table')
  const told = (await page.locator('.leftsum').textContent())!
  const [, runner = '', messages = '', size = ''] = /^(\S+) sent ([\d,]+) messages?, ([\d.]+ \w+), to/.exec(told)!
  expect(runner).not.toBe('')
  const shown = (await page.locator('.left p code').textContent())!.split(' ')
  expect(shown.slice(0, 2)).toEqual(['vpd', 'egress'])
  const { code, out } = await run(sample.place, vpdProgram, [...shown.slice(1), '--json'], {
    VPD_HOME: join(sample.place.data, 'sample', 'runner', 'vpd'),
  })
  expect(code).toBe(0)
  const { left } = JSON.parse(out) as { left: { bytes: number; what: string }[] }
  const sum = left.reduce((total, row) => total + row.bytes, 0)
  expect(messages).toBe(left.length.toLocaleString('en'))
  const [, amount = '', unit = ''] = /^([\d.]+) (bytes|kB|MB)$/.exec(size)!
  const shownBytes = Number(amount) * { bytes: 1, kB: 1e3, MB: 1e6 }[unit]!
  expect(Math.abs(shownBytes - sum) / sum).toBeLessThan(0.06) // it is rounded
  // One message stands in several rows, when its fields give away more and less; none stands in no row.
  const rows = await page.locator('.left tbody tr td:nth-child(1)').allTextContents()
  for (const { what } of left)
    expect(
      rows.some((row) => row.includes(what.replace(/^body /, '').replaceAll('_', ' '))),
      what,
    ).toBe(true)
}, 60_000)
