import { configDefaults, defineConfig } from 'vitest/config'

// On a given PostgreSQL everything runs that uses a database; the life of the embedded one does not depend on it.
const onGivenPostgres = Boolean(process.env.VIEWPORT_TEST_DATABASE_URL)

export default defineConfig({
  test: {
    name: 'server',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'src/**/*.described.test.ts', ...(onGivenPostgres ? ['src/embedded/**'] : [])],
    globalSetup: ['test/setup.ts'],
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
