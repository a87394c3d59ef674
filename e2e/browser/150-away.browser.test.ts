// The control plane goes away under an open page: what was seen stays with its time, and everything goes on when it is back.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { decide, until } from './testing/inbox.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { answered, closeBrowser, openBrowser, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('away')
}, 150_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

test('a vote that nobody answers is said at once, not when everything else was asked again', async () => {
  const jess = await visit(browser, sample, 'jess')
  const { page } = jess
  await page.goto('/inbox')
  await until(page, 'ready')
  await page.waitForTimeout(500)
  // Votes fail, and every question after them hangs: what is said now does not wait for any of them.
  await page.route('**/api/**', (route) => {
    if (route.request().method() === 'POST') return route.abort('connectionrefused')
    return new Promise<void>(() => undefined)
  })
  await decide(page, 'a')
  await page.waitForSelector('.notice:has-text("Viewport does not answer.")', { timeout: 15_000 })
  await until(page, 'ready')
  expect(jess.odd).toEqual([])
  await jess.context.close()
})

test('a browser that knows of no network asks all the same; one is signed out when the session has ended, not before', async () => {
  const jess = await visit(browser, sample, 'jess')
  const { page } = jess
  await page.goto('/inbox')
  await until(page, 'ready')
  await page.waitForTimeout(500)
  await decide(page, 'c')
  await page.keyboard.type('mine alone')
  await page.keyboard.press('Escape')
  const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.includes('draft')).length)
  expect(await kept()).toBe(1)
  await page.evaluate(() => window.dispatchEvent(new Event('offline')))
  await page.locator('.rail a[href="/runs"]').click()
  await page.waitForSelector('a.row')
  await page.route('**/api/session', (route) => route.abort('connectionrefused'))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForSelector('.notice:has-text("You are still signed in")')
  expect(new URL(page.url()).pathname).toBe('/runs')
  await page.unroute('**/api/session')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  expect(await kept()).toBe(0)
  await page.goto('/runs')
  await page.waitForURL(/\/sign-in\?to=/)
  expect(jess.odd).toEqual([])
  await jess.context.close()
}, 60_000)

test('a page that nobody answers says so at once, and goes on when somebody does', async () => {
  const { page, context, odd } = await visit(browser, sample, 'jess', { still: true })
  await page.goto('/deliveries')
  await page.waitForSelector('[data-live=on]')
  await page.locator('a.dlv').first().waitFor()
  await context.setOffline(true)
  // Sooner than anybody loses patience with one that hangs (8 seconds): nobody is there, and that is known.
  await page.waitForSelector('.notice:has-text("has not answered since")', { timeout: 7_000 })
  expect(await page.locator('a.dlv').count()).toBeGreaterThan(0) // what was seen stays
  await context.setOffline(false)
  await page.waitForSelector('.notice:has-text("has not answered since")', { state: 'detached', timeout: 20_000 })
  expect(odd).toEqual([])
  await context.close()
}, 60_000)

test('every page says so and keeps what was seen, and each goes on by itself, without being loaded again', async () => {
  const { page, context, odd } = await visit(browser, sample, 'jess', { still: true })
  const tabs = [page, await context.newPage(), await context.newPage()]
  const away = '.notice:has-text("has not answered since")'
  for (const three of [
    ['/inbox', '/board', '/runs'],
    ['/runs/1', '/workflows', '/workflows/fix-bug'],
    ['/workflows/templates', '/runners', '/connections'],
    ['/deliveries', '/effects', '/settings'],
    ['/settings/people', '/settings/repositories', '/settings/tokens'],
  ]) {
    const words: string[] = []
    for (const [at, path] of three.entries()) {
      const tab = tabs[at]!
      await tab.goto(path)
      await tab.waitForSelector('[data-live=on]')
      await answered(tab)
      await expect.poll(() => tab.locator('.skeleton').count(), { message: path }).toBe(0)
      await tab.evaluate(() => (document.body.dataset['same'] = 'page'))
      words.push(await wordsOf(tab))
    }
    await context.setOffline(true)
    for (const [at, path] of three.entries()) {
      await tabs[at]!.waitForSelector(away, { timeout: 30_000 })
      expect(await wordsOf(tabs[at]!), `${path} while nobody answers`).toBe(words[at])
    }
    await context.setOffline(false)
    for (const [at, path] of three.entries()) {
      await tabs[at]!.waitForSelector(away, { state: 'detached', timeout: 30_000 })
      expect(await tabs[at]!.evaluate(() => document.body.dataset['same']), path).toBe('page')
    }
  }
  expect(odd).toEqual([])
  await context.close()
}, 150_000)

/** Headings and links; ages are left out, they go on while nobody answers. */
const wordsOf = (page: Page): Promise<string> =>
  page.locator('main h1, main h2, main h3, main a').evaluateAll((all) =>
    all
      .map((each) => {
        const one = each.cloneNode(true) as Element
        for (const age of one.querySelectorAll('time')) age.remove()
        return one.textContent
      })
      .join(),
  )

test('nine pages side by side are answered: who is not looked at gives its line back', async () => {
  const { page, context } = await visit(browser, sample, 'jess', { still: true })
  const isSeen = (tab: Page, seen: boolean): Promise<void> =>
    tab.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }, !seen)
  await page.goto('/runs')
  await page.locator('a.row').first().waitFor()
  for (let n = 0; n < 8; n++) {
    const tab = await context.newPage()
    await tab.goto('/deliveries')
    await tab.locator('a.dlv').first().waitFor({ timeout: 20_000 }) // a browser opens six connections, a line takes one
    if (n < 7) await isSeen(tab, false)
  }
  const [, second] = context.pages()
  await isSeen(second!, true)
  await second!.waitForSelector('[data-live=on]')
  await context.close()
}, 150_000)

test('each page shows at once that it waits, then what went wrong with a way on, then what it is about', async () => {
  const { page, context } = await visit(browser, sample, 'jess', { still: true })
  for (const [path, answer, what] of [
    ['/inbox', 'runs/[^/]+', 'what the agent was given'],
    ['/connections', 'connections', 'connections'],
    ['/deliveries', 'deliveries', 'deliveries'],
    ['/effects', 'effects', 'effects'],
    ['/runs', 'runs', 'runs'],
    ['/workflows', 'workflows', 'workflows'],
    ['/runners', 'runners', 'runners'],
    ['/settings', 'workspace', 'choices'],
  ] as const) {
    let isAway = true
    let letGo = (): void => {}
    const waits = new Promise<void>((go) => (letGo = go))
    await page.route(new RegExp(`/api/${answer}(\\?.*)?$`), async (route) => {
      await waits
      await (isAway
        ? route.fulfill({ status: 500, contentType: 'text/plain', body: 'the database is away' })
        : route.continue())
    })
    await page.goto(path)
    await page.locator('.skeleton').first().waitFor()
    letGo()
    await page.getByText('The answer was 500 without a reason.').first().waitFor({ timeout: 20_000 })
    expect(await page.locator('main').textContent(), path).not.toContain('the database is away') // no raw answer is shown
    isAway = false
    await page.getByRole('button', { name: 'Ask again' }).first().click()
    await page.getByText('The answer was 500').waitFor({ state: 'detached', timeout: 20_000 })
    await expect.poll(() => page.locator('.skeleton').count(), { message: what }).toBe(0)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  }
  await context.close()
}, 120_000)

test('facts stay, a decision is refused in words, and the page goes on without being loaded again', async () => {
  const jess = await visit(browser, sample, 'jess')
  const { page } = jess
  await page.goto('/inbox')
  await until(page, 'ready')
  await page.waitForSelector('[data-live=on]')
  await page.evaluate(() => (document.body.dataset['same'] = 'page'))
  const later = await visit(browser, sample, 'dana')
  await later.page.route('**/api/me', (route) => route.abort('connectionrefused'))
  await later.page.reload()
  await later.page.waitForSelector('h1:has-text("Viewport does not answer")', { timeout: 30_000 })
  await later.page.unroute('**/api/me') // it answers again, and nobody touches the page
  await later.page.waitForSelector('.rail', { timeout: 30_000 })
  await later.context.close()
  await sample.crash()
  await page.waitForSelector('[data-live=off]')
  await page.waitForSelector('.notice:has-text("has not answered since")', { timeout: 20_000 })
  expect(await page.locator('.prose').textContent()).toContain('Round the discount once')
  await decide(page, 'a')
  await page.waitForSelector('.notice:has-text("Viewport does not answer.")')
  await sample.again()
  await page.waitForSelector('[data-live=on]', { timeout: 30_000 })
  await page.waitForSelector('.notice:has-text("has not answered since")', { state: 'detached', timeout: 20_000 })
  await until(page, 'ready')
  expect(await page.evaluate(() => document.body.dataset['same'])).toBe('page')
  await page.waitForTimeout(500)
  await decide(page, 'a')
  await until(page, 'closed')
  expect(jess.odd).toEqual([])
}, 180_000)
