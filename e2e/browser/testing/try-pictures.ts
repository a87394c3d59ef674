// Pictures of the way from a repository of one's own to its branch: a Viewport with nothing in it, and the agents that `npm test` installs.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { Browser, Page } from 'playwright-core'

import { ROOT } from '../../testing/place.ts'
import { letIn, startFresh, type Fresh } from './fresh.ts'
import { approve, open } from './inbox.ts'
import type { Camera } from './take.ts'
import { visit } from './visit.ts'

/** Takes them. Where no agent is installed the pictures say so, as the page does. */
export async function takeTry(browser: Browser, { take, takePhone }: Camera): Promise<void> {
  const agents = join(ROOT, 'e2e/agents/node_modules/.bin')
  // No script of a package ran when they were installed, and Claude Code's wrapper wants one of its own: its program lies here.
  const claude = join(agents, `../@anthropic-ai/claude-code-${process.platform}-${process.arch}`)
  const env: Record<string, string> = existsSync(agents)
    ? {
        PATH: `${claude}:${agents}:${process.env['PATH'] ?? ''}`,
        ANTHROPIC_API_KEY: 'sk-ant-of-a-picture',
        OPENAI_API_KEY: 'sk-of-a-picture',
      }
    : {}
  const fresh = await startFresh('pictures-try', env)
  try {
    const { page } = await visit(browser, fresh, fresh.handle, { still: true })
    await asAtHome(page, fresh)
    await page.goto('/inbox')
    await page.waitForSelector('.first')
    await take(page, 'inbox-first')
    await page.goto('/try')
    const { code, vpd } = await fresh.pair()
    await letIn(page, code)
    await vpd.ended
    await fresh.work()
    await page.getByLabel(/Address/).fill(fresh.repository.folder)
    await page.getByRole('button', { name: 'Look at it' }).click()
    await page.getByLabel('What should be done').fill('Three mugs with 10 % off cost one cent too much')
    await tall(page, () => take(page, 'try'))
    await page.setViewportSize({ width: 390, height: 844 })
    await takePhone(page, 'try')
    await page.setViewportSize({ width: 1440, height: 900 })
    // What is asked for from here on is where it really lies.
    for (const answer of [looks, repositories]) await page.unroute(answer)
    await page.reload()
    await page.getByLabel('What should be done').fill('Three mugs with 10 % off cost one cent too much')
    await page.getByRole('radio', { name: /^sample/ }).check()
    await page.getByRole('button', { name: 'Plan, then ask you' }).click()
    await page.waitForURL(/\/runs\/1$/)
    await page.goto('/inbox')
    await open(page, 'Three mugs')
    await approve(page)
    await open(page, 'Push 1 file')
    await approve(page)
    const deadline = Date.now() + 60_000
    while ((await fresh.admin.get('/api/runs/1'))['outcome'] === null && Date.now() < deadline)
      await page.waitForTimeout(200)
    await asAtHome(page, fresh)
    await page.goto('/try/1')
    await page.getByLabel('Name').fill('fix-rounding')
    await tall(page, () => take(page, 'tried'))
  } finally {
    await fresh.stop()
  }
}

/** Long enough that the page stands whole on it. */
const tall = async (page: Page, shoot: () => Promise<void>): Promise<void> => {
  await page.setViewportSize({ width: 1440, height: 1400 })
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await shoot()
  await page.setViewportSize({ width: 1440, height: 900 })
}

/** Where the repository lies and who is signed in are no facts about Viewport: they are shown as of @jess at home. Nothing else is changed. */
const asAtHome = async (page: Page, { handle, repository: { folder } }: Fresh): Promise<void> => {
  const shown: [answer: string, change: (text: string) => string][] = [
    ['**/api/me', (text) => text.replace(/"handle":"[^"]*"/, '"handle":"jess"')],
    [looks, (text) => text.replaceAll(folder, '/home/jess/shop')],
    [repositories, (text) => text.replaceAll(folder, '/home/jess/shop')],
    ['**/api/runs/1', (text) => text.replaceAll(`@${handle}`, '@jess')],
  ]
  for (const [answer, change] of shown)
    await page.route(answer, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: change(await response.text()) })
    })
}
const looks = '**/api/looks/*'
const repositories = '**/api/repositories'
