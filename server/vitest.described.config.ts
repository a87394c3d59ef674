import { configDefaults, defineConfig } from 'vitest/config'
import server from './vitest.config.ts'

/** What is held against a provider's own description of its API, once that is installed: see check/described.ts. */
export default defineConfig({
  test: {
    ...server.test,
    name: 'described',
    include: ['src/**/*.described.test.ts'],
    exclude: configDefaults.exclude,
  },
})
