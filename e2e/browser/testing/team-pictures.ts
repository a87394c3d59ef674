// Pictures of a team in the middle of its day: its tools, what came in, what waits for a person. And of its settings.
import type { Browser, Page } from 'playwright-core'

import { startBusyTeam, type BusyTeam } from './busy-team.ts'
import { until } from './inbox.ts'
import type { Camera } from './take.ts'
import { visit } from './visit.ts'

/** Takes them. */
export async function takeTeam(browser: Browser, { take, takePhone }: Camera): Promise<void> {
  const team = await startBusyTeam('pictures-team')
  try {
    const { page } = await visit(browser, team, 'jess', { still: true })
    await asAtAcme(page, team)
    await page.goto('/effects')
    await page.locator('.stuck').first().waitFor()
    await take(page, 'effects')
    await page.goto('/deliveries')
    await page.locator('a.dlv').first().waitFor()
    await take(page, 'deliveries')
    await page.goto(`/deliveries/${await team.deliveryOf('Checkout answers slowly')}`)
    await page.locator('table.route').waitFor()
    await take(page, 'why-route')
    await page.goto(`/inbox/${await team.asks('Outside text')}`)
    await until(page, 'ready')
    await take(page, 'outside-text')
    await page.goto('/connections')
    await page.locator('.connection').first().waitFor()
    await take(page, 'connections')
    await page.goto('/workflows/fix-bug')
    await page.getByRole('button', { name: /^Backtest/ }).click()
    await page.locator('section[aria-label=Backtest][aria-busy=false] .tested').waitFor()
    await take(page, 'backtest')
    await page.goto('/settings/repositories')
    await page.getByRole('button', { name: /^Let agents load them/ }).click()
    await take(page, 'settings-repositories')
    await page.goto('/settings')
    await page.locator('.choosing').waitFor()
    await take(page, 'settings')

    const phone = (await visit(browser, team, 'jess', { width: 390, height: 844, still: true })).page
    await asAtAcme(phone, team)
    for (const [path, ready, name] of [
      ['/effects', '.stuck', 'effects'],
      ['/deliveries', 'a.dlv', 'deliveries'],
      ['/connections', '.connection', 'connections'],
    ] as const) {
      await phone.goto(path)
      await phone.locator(ready).first().waitFor()
      await takePhone(phone, name)
    }
  } finally {
    // A page that is still open goes on asking, through what stands in its way to the team that is gone.
    for (const context of browser.contexts())
      if (context.pages().some((one) => one.url().startsWith(team.url))) await context.close()
    await team.stop()
  }
}

/** Where the tools and the repository of these pictures lie is no fact about Viewport: they are shown as a team would have them. Nothing else is changed, least of all what a digest is made of. */
const asAtAcme = async (page: Page, { place }: BusyTeam): Promise<void> => {
  const shown = (text: string): string =>
    text
      .replaceAll(`file://${place.data}/sample/remotes/shop.git`, 'https://git.acme.dev/acme/shop.git')
      .replaceAll(/https?:\/\/(?:localhost|127\.0\.0\.1):\d+\/hook\b/g, 'https://ops.acme.dev/hook')
  for (const answer of ['**/api/connections', '**/api/repositories'])
    await page.route(answer, async (route) => {
      const response = await route.fetch()
      const text = shown(await response.text())
      const value = JSON.parse(text) as { connections?: { tool: string; settings: Record<string, string> }[] }
      for (const { tool, settings } of value.connections ?? [])
        if (settings['base']) settings['base'] = tool === 'slack' ? 'https://slack.com' : 'https://ghe.acme.dev/api/v3'
      await route.fulfill({ response, json: value })
    })
}
