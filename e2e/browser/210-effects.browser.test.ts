// Effects that wait for a person, in the web app: tried again, called done, given up, each by a click and carried out. A receiver of our own.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from '../testing/api.ts'
import { focused, looksRight } from './testing/flaws.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { closeBrowser, openBrowser, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let page: Page
/** Ids of what arrived, and what is answered to it. */
const got: string[] = []
let answers = 410
const receiver = http.createServer((request, response) => {
  got.push(String(request.headers['webhook-id']))
  response.writeHead(answers).end()
})

beforeAll(async () => {
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
  browser = await openBrowser()
  sample = await startSample('effects', { VIEWPORT_NEAR_HOSTS: '127.0.0.1' })
  const { admin } = sample
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  await admin.send('POST', '/api/connections', { tool: 'webhook', name: 'ops', values: { url } })
  await admin.send('POST', '/api/workflows', {
    source:
      'name: tell\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\nsteps:\n  - { id: look, agent: sample, mode: read, prompt: Look. }\n  - { action: webhook.send, to: ops }\n',
  })
  await admin.send('PUT', '/api/workflows/tell/enabled', { enabled: true })
  for (const what of ['again', 'done', 'given up']) await sample.startBy('jess', 'tell', `To be ${what}`)
  answers = 200
  page = (await visit(browser, sample, 'jess', { still: true })).page
}, 240_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
  receiver.closeAllConnections()
  receiver.close()
}, 150_000)

const waiting = async (): Promise<Json[]> => (await sample.admin.get('/api/effects'))['effects'] as Json[]
/** The article of the effect whose run has this title, and what it is. */
const about = async (title: string) => {
  const effect = (await waiting()).find((one) => one['title'] === title)!
  const card = page.getByRole('article', { name: `webhook.send of run ${effect['number']}`, exact: true })
  const answered = page.getByRole('article', { name: `Answered: webhook.send of run ${effect['number']}`, exact: true })
  return { effect, card, answered }
}
const isClosed = async (effect: Json): Promise<Json> => {
  await page
    .getByRole('article', { name: `webhook.send of run ${effect['number']}`, exact: true })
    .waitFor({ state: 'detached' })
  const deadline = Date.now() + 30_000
  for (;;) {
    const run = await sample.admin.get(`/api/runs/${effect['number']}`)
    if (run['outcome']) return run
    expect(Date.now(), `run ${effect['number']} ends`).toBeLessThan(deadline)
    await page.waitForTimeout(100)
  }
}

test('three that failed stand there, with why and what can become of them', async () => {
  await page.goto('/effects')
  const { card } = await about('To be again')
  await card.getByText('ops answered 410').waitFor()
  expect(await page.getByRole('article').count()).toBe(3)
  expect(got).toHaveLength(3)
  await looksRight(page, 'effects that wait')
}, 60_000)

test('tried again in vain: it waits once more, says so, and tells each time it was tried', async () => {
  const { effect, card } = await about('To be again')
  answers = 410
  await card.getByRole('radio', { name: /^Try again/ }).check()
  await card.getByRole('button', { name: 'Try again' }).click()
  await card.getByText('failed again').waitFor({ timeout: 30_000 })
  await card.getByText('Tried 2 times').click()
  expect(await card.locator('.tried li').count()).toBe(2)
  expect(await page.getByRole('article', { name: /^Answered/ }).count()).toBe(0) // it goes on nowhere
  expect(got.filter((id) => id === effect['intent'])).toHaveLength(2)
  answers = 200
}, 60_000)

test('tried again: it is done once more, under the same id, by keyboard alone; its receipt stands in its place', async () => {
  const { effect, card, answered } = await about('To be again')
  await card.getByRole('radio', { name: /^Try again/ }).focus()
  await page.keyboard.press('Space')
  await looksRight(page, 'an answer about an effect')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('button Try again')
  await page.keyboard.press('Enter')
  const run = await isClosed(effect)
  await answered.getByText(`Sent a webhook to ops. Receipt webhook ${effect['intent']}.`).waitFor()
  await answered.locator('.dot.done').waitFor()
  await looksRight(page, 'the receipt of an effect that was tried again')
  expect(got.filter((id) => id === effect['intent'])).toHaveLength(3)
  expect(run['outcome']).toBe('succeeded')
}, 60_000)

test('done: nothing is sent, and it is closed by the word of whoever saw it', async () => {
  const { effect, card, answered } = await about('To be done')
  await card.getByRole('radio', { name: /^It is done/ }).check()
  expect(await card.getByRole('button', { name: 'Close it as done' }).isDisabled()).toBe(true)
  await card.getByLabel('Where it is to be seen, with its link').fill('They have it: https://ops.acme.example/7')
  await card.getByRole('button', { name: 'Close it as done' }).click()
  await isClosed(effect)
  await answered.getByText('closed as done').waitFor()
  expect(got.filter((id) => id === effect['intent'])).toHaveLength(1)
}, 60_000)

test('given up: the run goes on without it, and the page says that nothing waits', async () => {
  const { effect, card } = await about('To be given up')
  await card.getByRole('radio', { name: /^Give it up/ }).check()
  await card.getByLabel('Why', { exact: true }).fill('Nobody listens there any more.')
  await card.getByRole('button', { name: 'Give it up' }).click()
  await isClosed(effect)
  expect(got).toHaveLength(5)
  expect(await waiting()).toEqual([])
  await page.getByText('No effect waits for anybody').waitFor()
}, 60_000)
