// Every place does what it is there for: the editor mends, a webhook starts work and says why, a runner is paired by its code.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { start, vpdProgram } from '../testing/program.ts'
import { startWithJess, stopWithJess } from './testing/jess.ts'
import type { Sample } from './testing/sample.ts'
import type { Visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let jess: Visit
let page: Page

beforeAll(async () => void ({ browser, sample, jess, page } = await startWithJess('places')), 150_000)
afterAll(() => stopWithJess({ browser, sample }), 150_000)

test('the editor names an error under its line and mends it', async () => {
  await page.goto('/workflows/new')
  await page.waitForSelector('.cm-content')
  await page.locator('.cm-line', { hasText: 'git.open_change' }).click()
  await page.keyboard.press('End')
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Backspace')
  await page.waitForSelector('.errbox')
  expect(await page.locator('.errbox').textContent()).toMatch(
    /^7:\d+ git\.open_chang is not an action\. Nearest: git\.open_change\./,
  )
  expect(await page.getByRole('button', { name: /^Save/ }).isDisabled()).toBe(true)
  await page.keyboard.press('Control+.')
  await page.waitForSelector('.errbox', { state: 'detached' })
  await page.waitForSelector('.panel :text("Ready to run")')
})

test('a workflow that is not ready says what is missing, and is not enabled', async () => {
  await page.goto('/workflows/new')
  await page.waitForSelector('.cm-content')
  await page.keyboard.press('Control+s')
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/workflows\/bug-to-change$/)
  await page.waitForSelector('.ready .wait')
  expect(await page.locator('.ready').textContent()).toContain('acme/payments-api')
  expect(await page.getByRole('button', { name: 'Enable' }).isDisabled()).toBe(true)
})

test('a template is filled in by the keyboard alone and opens in the editor as a workflow of the team', async () => {
  await page.goto('/workflows/templates')
  await page.waitForSelector('a.tplrow')
  expect(await page.locator('a.tplrow').count()).toBe(6)
  await page.locator('a.tplrow', { hasText: 'ci-failure-fix' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/workflows\/templates\/ci-failure-fix$/)
  for (const [label, words] of [
    [/^CI: branch/, 'release'],
    [/^Repository/, 'acme/shop'],
    [/^Pool of runners/, 'local'],
  ] as const) {
    const field = page.getByLabel(label)
    await expect.poll(() => field.isEnabled()).toBe(true) // once what the workspace has of it is known
    await field.focus()
    await page.keyboard.type(words)
  }
  await page.waitForSelector('.panel :text("where repo is acme/shop and branch is release")')
  await page.getByRole('button', { name: 'Open in the editor' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('.cm-content')
  const text = () => page.locator('.cm-content').innerText()
  await expect.poll(text).toContain('repo: acme/shop, branch: release')
  await page.reload() // the address holds what was said
  await page.waitForSelector('.cm-content')
  await expect.poll(text).toContain('pool: local')
  await page.keyboard.press('Control+s')
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+s')
  await page.waitForURL(/\/workflows\/ci-failure-fix$/)
  await page.goto('/workflows/templates/no-such')
  await page.waitForSelector('.notice:has-text("There is no template no-such")')
  expect(jess.odd).toEqual([])
})

test('a webhook target is connected, its secret shown once, and removed; what is wrong is said at once', async () => {
  await page.goto('/connections')
  await page.getByRole('button', { name: /^Webhook target/ }).click()
  const connect = page.getByRole('button', { name: 'Connect', exact: true })
  expect(await connect.isDisabled()).toBe(true)
  await page.getByLabel('Name').fill('ops')
  await page.getByLabel('Address').fill('ops.acme.dev/hooks')
  await connect.click()
  await page.waitForSelector('.notice.stop:has-text("is not an address that begins with https://")')
  expect(await page.locator('.connection').count()).toBe(0)
  await page.getByLabel('Address').fill('https://ops.acme.dev/hooks')
  await connect.click()
  await page.waitForSelector('.connected:has-text("shown now and never again")')
  expect(await page.locator('.connected').textContent()).toMatch(/whsec_/)
  await page.getByRole('button', { name: 'I have kept it' }).click()
  expect(await page.locator('#content').textContent()).not.toMatch(/whsec_/)
  await page.locator('.connection').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('button', { name: 'Remove ops' }).click()
  await page.waitForSelector('.first:has-text("Nothing is connected yet")')
})

test('a signed webhook by the printed line starts work, and the report says why', async () => {
  await page.goto('/deliveries')
  await page.getByRole('button', { name: 'Sources' }).click()
  await page.getByLabel('New source').fill('by hand')
  await page.getByRole('button', { name: 'Make an address' }).click()
  const line = (await page.locator('.sources pre.cmd').textContent())!
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { PATH: process.env['PATH'] } })
  expect(stdout).not.toContain('signature_invalid')
  await page.waitForSelector('.dlv:has-text("A first delivery")', { timeout: 20_000 })
  await page.getByRole('button', { name: 'I have kept it' }).click()
  expect(await page.locator('.sources').textContent()).not.toContain('whsec_')
  await page.locator('.dlv', { hasText: 'A first delivery' }).click()
  await page.waitForSelector('h1:has-text("No workflow started")')
  expect(await page.locator('.wf', { hasText: 'fix-bug' }).textContent()).toMatch(/type.*bug\.reported.*fail/s)
})

test('the delivery of the sample shows each condition and leads to its run', async () => {
  await page.goto('/deliveries')
  await page.locator('.dlv', { hasText: 'Three mugs' }).click()
  await page.waitForSelector('h1:has-text("One workflow started")')
  const report = page.locator('.wf', { hasText: 'fix-bug' })
  expect(await report.locator('tbody tr').count()).toBeGreaterThan(2)
  expect(await report.locator('tbody .stop').count()).toBe(0)
  await report.getByRole('link', { name: 'run 1' }).click()
  await page.waitForURL(/\/runs\/1$/)
})

test('a runner is paired by its code, drained and removed', async () => {
  const vpd = start(sample.place, vpdProgram, ['pair', '--worker', '--transport=polling', '--server', sample.url], {
    VIEWPORT_RUNNER_HOME: `${sample.place.folder}/second`,
    VPD_HOME: `${sample.place.folder}/second`,
  })
  const code = (await vpd.says(/\b([0-9A-Z]{2}-[0-9A-Z]{3}-[0-9A-Z]{3})\b/))[1]!
  await page.goto('/runners')
  await page.getByRole('link', { name: 'Pair a runner' }).click()
  await page.getByLabel('Code').fill(code.toLowerCase().replaceAll('-', ' '))
  await page.getByRole('button', { name: 'Show the machine' }).click()
  const words = (await page.locator('.words').textContent())!
  expect(vpd.out() + vpd.err()).toContain(words)
  await page.getByLabel('Name').fill('second-runner')
  await page.getByLabel('Pool').fill('local')
  await page.getByRole('button', { name: /pair it/ }).click()
  expect((await vpd.ended).code).toBe(0)
  const runner = page.locator('.runner', { hasText: 'second-runner' })
  await runner.waitFor()
  await runner.getByRole('button', { name: /^Change the repositories/ }).click()
  await runner.getByLabel('acme/shop').uncheck()
  await runner.getByRole('button', { name: 'Save' }).click()
  await runner.getByText('none: it gets no work').waitFor()
  await runner.getByRole('button', { name: 'Change the pool of second-runner' }).click()
  await runner.getByLabel('Pool of second-runner').fill('Night shift')
  await runner.getByText('small letters, digits').waitFor()
  await runner.getByLabel('Pool of second-runner').fill('night')
  await page.keyboard.press('Enter')
  await runner.locator('.badge', { hasText: 'night' }).waitFor()
  await runner.getByRole('button', { name: 'Drain' }).click()
  await runner.getByRole('button', { name: 'Take work again' }).waitFor()
  await runner.getByRole('button', { name: 'Remove' }).click()
  await runner.getByRole('button', { name: 'Remove second-runner' }).click()
  await runner.waitFor({ state: 'detached' })
}, 90_000)

test('a wrong code and an expired one give the same answer', async () => {
  await page.goto('/pair#AAAAAAAA')
  await page.waitForSelector('.notice.stop')
  expect(await page.locator('.notice').textContent()).toContain('The code is not right or no longer valid.')
})

test('the keyboard alone leads everywhere', async () => {
  await page.goto('/inbox')
  await page.waitForSelector('.item, .first')
  for (const [keys, path] of [
    ['gb', '/board'],
    ['gr', '/runs'],
    ['gw', '/workflows'],
    ['gn', '/runners'],
    ['gd', '/deliveries'],
    ['gc', '/connections'],
    ['ge', '/effects'],
    ['gs', '/settings'],
    ['gi', '/inbox'],
  ] as const) {
    for (const key of keys) await page.keyboard.press(key)
    await page.waitForURL((url) => url.pathname.startsWith(path))
  }
  for (const [from, seen, list] of [
    ['/runs/1', '.tl li', '/runs'],
    ['/workflows/fix-bug', '.cm-content', '/workflows'],
    ['/pair', '#code', '/runners'],
  ] as const) {
    await page.goto(from)
    await page.waitForSelector(seen)
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => url.pathname === list)
  }
  await page.goto('/no/such/page')
  await page.waitForSelector('h1:has-text("There is no such page")')
  expect(await page.locator('.rail').count()).toBe(1)
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog[open]', { state: 'hidden' })
  await page.goto('/board')
  await page.waitForSelector('a.row')
  await page.keyboard.press('j')
  expect(await page.evaluate(() => document.activeElement?.classList.contains('row'))).toBe(true)
  await page.keyboard.press('/')
  await page.keyboard.type('no such run')
  await page.waitForSelector('text=runs fits the filter')
  await page.keyboard.press('Escape')
  await page.goto('/board')
  await page.waitForSelector('a.row')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/(inbox|runs)\/./)
}, 120_000)

test('the chosen theme stays', async () => {
  await page.getByRole('button', { name: 'Use the dark theme' }).click()
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const dark = await ground()
  await page.reload()
  await page.waitForSelector('.rail')
  expect(await ground()).toBe(dark)
  await page.getByRole('button', { name: 'Use the light theme' }).click()
  await expect.poll(ground).not.toBe(dark)
})

test('signing out ends the session', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(/\/sign-in/)
  await page.goto('/board')
  await page.waitForURL(/\/sign-in\?to=%2Fboard/)
  expect(jess.odd).toEqual([])
})
