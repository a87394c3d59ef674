// A connection whose credential a runner holds, in the web app: made without what acts, the command for the runner, and who holds it once one does.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { listen, vpdProgram } from '../testing/program.ts'
import { focused, looksRight } from './testing/flaws.ts'
import { startWithJess, stopWithJess } from './testing/jess.ts'
import type { Sample } from './testing/sample.ts'
import type { Visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let jess: Visit
let page: Page

beforeAll(async () => void ({ browser, sample, jess, page } = await startWithJess('held', { still: true })), 150_000)
afterAll(() => stopWithJess({ browser, sample }), 150_000)

test('where a runner holds the credential nothing that acts is asked for, by keyboard alone', async () => {
  await page.goto('/connections')
  const tools = page.getByRole('region', { name: 'Connect a tool' })
  await tools.getByRole('button', { name: /^Slack/ }).focus()
  await page.keyboard.press('Enter')
  await tools.getByLabel('Bot token').waitFor()
  await tools.getByLabel('A runner holds the credential').focus()
  await page.keyboard.press('Space')
  expect(await focused(page)).toContain('A runner holds the credential')
  expect(await tools.getByLabel('Bot token').count()).toBe(0)
  await tools.getByLabel('Signing secret').waitFor() // what verifies stays here
  await looksRight(page, 'a runner will hold the credential')
  await page.keyboard.press('Space')
  await tools.getByLabel('Bot token').waitFor()
  await tools.getByRole('button', { name: /^Slack/ }).click()
}, 60_000)

test('the command for the runner is shown, and then who holds it', async () => {
  const tools = page.getByRole('region', { name: 'Connect a tool' })
  await tools.getByRole('button', { name: /^Webhook target/ }).click()
  await tools.getByLabel('A runner holds the credential').check()
  await tools.getByLabel('Name').fill('ops')
  await tools.getByLabel('Address').fill('https://ops.acme.example/hook')
  await tools.getByRole('button', { name: 'Connect' }).click()
  const command = 'vpd credentials set provider webhook/ops --url https://ops.acme.example/hook'
  await page.getByRole('region', { name: 'ops is connected' }).getByText('a runner is to hold the credential').waitFor()
  const line = page.getByRole('article', { name: 'Webhook target ops' })
  await line.getByText('No runner holds its credential yet').waitFor()
  expect(await line.locator('.copytext code').innerText()).toBe(command)
  expect(await line.getByRole('button', { name: 'Check' }).count()).toBe(0)
  await looksRight(page, 'nobody holds it yet')

  const home = join(sample.place.data, 'sample/runner/vpd')
  const child = spawn(process.execPath, [vpdProgram, ...command.split(' ').slice(1), '--home', home], {
    env: sample.place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(`whsec_${'a'.repeat(32)}\n`)
  expect(await listen(child).ended).toMatchObject({ code: 0 })
  await line.getByText('Held by').waitFor({ timeout: 30_000 }) // by itself
  await line.getByText('for webhook.send').waitFor()
  await looksRight(page, 'a runner holds it')
  expect(jess.odd).toEqual([])
}, 90_000)

test('what is left out while a runner holds it is said on the line of the connection', async () => {
  const tools = page.getByRole('region', { name: 'Connect a tool' })
  await tools.getByRole('button', { name: /^GitLab/ }).click()
  await tools.getByLabel('A runner holds the credential').check()
  await tools.getByRole('button', { name: 'Connect', exact: true }).click()
  const line = page.getByRole('article', { name: /^GitLab/ })
  await line.getByText('gitlab is not asked for events: they come by webhook').waitFor()
  await line.getByText('An approval there is no vote: approve in Viewport').waitFor()
  await looksRight(page, 'what a runner leaves out')
  expect(jess.odd).toEqual([])
}, 60_000)
