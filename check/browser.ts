// Does the web app hold in a real browser?
import { existsSync } from 'node:fs'

import { findChromium, HOW_TO_GET_CHROMIUM } from './chromium.ts'
import { red, type Stage } from './stage.ts'
import { vitestStage } from './vitest-stage.ts'

const tests = vitestStage('browser', 'wait')

export const browser: Stage = {
  name: 'browser',
  run: async (context) => {
    const chromium = findChromium(context.env)
    if (chromium === undefined) return red(`No Chromium found. To get one:\n  ${HOW_TO_GET_CHROMIUM}`)
    if (!existsSync(chromium)) return red(`CHROMIUM_PATH says ${chromium}, and nothing is there.`)
    return tests.run(context)
  },
}
