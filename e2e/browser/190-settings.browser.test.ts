// What the command line could change of a workspace, in the web app: repositories and their agents' own settings, people, choices, tokens.
import { execFileSync } from 'node:child_process'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { caller } from '../testing/api.ts'
import { viewportProgram } from '../testing/program.ts'
import { focused, looksRight } from './testing/flaws.ts'
import { startWithJess, stopWithJess } from './testing/jess.ts'
import type { Sample } from './testing/sample.ts'
import { visit, type Visit } from './testing/visit.ts'

let sample: Sample
let browser: Browser
let jess: Visit
let page: Page

beforeAll(
  async () => void ({ browser, sample, jess, page } = await startWithJess('settings', { still: true })),
  150_000,
)
afterAll(() => stopWithJess({ browser, sample }), 150_000)

const repository = async (name: string) =>
  (await sample.admin.get('/api/repositories'))['repositories'].find((one: { name: string }) => one.name === name)

test('whether agents load the settings of a repository: what it means, who else must agree, on and off by keyboard alone', async () => {
  await page.goto('/settings/repositories')
  const shop = page.getByRole('article', { name: 'acme/shop' })
  await shop.getByText('Agents load none of the settings, hooks and servers that lie in it.').waitFor()
  await shop.getByRole('button', { name: 'Let agents load them in acme/shop' }).focus()
  await page.keyboard.press('Enter')
  const asked = await shop.locator('.asks').innerText()
  expect(asked).toContain('Who may merge to main decides what runs beside an agent.')
  expect(asked).toMatch(/The owner of each machine must agree as well, in its policy\.yaml/)
  const trust = await shop.locator('.asks .copytext code').innerText()
  expect((await repository('acme/shop')).agentSettings).toBe('off') // reading what it means changes nothing
  await looksRight(page, 'what trusting a repository means')
  await shop.getByRole('button', { name: 'Let agents load the settings of acme/shop' }).focus()
  await page.keyboard.press('Enter')
  await shop.getByText('on machines whose owner trusts it too').waitFor()
  expect((await repository('acme/shop')).agentSettings).toBe('base')
  await looksRight(page, 'a repository that is trusted')
  // The line that it shows is the one that vpd's policy takes.
  const url = (await repository('acme/shop')).url as string
  expect(trust).toBe(`trust: [${JSON.stringify(url.replace(/\.git$/, ''))}]`)
  // The workflow's page says it too, and so does the command line.
  const listed = execFileSync(process.execPath, [viewportProgram, 'repositories'], {
    env: { ...sample.place.env, VIEWPORT_DATA_DIR: sample.place.data },
    encoding: 'utf8',
  })
  expect(listed).toContain('agents load its settings')
  await shop.getByRole('button', { name: /^Load none of it again/ }).click()
  await shop.getByText('Agents load none of the settings').waitFor()
  expect((await repository('acme/shop')).agentSettings).toBe('off')
}, 90_000)

test('another address takes the word back, and the page says so before', async () => {
  const shop = page.getByRole('article', { name: 'acme/shop' })
  await sample.admin.send('PUT', `/api/repositories/${(await repository('acme/shop')).id}`, { agentSettings: 'base' })
  await shop.getByText('on machines whose owner trusts it too').waitFor() // by itself
  await shop.getByRole('button', { name: 'Change acme/shop' }).click()
  expect(await focused(page)).toBe('input Address')
  await page.getByLabel('Address').fill('https://git.acme.dev/acme/shop.git')
  await page.getByText('Another address is another repository: agents no longer load its settings.').waitFor()
  await page.getByLabel('Pieces of work at once').fill('0')
  await page.getByText('A number from 1 to 1000.').waitFor()
  expect(await shop.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await page.getByLabel('Pieces of work at once').fill('2')
  await looksRight(page, 'a repository that is being changed')
  await shop.getByRole('button', { name: 'Save' }).click()
  await shop.getByText('2 pieces of work at once').waitFor()
  await shop.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' }) // its field Address is gone too
  expect(await repository('acme/shop')).toMatchObject({
    url: 'https://git.acme.dev/acme/shop.git',
    atOnce: 2,
    agentSettings: 'off',
  })
}, 60_000)

test('a repository is added; a wrong name and a wrong address are told at once', async () => {
  await page.getByRole('button', { name: 'Add a repository' }).first().click()
  await page.getByLabel('Name').fill('shop')
  await page.getByText('It is written owner/name').waitFor()
  await page.getByLabel('Name').fill('acme/shop')
  await page.getByText('There is a repository acme/shop already.').waitFor()
  await page.getByLabel('Name').fill('acme/api')
  await page.getByLabel('Address').fill('git@github.com:acme/api.git')
  const add = page.getByRole('button', { name: 'Add the repository' })
  await add.click()
  await page.getByRole('alert').getByText('https://github.com/acme/api.git').waitFor()
  await page.getByLabel('Address').fill('https://github.com/acme/api.git')
  await add.click()
  await page.getByRole('article', { name: 'acme/api' }).waitFor()
  await looksRight(page, 'a repository was added')
}, 60_000)

test('a repository that is worked in stays, and says by which run; one that is not is removed', async () => {
  await page.goto('/settings/repositories')
  const shop = page.getByRole('article', { name: 'acme/shop' })
  await shop.getByRole('button', { name: 'Remove acme/shop' }).click()
  await shop.getByRole('button', { name: 'Remove acme/shop for good' }).click()
  await shop.getByRole('alert').getByText('acme/shop is worked in: run 1.').waitFor()
  await looksRight(page, 'a repository that is worked in')
  const gone = page.getByRole('article', { name: 'acme/gone' })
  await sample.admin.send('POST', '/api/repositories', { name: 'acme/gone', url: 'https://git.acme.dev/acme/gone.git' })
  await gone.getByRole('button', { name: 'Remove acme/gone' }).click()
  await gone.getByRole('button', { name: 'Remove acme/gone for good' }).click()
  await gone.waitFor({ state: 'detached' })
  expect(await repository('acme/gone')).toBeUndefined()
}, 60_000)

test('the choices of the workspace: nothing is sent before it is saved, and only what differs', async () => {
  const sent: unknown[] = []
  page.on('request', (request) => {
    if (request.method() === 'PUT' && request.url().endsWith('/api/workspace')) sent.push(request.postDataJSON())
  })
  await page.goto('/settings')
  const save = page.getByRole('button', { name: /^Save/ })
  await page.getByText('Nothing is changed').waitFor()
  expect(await save.isDisabled()).toBe(true)
  await looksRight(page, 'the choices')
  await page.getByLabel(/^Are stored in this Viewport/).check()
  await page.getByLabel('Plan with').fill('sample')
  await page.getByLabel('Another number for').selectOption('github.comment')
  await page.getByLabel('github.comment in an hour').fill('')
  await page.getByText('A number from 0 to 10,000').waitFor()
  expect(await save.isDisabled()).toBe(true)
  await page.getByLabel('github.comment in an hour').fill('7')
  await looksRight(page, 'choices that were changed')
  await page.getByRole('button', { name: 'Save 3 changes' }).click()
  await page.getByText('Nothing is changed').waitFor()
  expect(sent).toEqual([{ bodies: 'stored', defaultAgents: { plan: 'sample' }, caps: { 'github.comment': 7 } }])
  await page.getByRole('button', { name: 'As usual for github.comment' }).click()
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await page.getByText('Nothing is changed').waitFor()
  expect(await sample.admin.get('/api/workspace')).toMatchObject({ bodies: 'stored', caps: {} })
}, 60_000)

test('a person comes in, changes and leaves; a team that nobody is in says what that means', async () => {
  await page.goto('/settings/people')
  await page.getByLabel('New team').fill('On call')
  await page.getByText('on-call in workflows').waitFor()
  await page.getByRole('button', { name: 'Add the team' }).click()
  await page.getByRole('row', { name: /On call on-call nobody/ }).waitFor()
  await page.getByRole('button', { name: 'Add a person' }).click()
  await page.getByLabel('Handle').fill('Kim!')
  await page.getByText('Small letters, digits').waitFor()
  await page.getByLabel('Handle').fill('@kim')
  await page.getByLabel('Name').fill('Kim Berg')
  await page.getByLabel(/^On call/).check()
  await looksRight(page, 'somebody is added')
  await page.getByRole('button', { name: 'Add @kim' }).click()
  const kim = page.getByRole('article', { name: '@kim' })
  await kim.getByText('Member · team On call').waitFor()
  await kim.getByRole('button', { name: 'Make a sign-in link for @kim' }).click()
  const link = await kim.locator('.copytext code').innerText()
  await looksRight(page, 'a link that lets somebody in')
  const other = await visit(browser, { url: sample.url, linkOf: async () => link }, 'kim', { still: true })
  await other.page.goto('/settings/people')
  await other.page.getByText('Only an admin of the workspace adds and changes people and teams').waitFor()
  expect(await other.page.getByRole('button', { name: /^Change/ }).count()).toBe(0)
  await other.page.goto('/settings/repositories')
  await other.page.getByRole('article', { name: 'acme/api' }).waitFor()
  expect(await other.page.getByRole('button', { name: /Let agents load/ }).count()).toBe(0)
  await other.page.goto('/settings')
  await other.page.getByText('Only an admin of the workspace changes these choices').waitFor()
  expect(await other.page.getByRole('button', { name: /^Save/ }).count()).toBe(0)
  await looksRight(other.page, 'the choices, for a member')
  await kim.getByRole('button', { name: 'Change @kim' }).click()
  await kim.getByRole('button', { name: 'Has left' }).click()
  await kim.getByRole('button', { name: 'End every access of @kim' }).click()
  await kim.getByText('has left').waitFor()
  await other.page.goto('/board')
  await other.page.waitForURL(/\/sign-in/)
  await other.context.close()
}, 90_000)

test('the last admin stays one, and is told why', async () => {
  const me = page.getByRole('article', { name: '@jess' })
  await me.getByRole('button', { name: 'Change @jess' }).click()
  await me.getByLabel('They may').selectOption('member')
  await me.getByRole('button', { name: 'Save' }).click()
  await me.getByRole('alert').getByText('make somebody else an admin first').waitFor()
  await me.getByRole('button', { name: 'Keep as it is' }).click()
})

test('what is pressed before the page has heard who reads it is done all the same', async () => {
  let hear = (): void => {}
  const heard = new Promise<void>((resolve) => (hear = resolve))
  let asked = 0
  await page.route('**/api/me', async (route) => {
    if (asked++ === 0) await heard // the page's own question, on a machine that is slow
    await route.continue()
  })
  await page.goto('/settings/tokens')
  await page.getByLabel('New token for').fill('in a hurry')
  await page.getByRole('button', { name: 'Make a token' }).click()
  await page.getByRole('button', { name: 'I have kept it' }).click()
  hear()
  const line = page.getByRole('article', { name: 'in a hurry' })
  await line.getByRole('button', { name: 'Revoke', exact: true }).click()
  await line.getByRole('button', { name: 'Revoke in a hurry' }).click()
  await line.waitFor({ state: 'detached' })
  await page.unroute('**/api/me')
}, 60_000)

test('and so is leaving: the session ends, although the page has not heard whose it is', async () => {
  const { page: other, context } = await visit(browser, sample, 'sam', { still: true })
  let hear = (): void => {}
  const heard = new Promise<void>((resolve) => (hear = resolve))
  let asked = 0
  await other.route('**/api/me', async (route) => {
    if (asked++ === 0) await heard // the page's own question
    await route.continue()
  })
  await other.goto('/runs')
  await other.getByRole('button', { name: 'Sign out' }).click()
  await other.waitForURL(/\/sign-in/)
  hear()
  await other.goto('/board')
  await other.waitForURL(/\/sign-in\?to=%2Fboard/)
  await context.close()
}, 60_000)

test('a token is shown once, works, and is revoked', async () => {
  await page.goto('/settings/tokens')
  await page.getByLabel('New token for').fill('my laptop')
  await page.getByRole('button', { name: 'Make a token' }).click()
  const token = await page.locator('.setnew .copytext code').innerText()
  const mine = caller(sample.url, token)
  expect((await mine.get('/api/me'))['person'].handle).toBe('jess')
  await looksRight(page, 'a token that was made')
  await page.getByRole('button', { name: 'I have kept it' }).click()
  expect(await page.locator('main').innerText()).not.toContain(token)
  const line = page.getByRole('article', { name: 'my laptop' })
  await line.getByRole('button', { name: 'Revoke', exact: true }).click()
  await line.getByRole('button', { name: 'Revoke my laptop' }).click()
  await line.waitFor({ state: 'detached' })
  await expect(mine.get('/api/me')).rejects.toThrow('401')
  expect(jess.odd).toEqual([])
}, 60_000)
