import { configDefaults, defineConfig } from 'vitest/config'
import { testsWithoutDatabase } from './test/reaches-database.ts'

/** What reaches a PostgreSQL, and so is run on each kind of it; the rest is in vitest.alone.config.ts. */
export default defineConfig({
  test: {
    name: 'server',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'src/**/*.described.test.ts', ...testsWithoutDatabase()],
    globalSetup: ['test/setup.ts'],
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
