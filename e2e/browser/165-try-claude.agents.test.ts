// One task on a repository of one's own in the web app with the real Claude Code: no key at first, no wall that has to be accepted, what it costs and what
// leaves, the two decisions, the branch. Its model alone is played.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from '../testing/api.ts'
import { vpdProgram } from '../testing/program.ts'
import { platform, realAgents } from '../testing/real-agents.ts'
import { startModel } from '../testing/scripted-model.ts'
import { looksRight } from './testing/flaws.ts'
import { letIn, startFresh, type Fresh } from './testing/fresh.ts'
import { approve, open } from './testing/inbox.ts'
import { closeBrowser, openBrowser, visit, type Visit } from './testing/visit.ts'

const here = existsSync(realAgents.claude)
const chromium = process.env['VIEWPORT_TEST_CHROMIUM'] !== ''
const why = here ? (chromium ? '' : ': no Chromium') : `: no binary for ${platform}`
const key = 'sk-ant-real-key-of-the-owner-6218'
const mended = '  return Math.round((total * (100 - percentOff)) / 100)'
const plan = '# Round once\n\n1. Round the whole order, once.\n\n## Files\n\n- `src/price.js`\n'
const loop = '    total += Math.round((cents * (100 - percentOff)) / 100) * quantity'
const script = {
  usage: { input: 1000, output: 50, cached: 200 },
  conversations: [
    {
      match: '(^|\n)# Work\n',
      turns: [
        { do: [{ read: 'src/price.js' }] },
        { do: [{ edit: 'src/price.js', old: '  return total', new: mended }] },
        { do: [{ edit: 'src/price.js', old: loop, new: '    total += cents * quantity' }] },
        { text: 'The order is rounded once now.' },
      ],
    },
    { match: '(^|\n)# Plan\n', turns: [{ do: [{ read: 'src/price.js' }] }, { do: [{ proposePlan: plan }] }] },
  ],
}

let fresh: Fresh
let browser: Browser
let page: Page
let mine: Visit
let model = { url: '', close: () => {} }
beforeAll(async () => {
  if (why !== '') return
  browser = await openBrowser()
  const env: Record<string, string> = {}
  fresh = await startFresh('try-claude-web', env)
  const bin = join(fresh.place.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(realAgents.claude, join(bin, 'claude'))
  fresh.place.env['PATH'] = `${bin}:${fresh.place.env['PATH']}`
  mkdirSync(join(fresh.place.folder, 'runner'), { mode: 0o700 })
  writeFileSync(join(fresh.place.folder, 'runner/policy.yaml'), 'walls: { level: none }\n')
  model = await startModel(fresh.place, script, ['claude-opus-5-5'])
  // Without a wall only who came by the printed address decides: a link that a token made would not do.
  mine = await visit(browser, { url: fresh.url, linkOf: async () => fresh.address }, fresh.handle, { still: true })
  page = mine.page
}, 180_000)
afterAll(async () => {
  model.close()
  if (browser) await closeBrowser(browser)
  await fresh?.stop()
}, 150_000)

const step = (no: number) => page.locator('.todo > li').nth(no - 1)
test.skipIf(why !== '')(
  `Claude Code does one task that was asked for in the web app, once it has a key and its admin accepts that there is no wall${why}`,
  async () => {
    await page.goto('/try')
    const { code, vpd } = await fresh.pair()
    await letIn(page, code)
    await vpd.ended
    await fresh.work()
    await page.getByLabel('Address, or path on laptop').fill(fresh.repository.folder)
    await page.getByRole('button', { name: 'Look at it' }).click()

    // Without a key it cannot be chosen, and says which command brings one.
    const claude = page.getByRole('radio', { name: /^claude/ })
    await page.locator('.choice label.off', { hasText: 'vpd credentials set model anthropic' }).waitFor()
    expect(await claude.isDisabled()).toBe(true)
    const begin = page.getByRole('button', { name: 'Plan, then ask you' })
    await page.getByLabel('What should be done').fill('Three mugs with 10 % off cost one cent too much')
    expect(await begin.isDisabled()).toBe(true)
    const set = [vpdProgram, 'credentials', 'set', 'model', 'anthropic', '--url', model.url]
    const env = { ...fresh.place.env, VPD_HOME: join(fresh.place.folder, 'runner') }
    execFileSync(process.execPath, set, { env, input: `${key}\n` })
    await step(2).getByRole('button', { name: 'Change' }).click()
    await step(2).getByRole('button', { name: 'Look again' }).click()
    await page.locator('.choice label:not(.off)', { hasText: 'claude' }).waitFor()
    expect(await claude.isChecked()).toBe(true)

    // What it costs, what leaves, and that nothing holds it: the button waits until that is accepted.
    const said = await step(3).locator('.facts').innerText()
    expect(said).toMatch(
      /Cost\s+about \d\.\d\d USD with claude-opus-5-5, which claude usually takes .*a guess.*stopped at 5 USD/,
    )
    expect(said).toMatch(
      /Leaves\s+nothing by the gateway: its model is on this machine \(127\.0\.0\.1:\d+\); agent and checks can reach the network/,
    )
    expect(await step(2).innerText()).toMatch(/Wall\s+none: agent and checks can do all that the account of vpd can/)
    expect(await begin.isDisabled()).toBe(true)
    await looksRight(page, 'an agent without a wall')
    // The worker tells within seconds what the new key lets it do.
    const usable = async (): Promise<unknown> =>
      (await fresh.admin.get('/api/runners')).runners[0].capabilities.agents.find((one: Json) => one.name === 'claude')
        ?.usable
    await expect.poll(usable, { timeout: 60_000 }).toBe(true)
    await page.getByLabel('Let agents work on laptop all the same').check()
    await begin.click()

    await page.waitForURL(/\/runs\/1$/)
    await page.goto('/inbox')
    await open(page, 'Three mugs')
    await approve(page)
    await open(page, 'Push 1 file to local/shop')
    await approve(page)
    await page.goto('/try/1')
    await step(2).getByText('Throw it away').waitFor()
    const branch = (await step(2).locator('p code').textContent())!
    expect(fresh.repository.git('show', `${branch}:src/price.js`)).toContain(mended)
    const { runners } = await fresh.admin.get('/api/runners')
    expect(runners).toMatchObject([{ name: 'laptop', noWall: { by: expect.stringContaining(fresh.handle) } }])
    const told = readFileSync(join(fresh.place.folder, 'requests.jsonl'), 'utf8')
    expect(told).toContain('Three mugs')
    expect(told).not.toContain(key)

    // The next time it says what the work really cost, and nobody is asked about the wall again.
    await page.goto('/try')
    await page.getByRole('button', { name: 'Look at it' }).click()
    await step(3)
      .getByText(/^(less than|about) \d.* USD: what one run with claude that succeeded in this workspace cost/)
      .waitFor()
    expect(await page.getByLabel('Let agents work on laptop all the same').count()).toBe(0)
    expect(mine.odd).toEqual([])
  },
  240_000,
)
