// A person in front of a browser, and everything that went wrong there unseen.
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

import type { Sample } from './sample.ts'

// Nothing of the browser's own may talk to the network; its sandbox refuses to run as root.
const flags = [
  '--disable-gpu',
  '--font-render-hinting=none', // letters stand as on a fine screen, on every machine alike
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['VIEWPORT_TEST_CHROMIUM'] ?? '', args: flags })

/** Ends the browser. One that does not end in time is named and left to the end of the process that started it. */
export const closeBrowser = async (browser: Browser | undefined): Promise<void> => {
  const patience = new AbortController()
  const closed = await Promise.race([
    Promise.resolve(browser?.close()).then(() => true),
    sleep(closeMillis, false, { signal: patience.signal }).catch(() => true),
  ])
  patience.abort()
  if (!closed)
    console.error(
      `Chromium did not close within ${closeMillis / 1_000} s; open: ${browser!
        .contexts()
        .flatMap((one) => one.pages().map((page) => page.url()))
        .join(', ')}`,
    )
}
const closeMillis = 20_000

export type Visit = {
  page: Page
  context: BrowserContext
  /** Errors of scripts, stops by the content security policy, and requests to anywhere else. */
  odd: string[]
}
export type Look = { width?: number; height?: number; dark?: boolean; /** nothing fades in */ still?: boolean }

/** A Viewport that people visit. */
export type At = Pick<Sample, 'url' | 'linkOf'>

/** Someone who is signed in. */
export async function visit(browser: Browser, sample: At, handle: string, look: Look = {}): Promise<Visit> {
  const seen = await stranger(browser, sample, look)
  await seen.page.goto(await sample.linkOf(handle))
  await seen.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  return seen
}

/** Someone who is not. */
export async function stranger(browser: Browser, sample: Pick<At, 'url'>, look: Look = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    colorScheme: look.dark ? 'dark' : 'light',
    reducedMotion: look.still ? 'reduce' : 'no-preference',
    baseURL: sample.url,
  })
  const page = await context.newPage()
  const odd: string[] = []
  page.on('pageerror', (error) => odd.push(`script: ${error.message}`))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) odd.push(`policy: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(sample.url) && !request.url().startsWith('data:'))
      odd.push(`elsewhere: ${request.url()}`)
  })
  return { page, context, odd }
}
