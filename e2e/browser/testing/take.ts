// One picture of a page as docs/screens has them: nothing still loads, nothing is pointed at.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Page } from 'playwright-core'

const calm = async (page: Page): Promise<void> => {
  await page.waitForSelector('main')
  await page.waitForFunction(
    () => !document.querySelector('.skeleton, .lookline.on') && document.fonts.status === 'loaded',
  )
  await page.mouse.move(0, 0)
}

export type Camera = {
  /** One picture in each theme. */
  take(page: Page, name: string): Promise<void>
  takePhone(page: Page, name: string): Promise<void>
}

/** Puts its pictures into a folder, which it makes. */
export const cameraFor = (folder: string): Camera => {
  mkdirSync(folder, { recursive: true })
  const shoot = async (page: Page, name: string): Promise<void> => {
    await calm(page)
    await page.screenshot({ path: join(folder, `${name}.png`) })
    console.log(name)
  }
  return {
    take: async (page, name) => {
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme })
        await shoot(page, `${name}-${theme}`)
      }
      await page.emulateMedia({ colorScheme: 'light' })
    },
    takePhone: (page, name) => shoot(page, `${name}-phone`),
  }
}

/**
 * The runners page names the machine it runs on. Here that is whichever takes the pictures, which is no fact about Viewport:
 * host and kernel are shown as those of the laptop that its runner is named after. Nothing else is changed.
 */
export const onNoMachine = (page: Page): Promise<unknown> =>
  page.route('**/api/runners', async (route) => {
    const response = await route.fetch()
    const answer = (await response.json()) as {
      runners: { name: string; capabilities: { host: string; os: string } }[]
    }
    for (const { name, capabilities } of answer.runners) {
      capabilities.host = name
      capabilities.os = 'Linux'
    }
    await route.fulfill({ response, json: answer })
  })
