// A browser with @jess in front of a sample workspace of its own, which is what most scenarios begin with.
import type { Browser, Page } from 'playwright-core'

import { startSample, type Sample } from './sample.ts'
import { closeBrowser, openBrowser, visit, type Look, type Visit } from './visit.ts'

export type WithJess = { browser: Browser; sample: Sample; jess: Visit; page: Page }

/** Starts it. Whoever gets nothing has nothing to stop. */
export async function startWithJess(name: string, look?: Look): Promise<WithJess> {
  const browser = await openBrowser()
  let sample: Sample | undefined
  try {
    sample = await startSample(name)
    const jess = await visit(browser, sample, 'jess', look)
    return { browser, sample, jess, page: jess.page }
  } catch (error) {
    await stopWithJess({ browser, sample })
    throw error
  }
}

/** Ends both; what did not begin is not there. */
export async function stopWithJess({
  browser,
  sample,
}: {
  browser?: Browser
  sample?: Sample | undefined
}): Promise<void> {
  await closeBrowser(browser)
  await sample?.stop()
}
