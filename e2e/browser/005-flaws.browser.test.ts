// Do the looks at pages see what is wrong with one? On pages that are wrong on purpose.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { sideways, violations } from './testing/flaws.ts'
import { closeBrowser, openBrowser } from './testing/visit.ts'

let browser: Browser
let page: Page
beforeAll(async () => {
  browser = await openBrowser()
  page = await (await browser.newContext()).newPage()
}, 60_000)
afterAll(() => closeBrowser(browser), 60_000)

const shows = (body: string): Promise<void> =>
  page.setContent(`<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>${body}</main></html>`)

test('a page in order has no flaw', async () => {
  await shows('<p>Plain words.</p>')
  expect([...(await violations(page)), ...(await sideways(page))]).toEqual([])
})

test('faint words, a field without a name and a picture without words are seen, each with its place', async () => {
  await shows('<p id="faint" style="color: #ccc; background: #fff">Faint.</p><input id="bare"><img src="data:,">')
  expect((await violations(page)).toSorted()).toEqual([
    expect.stringMatching(/^color-contrast: #faint .*contrast/s),
    expect.stringMatching(/^image-alt: img /),
    expect.stringMatching(/^label: #bare /),
  ])
})

test('what scrolls sideways is seen', async () => {
  await shows('<div style="width: 4000px">Wide.</div>')
  expect(await sideways(page)).toEqual([expect.stringContaining('HTML')])
})

test('a page with a frame is refused, as nobody would look into it', async () => {
  await shows('<iframe title="Inside" srcdoc="<p>Words</p>"></iframe>')
  await expect(violations(page)).rejects.toThrow('has frames')
})
