// One task on a repository of one's own in the web app: from an empty inbox over the first look to a workflow that is kept.
import { writeFileSync } from 'node:fs'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { run, vpdProgram, type Running } from '../testing/program.ts'
import { looksRight } from './testing/flaws.ts'
import { letIn, startFresh, type Fresh } from './testing/fresh.ts'
import { approve, open } from './testing/inbox.ts'
import { closeBrowser, openBrowser, visit, type Visit } from './testing/visit.ts'

let fresh: Fresh
let browser: Browser
let page: Page
let mine: Visit
let worker: Running
beforeAll(async () => {
  browser = await openBrowser()
  fresh = await startFresh('try-web')
  mine = await visit(browser, fresh, fresh.handle, { still: true })
  page = mine.page
}, 180_000)
afterAll(async () => {
  await closeBrowser(browser)
  await fresh?.stop()
}, 150_000)

const step = (no: number) => page.locator('.todo > li').nth(no - 1)

test('an empty inbox leads to a runner, a repository, a plan, a branch and a workflow; nothing is written before the change is approved', async () => {
  const before = fresh.repository.everything()
  await page.goto('/inbox')
  await page.getByText('The first two steps bring one.').waitFor()
  await page.getByRole('link', { name: 'Choose a repository' }).click()
  await page.waitForURL(/\/try$/)
  await page.locator('.todo > li:first-child[aria-current=step]', { hasText: 'Pair a runner' }).waitFor()

  const { code, vpd } = await fresh.pair()
  await letIn(page, code)
  expect((await vpd.ended).code).toBe(0)
  await page.waitForURL(/\/try$/)
  await step(1).getByText('It is paired and was not started yet.').waitFor()
  worker = await fresh.work()
  await step(1).getByText('laptop is online').waitFor() // by itself

  // What is wrong with an address is told: here where one sees it, by the runner where it alone knows.
  const address = page.getByLabel('Address, or path on laptop')
  const look = step(2).getByRole('button', { name: /^Look/ })
  await address.fill('~/shop')
  await page.getByText('write the whole path').waitFor()
  expect(await look.isDisabled()).toBe(true)
  await address.fill(`${fresh.repository.folder}-none`)
  await look.click()
  await step(2).getByText(`There is no git repository at ${fresh.repository.folder}-none`).waitFor()
  await page.getByLabel('Branch to begin at').fill('nowhere')
  await address.fill(fresh.repository.folder)
  await address.press('Enter')
  await step(2).getByText('It has main.').waitFor()
  await looksRight(page, 'a failed look')
  await page.getByLabel('Branch to begin at').fill('')
  await page.keyboard.press('Enter')

  await step(2).getByText('npm test, from package.json').waitFor()
  expect(await step(2).locator('.facts').innerText()).toMatch(/main\s+[0-9a-f]{10}, its only branch/)
  expect(fresh.repository.everything()).toEqual(before)
  expect((await fresh.admin.get('/api/repositories')).repositories).toEqual([]) // nothing was added here either
  const begin = page.getByRole('button', { name: 'Plan, then ask you' })
  expect(await begin.isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'A rename' }).click()
  expect(await page.getByLabel('What should be done').inputValue()).toMatch(/^Rename Price/)
  await page.getByLabel('What should be done').fill('Three mugs with 10 % off cost one cent too much\nSee price.js.')
  await page.reload() // what was found is there again
  await page.getByLabel('What should be done').fill('Three mugs with 10 % off cost one cent too much\nSee price.js.')
  await page.getByRole('radio', { name: /^sample/ }).check()
  await page.getByLabel('Budget, USD').fill('0')
  await page.getByText('from 0.01 to 1000').waitFor()
  expect(await begin.isDisabled()).toBe(true)
  await page.getByLabel('Budget, USD').fill('2.5')
  const said = await step(3).locator('.facts').innerText()
  expect(said).toMatch(/Cost\s+nothing: it is a script, without a model/)
  expect(said).toMatch(/Leaves\s+nothing: it is a script/)
  expect(said).toMatch(/Writes\s+nothing into the repository until you approve the change/)
  expect(said).toMatch(/local\/shop.*try-shop/)
  await looksRight(page, 'what was found')
  await begin.click()

  await page.waitForURL(/\/runs\/1$/)
  await page.getByText('It waits for your decision').waitFor()
  await page.goto('/try/1')
  await step(1).getByText('It waits for a decision').waitFor()
  await page.getByRole('link', { name: 'Open the card' }).click()
  await page.waitForURL(/\/inbox\/gate_/)
  await open(page, 'Three mugs')
  await approve(page)
  await open(page, 'Push 1 file to local/shop')
  expect(fresh.repository.everything()).toEqual(before)
  await approve(page)

  await page.goto('/runs/1')
  await page.getByRole('link', { name: 'Merge it, or make this a workflow' }).click()
  await page.waitForURL(/\/try\/1$/)
  await step(2).getByText('Throw it away').waitFor()
  const branch = (await step(2).locator('p code').textContent())!
  expect(fresh.repository.git('diff', '--name-only', 'main', branch)).toMatch(/^src\/price\.js$/m)
  expect(fresh.repository.git('status', '--porcelain')).toBe('M README.md')
  expect(await step(2).innerText()).toContain(`git -C ${fresh.repository.folder} merge ${branch}`)

  const keep = page.getByRole('button', { name: /^Save and enable/ })
  await page.getByLabel('Name').fill('try shop')
  await page.getByText('there is a workflow try-shop already').waitFor()
  expect(await keep.isDisabled()).toBe(true)
  await page.getByLabel('Name').fill('Fix rounding')
  await page.getByText('it is called fix-rounding').waitFor()
  await page.getByText('plan_review: one of team core for the plan.').waitFor() // what it will say
  await looksRight(page, 'keeping it')
  await keep.click()
  await page.getByText('fix-rounding v1 is saved and enabled').waitFor()
  await page.getByRole('link', { name: 'Open fix-rounding' }).click()
  await page.waitForSelector('.cm-content')
  const kept = await fresh.admin.get('/api/workflows/fix-rounding')
  expect(kept).toMatchObject({ enabled: true, ready: true, version: 1 })
  expect(kept.source).toMatch(/^description: Plan, approve, change, check, approve on local\/shop\.$/m)
  expect(kept.source).toMatch(/usd: 2\.5/)
  expect(mine.odd).toEqual([])
}, 240_000)

test('a second try finds everything there; what is rejected leaves no branch, and can be tried again', async () => {
  const before = fresh.repository.everything()
  await page.goto('/runners')
  await page.getByRole('link', { name: 'Try it on a repository' }).click()
  await page.getByLabel('Repository').selectOption('local/shop')
  await page.getByRole('button', { name: 'Look at it' }).click()
  await page.getByLabel('What should be done').fill('Three mugs cost too much')
  await page.getByRole('radio', { name: /^sample/ }).check()
  await page.getByRole('button', { name: 'Plan, then ask you' }).click()
  await page.waitForURL(/\/runs\/2$/)
  await page.getByRole('link', { name: 'Open the card' }).first().click()
  await open(page, 'Three mugs cost')
  await page.keyboard.press('r')
  await page.getByLabel(/Why not/).fill('Not now.')
  await page.keyboard.press('Control+Enter')
  await page.waitForSelector('.decide[data-standing="closed"]')
  await page.goto('/runs/2')
  await page.getByText('No branch was pushed; the repository is as it was').waitFor()
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.getByLabel('Repository').waitFor()
  expect(fresh.repository.everything()).toEqual(before)
  expect((await fresh.admin.get('/api/repositories')).repositories).toHaveLength(1)
}, 90_000)

test('a member is told who sets it up', async () => {
  await fresh.admin.send('POST', '/api/people', {
    handle: 'sam',
    name: 'Sam',
    email: null,
    role: 'member',
    teams: ['core'],
  })
  const sam = await visit(browser, fresh, 'sam', { still: true })
  await sam.page.goto('/inbox')
  await sam.page.waitForSelector('.first')
  expect(await sam.page.getByRole('link', { name: 'Choose a repository' }).count()).toBe(0)
  await sam.page.goto('/try')
  await sam.page.getByText(`Ask @${fresh.handle}`).waitFor()
  await sam.page.goto('/try/1')
  await sam.page.getByText('Only a workspace admin may save a workflow.').waitFor()
  expect(sam.odd).toEqual([])
}, 60_000)

test('a repository that installs packages: the page shows the command that lets steps reach its registry, and it does', async (context) => {
  const { runners } = await fresh.admin.get('/api/runners')
  const { level } = runners[0].capabilities.isolation
  if (level !== 'sandbox') context.skip(`no sandbox can be built here, only ${level}`)
  const { folder, git } = fresh.repository
  const shop = { name: 'shop', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } }
  git('switch', '--quiet', '--create', 'with-packages')
  writeFileSync(`${folder}/package.json`, JSON.stringify({ ...shop, dependencies: { 'half-up': '1.0.0' } }))
  git('-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '--message', 'A package', 'package.json')
  git('switch', '--quiet', 'main')
  await page.goto('/try')
  await page.getByLabel('Repository').selectOption('local/shop')
  await page.getByLabel('Branch to begin at').fill('with-packages')
  await page.getByRole('button', { name: 'Look at it' }).click()
  await step(2).getByText('They download packages (registry.npmjs.org), which no step reaches here').waitFor()
  await step(2).getByText('Let steps on laptop reach them').click()
  await step(2).getByText('A registry is a way out too').waitFor()
  await looksRight(page, 'packages that cannot be had')
  const [commands, lines] = await step(2).locator('details pre').allTextContents()
  expect(lines).toBe('network:\n  checks: [registries]\n  agents: [registries]')
  const [allow = ''] = commands!.split('\n')
  expect(allow).toBe('vpd network allow registries')
  const allowed = await run(fresh.place, vpdProgram, allow.split(' ').slice(1), {
    VPD_HOME: `${fresh.place.folder}/runner`,
  })
  expect(allowed).toMatchObject({ code: 0 })
  worker.child.kill('SIGINT')
  await worker.ended
  worker = await fresh.work()
  await step(2).getByRole('button', { name: 'Change' }).click()
  await step(2).getByRole('button', { name: 'Look again' }).click()
  await step(2).getByText('They download packages').waitFor({ state: 'detached' })
  await step(2).getByText('npm install --no-audit --no-fund, npm test').waitFor()
  await page.getByRole('radio', { name: /^sample/ }).check()
  expect(await step(3).locator('.facts').innerText()).toMatch(/lets through: registries/)
}, 120_000)

test('the machine has the last word: a repository that its policy does not name is refused with the rule', async () => {
  writeFileSync(`${fresh.place.folder}/runner/policy.yaml`, 'repositories: [git.acme.example/**]\n')
  worker.child.kill('SIGINT')
  await worker.ended
  await fresh.work()
  await page.goto('/try')
  await page.getByLabel('Repository').selectOption('Another one…')
  await page.getByLabel('Address, or path on laptop').fill(fresh.repository.folder)
  await page.getByRole('button', { name: 'Look at it' }).click()
  await step(2)
    .getByText(/refuses.*repositories does not name it/)
    .waitFor()
}, 60_000)
