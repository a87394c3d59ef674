// Which browser do the browser tests drive?
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** The one command that brings a browser, for whoever has none. */
export const HOW_TO_GET_CHROMIUM =
  process.platform === 'linux'
    ? 'sudo apt-get install -y --no-install-recommends chromium'
    : 'npx playwright-core install chromium'

/** The path of a Chromium: CHROMIUM_PATH when set (even if wrong, so that it is noticed), else the first one found. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env['CHROMIUM_PATH']) return env['CHROMIUM_PATH']
  const onPath = (env['PATH'] ?? '').split(delimiter).flatMap((dir) => NAMES.map((name) => join(dir, name)))
  return [...onPath, ...PLACES, chromium.executablePath()].find((path) => path !== '' && existsSync(path))
}
