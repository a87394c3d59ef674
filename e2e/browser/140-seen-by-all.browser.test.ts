// Every page in light, in dark and on a phone: no violation that axe finds, nothing that scrolls sideways, nothing the policy stops.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sideways, violations } from './testing/flaws.ts'
import { approve, open } from './testing/inbox.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { answered, closeBrowser, openBrowser, stranger, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let pages: Record<string, string>

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('seen')
  // A run that has come to its push, one that waits for its plan, one that is done with both.
  const jess = await visit(browser, sample, 'jess')
  await jess.page.goto('/inbox')
  await open(jess.page, 'Three mugs')
  const decided = new URL(jess.page.url()).pathname
  await approve(jess.page)
  await open(jess.page, 'git push')
  const push = new URL(jess.page.url()).pathname
  await sample.startBy('sam', 'fix-bug', 'Waits for its plan')
  const { rows } = await sample.admin.get('/api/board')
  const plan = rows.find((row: { title: string }) => row.title === 'Waits for its plan').gate as string
  const { deliveries } = await sample.admin.get('/api/deliveries')
  pages = {
    plan: `/inbox/${plan}`,
    push,
    decided,
    inbox: '/inbox',
    board: '/board',
    runs: '/runs',
    timeline: '/runs/1',
    'plan of a run': '/runs/1?show=plan',
    diff: '/runs/1?show=diff',
    context: '/runs/1?show=context',
    receipts: '/runs/1?show=receipts',
    egress: '/runs/1?show=left',
    ledger: '/runs/1?show=facts',
    log: '/runs/1?show=log',
    facts: '/runs/1?show=about',
    workflows: '/workflows',
    workflow: '/workflows/fix-bug',
    'new workflow': '/workflows/new',
    templates: '/workflows/templates',
    template: '/workflows/templates/support-to-pr',
    runners: '/runners',
    pair: '/pair',
    deliveries: '/deliveries',
    effects: '/effects',
    connections: '/connections',
    settings: '/settings',
    repositories: '/settings/repositories',
    people: '/settings/people',
    tokens: '/settings/tokens',
    why: `/deliveries/${deliveries[0].id}`,
    nowhere: '/no-such-page',
  }
  await jess.context.close()
}, 240_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

const settled = async (page: Page, path: string): Promise<void> => {
  await page.goto(path)
  await page.waitForSelector('main')
  await answered(page) // what comes late is looked at too
  await page.waitForFunction(() => !document.querySelector('.skeleton'))
  if (path.startsWith('/inbox/'))
    await page.waitForSelector('.decide:not([data-standing="checking"], [data-standing="drawing"])')
}

describe.each([
  ['light', {}],
  ['dark', { dark: true }],
  ['on a narrow desk', { width: 1000, height: 800 }],
  ['on a phone', { width: 390, height: 844 }],
])('%s', (_, look) => {
  test('every page', async () => {
    const jess = await visit(browser, sample, 'jess', { ...look, still: true })
    const found: string[] = []
    for (const [name, path] of Object.entries(pages)) {
      await settled(jess.page, path)
      found.push(...(await violations(jess.page)).map((one) => `${name}: ${one}`))
      found.push(...(await sideways(jess.page)).map((one) => `${name}: ${one}`))
    }
    expect(found).toEqual([])
    expect(jess.odd).toEqual([])
    await jess.context.close()
  }, 240_000)

  test('the door', async () => {
    const other = await stranger(browser, sample, { ...look, still: true })
    await settled(other.page, '/sign-in')
    expect(await violations(other.page)).toEqual([])
    await other.context.close()
  })
})

test('everything is there at twice the size too', async () => {
  const jess = await visit(browser, sample, 'jess', { width: 720, height: 450, still: true }) // 1440 × 900 at 200 %
  const found: string[] = []
  for (const [name, path] of Object.entries(pages)) {
    await settled(jess.page, path)
    found.push(...(await sideways(jess.page)).map((one) => `${name}: ${one}`))
  }
  expect(found).toEqual([])
  await jess.context.close()
}, 120_000)

test('a row of the board says as much as fits, and never cuts the chip that waits', async () => {
  const { page, context } = await visit(browser, sample, 'jess', { still: true })
  await settled(page, '/board')
  const row = page.locator('a.row', { hasText: 'Three mugs' })
  const whole = () =>
    row.locator('.pipe').evaluate((pipe) => {
      const now = pipe.querySelector('.c-wait')!.getBoundingClientRect()
      const place = pipe.getBoundingClientRect()
      return pipe.scrollWidth <= pipe.clientWidth + 1 && now.left >= place.left - 1 && now.right <= place.right + 1
    })
  const short = row.locator('.pipe [data-short]')
  await page.setViewportSize({ width: 2_000, height: 900 })
  await expect.poll(() => short.count()).toBe(0)
  for (const width of [1_440, 1_200, 1_000, 390]) {
    await page.setViewportSize({ width, height: 900 })
    await expect.poll(whole, { message: `at ${width}` }).toBe(true)
  }
  await page.setViewportSize({ width: 2_000, height: 900 })
  await expect.poll(() => short.count()).toBe(0)
  await context.close()
}, 60_000)

test('no letters are joined or replaced: "->" and "x64" are read as they were written', async () => {
  const { page, context } = await visit(browser, sample, 'jess', { still: true })
  for (const path of [pages['push']!, '/runs/1', '/runners', '/workflows/fix-bug']) {
    await settled(page, path)
    const joined = await page.evaluate(() =>
      [...document.querySelectorAll('body, body *')]
        .filter((element) => getComputedStyle(element).fontVariantLigatures !== 'none')
        .map((element) => `${element.tagName}.${element.className}`),
    )
    expect(joined, path).toEqual([])
  }
  await context.close()
}, 60_000)

test('a phone reaches what its bar has no room for', async () => {
  const { page, context } = await visit(browser, sample, 'jess', { width: 390, height: 844, still: true })
  await settled(page, '/runs/1')
  await page.getByLabel('More about this run').selectOption('Receipts')
  await page.waitForURL(/show=receipts/)
  await page.getByRole('button', { name: 'More: @jess' }).click()
  await page.waitForSelector('dialog[open]')
  expect(await violations(page)).toEqual([])
  await page.getByRole('link', { name: 'Deliveries' }).click()
  await page.waitForURL(/\/deliveries$/)
  expect(await page.locator('dialog[open]').count()).toBe(0)
  await page.getByRole('button', { name: 'More: @jess' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  await context.close()
}, 60_000)

test('open fields and panels', async () => {
  const jess = await visit(browser, sample, 'jess', { still: true })
  const { page } = jess
  await settled(page, pages['push']!)
  await page.waitForTimeout(500)
  await page.keyboard.press('c')
  await page.waitForSelector('.writing')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.locator('.diff .no:enabled').first().click()
  await page.waitForSelector('.remark textarea')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await settled(page, '/workflows/fix-bug')
  await page.getByRole('button', { name: 'Start by hand' }).click()
  expect(await violations(page)).toEqual([])
  await settled(page, '/runs/1')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  expect(await violations(page)).toEqual([])
  await settled(page, '/deliveries')
  await page.getByRole('button', { name: 'Sources' }).click()
  await page.waitForSelector('.source')
  expect(await violations(page)).toEqual([])
  await jess.context.close()
}, 120_000)
