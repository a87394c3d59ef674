// How long did each file of tests take, with its imports and hooks? A reporter of vitest; its JSON report knows the tests alone.
import { writeFileSync } from 'node:fs'

import type { Reporter, TestModule } from 'vitest/node'

/** Names the file that is written: an object of milliseconds by path. */
export const FILE_TIMES = 'VIEWPORT_FILE_TIMES'

/** Adds up what vitest measured in each file and leaves it at the end of the run. */
export default class FileTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const target = process.env[FILE_TIMES]
    if (target === undefined) return
    const times: Record<string, number> = {}
    for (const module of modules) {
      const { prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic()
      times[module.moduleId] =
        (times[module.moduleId] ?? 0) + prepareDuration + setupDuration + collectDuration + duration
    }
    writeFileSync(target, JSON.stringify(times))
  }
}
