// Several people at one gate, live; a vote taken back; and titles from people who mean no good.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { approve, decide, decisionsOf, open, until } from './testing/inbox.ts'
import { startSample, type Sample } from './testing/sample.ts'
import { closeBrowser, openBrowser, visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
  sample = await startSample('together')
}, 150_000)

afterAll(async () => {
  await closeBrowser(browser)
  await sample?.stop()
}, 150_000)

test('what another decides is seen at once, with the name, and cannot be decided again', async () => {
  await sample.startBy('sam', 'fix-bug', 'Seen by two')
  const jess = await visit(browser, sample, 'jess')
  const dana = await visit(browser, sample, 'dana')
  for (const { page } of [jess, dana]) await page.goto('/inbox')
  await open(jess.page, 'Seen by two')
  await open(dana.page, 'Seen by two')
  const sent = decisionsOf(jess.page)
  await approve(dana.page)
  await until(jess.page, 'closed')
  await jess.page.locator('.decide', { hasText: 'Approved by @dana' }).waitFor()
  await decide(jess.page, 'a')
  await jess.page.waitForTimeout(500)
  expect(sent).toEqual([])
  expect([...jess.odd, ...dana.odd]).toEqual([])
  await Promise.all([jess.context.close(), dana.context.close()])
}, 120_000)

test('one of two votes is counted, shown to the other, and taken back', async () => {
  const { source, version } = await sample.admin.get('/api/workflows/fix-bug')
  const two = (source as string).replace(
    '{ gate: plan_review, of: plan, approvers: [team:payments] }',
    '{ gate: plan_review, of: plan, approvers: [team:payments], required: 2 }',
  )
  expect(two).not.toBe(source)
  await sample.admin.send('POST', '/api/workflows', { source: two, expectVersion: version })
  await sample.startBy('sam', 'fix-bug', 'Needs two')
  const jess = await visit(browser, sample, 'jess')
  const dana = await visit(browser, sample, 'dana')
  for (const { page } of [jess, dana]) await page.goto('/inbox')
  await open(jess.page, 'Needs two')
  await open(dana.page, 'Needs two')
  await jess.page.locator('.decide', { hasText: 'Your vote is the first of two.' }).waitFor()
  await approve(jess.page)
  await jess.page.locator('.decide', { hasText: '1 of 2 votes are there' }).waitFor()
  await dana.page.waitForSelector('.decide:has-text("second of two")')
  await dana.page.locator('.side', { hasText: '@jessapproved' }).waitFor()
  await jess.page.waitForTimeout(500)
  await decide(jess.page, 'u')
  await until(jess.page, 'ready')
  await dana.page.waitForSelector('.decide:has-text("first of two")')
  await Promise.all([jess.context.close(), dana.context.close()])
}, 120_000)

test('whoever asked for a run is told why they cannot vote', async () => {
  await sample.startBy('dana', 'fix-bug', 'Asked by dana')
  const { rows } = await sample.admin.get('/api/board')
  const gate = rows.find((row: { title: string }) => row.title === 'Asked by dana').gate as string
  const dana = await visit(browser, sample, 'dana')
  await dana.page.goto(`/inbox/${gate}`)
  await until(dana.page, 'forbidden')
  await dana.page.locator('.decide', { hasText: 'asked for this run and cannot vote' }).waitFor()
  expect(await dana.page.locator('.decide button').count()).toBe(0)
  await dana.context.close()
}, 120_000)

test('a title can do nothing but be read', async () => {
  const nasty = `<img src=x onerror="document.body.dataset.owned=1"><script>document.body.dataset.owned=1</script> \u202Egnol\u200B`
  await sample.startBy('sam', 'fix-bug', nasty)
  const { rows } = await sample.admin.get('/api/board')
  const row = rows.find((one: { title: string }) => one.title.includes('onerror')) as { gate: string; number: number }
  const jess = await visit(browser, sample, 'jess')
  for (const path of ['/inbox', `/inbox/${row.gate}`, '/board', '/runs', `/runs/${row.number}`, '/deliveries']) {
    await jess.page.goto(path)
    await jess.page.waitForSelector('text=onerror')
    // As a mark or written out, they are seen; as themselves they are nowhere.
    for (const mark of ['U+202E', 'U+200B']) await jess.page.locator('main', { hasText: mark }).waitFor()
    expect(await jess.page.locator('main').textContent(), path).not.toMatch(/[\u202E\u200B]/)
    expect(await jess.page.evaluate(() => document.body.dataset['owned'])).toBeUndefined()
    expect(await jess.page.locator('main img').count()).toBe(0)
  }
  expect(jess.odd).toEqual([])
  await jess.context.close()
}, 120_000)
