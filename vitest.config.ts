import { defineConfig } from 'vitest/config'

import { findChromium } from './check/chromium.ts'
import { LongestFirst } from './check/longest-first.ts'

/** One project per room, so that `npx vitest run --project core` runs one of them. The server's has a set-up of its own. */
const project = (name: string, include: string[], exclude: string[] = []) => ({
  extends: true as const,
  test: { name, include, exclude: ['**/node_modules/**', '**/dist/**', ...exclude] },
})

/**
 * What one transport holds every other one must: the same tests of the wire and of a worker's loops, once more by relay. Without
 * VIEWPORT_TRANSPORTS=all those that tell most.
 */
const byRelay = { VIEWPORT_TEST_TRANSPORT: 'relay' }
const every = process.env['VIEWPORT_TRANSPORTS'] === 'all'
const loops = every ? '*' : '{worker,partition,serve,request-faults}'

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    silent: 'passed-only',
    // Whole machines are shared: in CI a test that fails is asked once more; it must pass then.
    retry: process.env['CI'] ? 1 : 0,
    // Bounds, not expectations: stages run beside each other, and machines are shared.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    env: { VIEWPORT_TEST_CHROMIUM: findChromium() ?? '' },
    projects: [
      project('core', ['core/src/**/*.test.ts']),
      'server/vitest.config.ts',
      'server/vitest.alone.config.ts',
      project('runner', ['runner/src/**/*.test.ts'], ['**/*.agents.test.ts']),
      {
        extends: true,
        test: { name: 'transports-runner', include: [`runner/src/loop/${loops}.test.ts`], env: byRelay },
      },
      'server/vitest.relay.config.ts',
      'server/vitest.described.config.ts',
      project('agents', ['runner/src/**/*.agents.test.ts', 'e2e/**/*.agents.test.ts']),
      project('web', ['web/src/**/*.test.{ts,tsx}']),
      project('check', ['check/**/*.test.ts']),
      project('bench', ['bench/**/*.test.ts']),
      project('e2e', ['e2e/**/*.test.ts'], ['e2e/**/*.{browser,agents}.test.ts', 'e2e/900-packages.test.ts']),
      project('packages', ['e2e/900-packages.test.ts']),
      project('browser', ['e2e/**/*.browser.test.ts']),
    ],
  },
})
