// A person in front of a browser, and everything that went wrong there unseen.
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core'

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
  watchQuestions(context)
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

/** What each page has asked the API and was not answered yet; its stream of notes never ends and is left out. */
const open = new WeakMap<Page, Set<Request>>()

function watchQuestions(context: BrowserContext): void {
  const ended = (request: Request) => open.get(pageOf(request)!)?.delete(request)
  context.on('page', (page) => open.set(page, new Set()))
  context.on('request', (request) => {
    const { pathname } = new URL(request.url())
    const page = pageOf(request)
    if (page && pathname.startsWith('/api/') && pathname !== STREAM) open.get(page)?.add(request)
  })
  context.on('requestfinished', ended)
  context.on('requestfailed', ended)
}

/** The page that asks; undefined for the first request of a page that is only being made. */
function pageOf(request: Request): Page | undefined {
  try {
    return request.frame().page()
  } catch {
    return undefined
  }
}

/** Waits until a page asks nothing any more: one answer may lead to the next question, so it must stay so for a moment. */
export async function answered(page: Page): Promise<void> {
  const deadline = Date.now() + 20_000
  for (let since = Date.now(); Date.now() - since < STAYS; await sleep(20)) {
    const asked = open.get(page)
    if (asked === undefined) throw new Error('The questions of this page are not watched: open it with visit().')
    if (asked.size > 0) since = Date.now()
    if (Date.now() > deadline)
      throw new Error(`${page.url()} still waits for ${[...asked].map((one) => one.url()).join(', ')}`)
  }
}
const STAYS = 300 // milliseconds
const STREAM = '/api/stream'
