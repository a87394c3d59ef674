// Decision keys and buttons do nothing until what is decided on was loaded, checked and drawn; held keys never carry over.
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { decide, decisionsOf, open, until } from './testing/inbox.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { closeBrowser, openBrowser, visit, type Visit } from './testing/visit.ts'

const bodies = '**/api/runs/*/bodies/*'
let sample: Sample
let browser: Browser
let jess: Visit
let page: Page
let sent: ReturnType<typeof decisionsOf>

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('keys')
  for (const title of ['First by hand', 'Second by hand', 'Third by hand'])
    await sample.startBy('sam', 'fix-bug', title)
}, 180_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

beforeEach(async () => {
  await jess?.context.close()
  jess = await visit(browser, sample, 'jess')
  page = jess.page
  sent = decisionsOf(page)
  return () => expect(jess.odd).toEqual([])
})

const buttons = () =>
  page.locator('.decide .btn').evaluateAll((all) => all.map((one) => (one as HTMLButtonElement).disabled))
/** Opens an item that does not become ready. */
const openAnyhow = (words: string) => page.locator('.item', { hasText: words }).first().click()
const press = async (...keys: string[]) => {
  await page.waitForTimeout(500)
  for (const key of keys) await page.keyboard.press(key)
}

describe('nothing counts', () => {
  test('before the bytes have come', async () => {
    const waiting: Route[] = []
    await page.route(bodies, (route) => void waiting.push(route))
    await page.goto('/inbox')
    await openAnyhow('First by hand')
    await until(page, 'checking')
    expect(await buttons()).toEqual([true, true, true])
    await press('a', 'c', 'r')
    expect(await page.locator('.writing').count()).toBe(0)
    for (const route of waiting.splice(0)) await route.continue()
    await page.unroute(bodies)
    await until(page, 'ready')
    expect(await buttons()).toEqual([false, false, false])
    expect(sent).toEqual([])
  })

  test('when one bit of the bytes differs', async () => {
    await page.route(bodies, async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      body[10]! ^= 1
      await route.fulfill({ response, body })
    })
    await page.goto('/inbox')
    await openAnyhow('First by hand')
    await until(page, 'wrong')
    expect(await page.locator('.notice.stop').textContent()).toMatch(
      /not the ones this gate names.*Chunk 1 of 1 has other bytes/,
    )
    expect(await buttons()).toEqual([true, true, true])
    await press('a')
    expect(sent).toEqual([])
  })

  test('when the card says something else than the digest', async () => {
    await page.route('**/api/gates/*', async (route) => {
      const response = await route.fetch()
      const card = (await response.json()) as { subject: { files: string[] } }
      card.subject.files.push('src/harmless.js')
      await route.fulfill({ response, json: card })
    })
    await page.goto('/inbox')
    await openAnyhow('First by hand')
    await until(page, 'wrong')
    await press('a')
    expect(sent).toEqual([])
  })

  test('while the bytes are away, and the page says where they are', async () => {
    await page.route(bodies, (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        json: {
          type: 'urn:viewport:problem:body_away',
          title: 'Away',
          status: 503,
          code: 'body_away',
          detail: 'acme-laptop has the bytes and has not answered since 14:10.',
          next: 'Start the runner again.',
          errors: [],
        },
      }),
    )
    await page.goto('/inbox')
    await openAnyhow('First by hand')
    await until(page, 'away')
    expect(await page.locator('.notice').textContent()).toContain('has not answered since 14:10')
    await press('a')
    await page.unroute(bodies)
    await page.getByRole('button', { name: 'Ask now' }).click()
    await until(page, 'ready')
    expect(sent).toEqual([])
  })

  test('in the first moment after an item has changed', async () => {
    await page.goto('/inbox')
    await open(page, 'First by hand')
    // The press comes in the very moment in which the next item becomes ready: no person is as fast.
    await page.evaluate(() => {
      new MutationObserver((_changes, observer) => {
        if (document.querySelector('.decide')?.getAttribute('data-standing') !== 'ready') return
        if (!document.querySelector('.gate')?.textContent?.includes('Second by hand')) return
        observer.disconnect()
        for (const type of ['keydown', 'keyup'])
          window.dispatchEvent(new KeyboardEvent(type, { key: 'a', bubbles: true }))
        ;[...document.querySelectorAll<HTMLButtonElement>('.decide .btn.pri')].at(-1)?.click()
        document.body.dataset['struck'] = 'yes'
      }).observe(document.body, { subtree: true, childList: true, attributes: true })
    })
    await openAnyhow('Second by hand')
    await page.waitForSelector('body[data-struck=yes]')
    await page.waitForTimeout(600)
    expect(await page.locator('.decide').getAttribute('data-standing')).toBe('ready')
    expect(sent).toEqual([])
  })

  test('as the second key of a pair that leads elsewhere', async () => {
    await page.goto('/inbox')
    await open(page, 'First by hand')
    await press('g', 'r')
    await page.waitForURL(/\/runs$/)
    await page.goBack()
    await until(page, 'ready')
    expect(await page.locator('.writing').count()).toBe(0)
    expect(sent).toEqual([])
  })

  test('while a panel covers the item', async () => {
    await page.goto('/inbox')
    await open(page, 'First by hand')
    await press('?')
    await page.waitForSelector('dialog[open]')
    await press('a', 'c', 'r', 'j')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog[open]', { state: 'hidden' })
    await until(page, 'ready')
    expect(await page.locator('.writing').count()).toBe(0)
    expect(await page.locator('.item[aria-current]').textContent()).toContain('First by hand')
    expect(sent).toEqual([])
  })

  test('in a field', async () => {
    await page.goto('/inbox')
    await open(page, 'First by hand')
    await decide(page, 'c')
    await page.keyboard.type('a car')
    expect(await page.getByLabel(/What should/).inputValue()).toBe('a car')
    await page.keyboard.press('Escape')
    await until(page, 'ready')
    expect(sent).toEqual([])
  })
})

test('what was written is there again after a reload, and for this very digest only', async () => {
  await page.goto('/inbox')
  await open(page, 'First by hand')
  await decide(page, 'c')
  await page.keyboard.type('half a thought')
  await page.reload()
  await until(page, 'ready')
  await press('c')
  expect(await page.getByLabel(/What should/).inputValue()).toBe('half a thought')
  await page.keyboard.press('Escape')
  await open(page, 'Second by hand')
  await decide(page, 'c')
  expect(await page.getByLabel(/What should/).inputValue()).toBe('')
  expect(sent).toEqual([])
})

test('a key that is held decides once, however many items come by', async () => {
  await page.goto('/inbox')
  await open(page, 'First by hand')
  await page.keyboard.down('a')
  await until(page, 'closed')
  await page.locator('.item', { hasText: 'Second by hand' }).click()
  await until(page, 'ready')
  for (let i = 0; i < 10; i += 1) {
    await page.keyboard.down('a') // what a keyboard sends while a key is held
    await page.waitForTimeout(80)
  }
  expect(sent).toHaveLength(1)
  expect(await page.locator('.decide').getAttribute('data-standing')).toBe('ready')
  await page.keyboard.up('a')
  await page.keyboard.press('a')
  await until(page, 'closed')
  expect(sent).toHaveLength(2)
})

test('two quick presses and clicks make one decision', async () => {
  await page.goto('/inbox')
  await open(page, 'Third by hand')
  const approve = page.getByRole('button', { name: /^Approve/ })
  await Promise.all([approve.dispatchEvent('click'), approve.dispatchEvent('click'), page.keyboard.press('a')])
  await until(page, 'closed')
  expect(sent).toHaveLength(1)
})
