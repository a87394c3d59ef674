// What a person does in the inbox.
import type { Page } from 'playwright-core'

/** Where the decision in front of the reader stands: checking, ready, voted, closed, wrong … */
export const standing = (page: Page): Promise<string | null> => page.locator('.decide').getAttribute('data-standing')

export const until = (page: Page, state: string): Promise<unknown> =>
  page.waitForSelector(`.decide[data-standing="${state}"]`)

/** Keys decide only after an item has stood for a moment: this long is surely enough. */
const longerThanDead = 500

/** Opens the item that says so; takes what waits behind "new" first. */
export async function open(page: Page, words: string): Promise<void> {
  const item = page.locator('.item:not(.old)', { hasText: words }).first()
  const deadline = Date.now() + 60_000
  while (!(await item.isVisible())) {
    if (Date.now() > deadline) {
      const shown = await page.locator('.item').allTextContents()
      throw new Error(`No open item says "${words}" within a minute; there are: ${shown.join(' | ')}`)
    }
    if (await page.locator('.fresh').isVisible()) await page.locator('.fresh').click()
    await page.waitForTimeout(50)
  }
  await item.click()
  await until(page, 'ready')
  await page.waitForTimeout(longerThanDead)
}

/** One fresh press of a decision key. */
export async function decide(page: Page, key: 'a' | 'c' | 'r' | 'u'): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur()) // out of any field
  await page.keyboard.press(key)
}

/** Approves what is open and waits until that is known. */
export async function approve(page: Page): Promise<void> {
  await decide(page, 'a')
  await page.waitForSelector('.decide:is([data-standing="closed"], [data-standing="voted"])')
}

/** Every decision that this page sends, from now on. */
export function decisionsOf(page: Page): { verdict: string; digest: string; lines: object[] }[] {
  const sent: { verdict: string; digest: string; lines: object[] }[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && /\/api\/gates\/[^/]+\/decisions$/.test(request.url()))
      sent.push(JSON.parse(request.postData() ?? '{}') as (typeof sent)[number])
  })
  return sent
}
