import { defineConfig } from 'vitest/config'

import { findChromium } from './check/chromium.ts'

/** One project per room, so that `npx vitest run --project core` runs one of them. The server's has a set-up of its own. */
const project = (name: string, include: string[], exclude: string[] = []) => ({
  extends: true as const,
  test: { name, include, exclude: ['**/node_modules/**', '**/dist/**', ...exclude] },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    silent: 'passed-only',
    // Whole machines are shared: in CI a test that fails is asked once more; it must pass then.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { VIEWPORT_TEST_CHROMIUM: findChromium() ?? '' },
    projects: [
      project('core', ['core/src/**/*.test.ts']),
      'server/vitest.config.ts',
      project('runner', ['runner/src/**/*.test.ts'], ['**/*.agents.test.ts']),
      project('agents', ['runner/src/**/*.agents.test.ts', 'e2e/**/*.agents.test.ts']),
      project('web', ['web/src/**/*.test.{ts,tsx}']),
      project('check', ['check/**/*.test.ts']),
      project('e2e', ['e2e/**/*.test.ts'], ['e2e/**/*.{browser,agents}.test.ts', 'e2e/900-packages.test.ts']),
      project('packages', ['e2e/900-packages.test.ts']),
      project('browser', ['e2e/**/*.browser.test.ts']),
    ],
  },
})
