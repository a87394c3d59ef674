// What signs is changed on its page, by keyboard alone: the new secret is shown once, the page says until when the one before is taken and that it signs still, and it is ended.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from '../testing/api.ts'
import { sendWebhook } from '../testing/signed-webhook.ts'
import { looksRight } from './testing/flaws.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { cameraFor } from './testing/take.ts'
import { closeBrowser, openBrowser, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let page: Page
const camera = process.env['VIEWPORT_PICTURES'] ? cameraFor(process.env['VIEWPORT_PICTURES']) : null

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('rotate')
  page = (await visit(browser, sample, 'jess', { still: true })).page
}, 150_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key)
}
const secretShown = async (within: string): Promise<string> =>
  /whsec_[A-Za-z0-9+/]+=/.exec((await page.locator(within).textContent()) ?? '')![0]

test('of a webhook source', { timeout: 120_000 }, async () => {
  const made: Json = await sample.admin.send('POST', '/api/sources', { name: 'order mailer' })
  await page.goto('/deliveries')
  await page.getByRole('button', { name: 'Sources' }).click()
  const line = page.locator('.source', { hasText: 'order mailer' })
  await line.getByRole('button', { name: 'New secret of order mailer' }).focus()
  await press('Enter')
  expect(await line.getByLabel('The one before is taken for').inputValue()).toBe('24')
  await looksRight(page, 'asked for a new secret')
  await camera?.take(page, 'rotate-ask')
  await press('Enter')
  await page.waitForSelector('.sources .appears:has-text("shown now and never again")')
  const next = { ...made, secret: await secretShown('.sources > .appears') }
  expect(next.secret).not.toBe(made['secret'])
  for (const one of [made, next]) await sendWebhook(one, { type: 'x', title: 'Signed by either' })
  await page.getByRole('button', { name: 'I have kept it' }).click()
  await page.reload()
  await page.getByRole('button', { name: 'Sources' }).click()
  const old = line.locator('.old-secrets')
  await old.filter({ hasText: /is taken until .*, and signed something / }).waitFor()
  expect(await page.locator('.sources').textContent()).not.toContain('whsec_')
  await looksRight(page, 'an old secret that is taken')
  await camera?.take(page, 'rotate-old')
  if (camera) {
    const before = page.viewportSize()!
    await page.setViewportSize({ width: 390, height: 844 })
    await camera.takePhone(page, 'rotate-old')
    await page.setViewportSize(before)
  }
  await line.getByRole('button', { name: 'End it now: the old secret of order mailer' }).focus()
  await press('Enter')
  await old.filter({ hasText: 'is refused from now on' }).waitFor()
  await looksRight(page, 'asked whether it ends')
  await press('Enter')
  await old.waitFor({ state: 'detached' })
  await expect(sendWebhook(made, { type: 'x' })).rejects.toThrow('signature_invalid')
  await sendWebhook(next, { type: 'x' })
})

test('of a connection', { timeout: 120_000 }, async () => {
  await sample.admin.send('POST', '/api/connections', { tool: 'ci', name: 'builds', values: {} })
  await page.goto('/connections')
  const line = page.locator('.connection', { hasText: 'builds' })
  await line.getByRole('button', { name: 'Webhook', exact: true }).click()
  await line.getByRole('button', { name: 'Make a new secret' }).focus()
  await press('Enter', 'Enter')
  await line.locator('.made-secrets').waitFor()
  await secretShown('.connection .made-secrets')
  await line.locator('.old-secrets').waitFor()
  await looksRight(page, 'a new secret of a connection')
  await camera?.take(page, 'rotate-connection')
  if (camera) {
    const before = page.viewportSize()!
    await page.setViewportSize({ width: 390, height: 844 })
    await camera.takePhone(page, 'rotate-connection')
    await page.setViewportSize(before)
  }
  await line.getByRole('button', { name: 'I have kept it' }).click()
  expect(await line.textContent()).not.toContain('whsec_')
  await line.getByRole('button', { name: 'Change', exact: true }).click()
  await line.getByLabel('Token of CI').fill('a-token-that-an-admin-chose-1234567890')
  await line.getByLabel('The one before is taken for').selectOption('0')
  await looksRight(page, 'a token that is given')
  await line.getByRole('button', { name: 'Save' }).click()
  // It leaked: neither it nor the older one is taken.
  await line.locator('.old-secrets').waitFor({ state: 'detached' })
})

test('of a webhook target: messages carry both signatures, and the page says so', { timeout: 120_000 }, async () => {
  const values = { url: 'https://ops.acme.example/hooks' }
  await sample.admin.send('POST', '/api/connections', { tool: 'webhook', name: 'ops-room', values })
  await page.goto('/connections')
  const line = page.locator('.connection', { hasText: 'ops-room' })
  await line.getByRole('button', { name: 'Secret', exact: true }).focus()
  await press('Enter')
  await line.getByRole('button', { name: 'Make a new secret' }).focus()
  await press('Enter')
  expect(await line.getByLabel('The one before signs as well for').inputValue()).toBe('24')
  expect(await line.textContent()).toContain('Until then messages carry both signatures')
  await looksRight(page, 'asked for a new secret of a target')
  await press('Enter')
  await line.locator('.made-secrets').waitFor()
  await secretShown('.connection .made-secrets')
  expect(await line.locator('.made-secrets').textContent()).toContain('Paste it where the receiver keeps it')
  await line.locator('.old-secrets').waitFor()
  expect(await line.locator('.old-secrets').textContent()).toContain('signs as well until')
  await looksRight(page, 'a new secret of a target')
  await camera?.take(page, 'rotate-target')
  if (camera) {
    const before = page.viewportSize()!
    await page.setViewportSize({ width: 390, height: 844 })
    await camera.takePhone(page, 'rotate-target')
    await page.setViewportSize(before)
  }
  await line.getByRole('button', { name: 'I have kept it' }).click()
  await line.getByRole('button', { name: 'End it now: the old secret of ops-room' }).focus()
  await press('Enter')
  expect(await line.locator('.old-secrets').textContent()).toContain('A receiver that has no newer one refuses')
  await press('Enter')
  await line.locator('.old-secrets').waitFor({ state: 'detached' })
})

test('what a change means for what stands beside it is said on the page', { timeout: 120_000 }, async () => {
  for (const name of ['one-forge', 'other-forge']) {
    const values = { base: `https://${name}.acme.example/api/v3` }
    await sample.admin.send('POST', '/api/connections', { tool: 'github', name, values, held: true })
  }
  await page.goto('/connections')
  const line = page.locator('.connection', { hasText: 'one-forge' })
  await line.getByRole('button', { name: 'Change', exact: true }).click()
  await line.getByLabel('Address of the API').fill('https://new.acme.example/api/v3')
  await line.getByRole('button', { name: 'Save' }).click()

  await line.getByText('What the change of one-forge means').waitFor()
  await line.filter({ hasText: 'with one so held it must be the only one' }).waitFor()
  await looksRight(page, 'what a change means')
  await line.getByRole('button', { name: 'Seen' }).focus()
  await press('Enter')
  await line.getByText('What the change of one-forge means').waitFor({ state: 'detached' })
})
