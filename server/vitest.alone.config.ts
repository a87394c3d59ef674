import { configDefaults, defineConfig } from 'vitest/config'
import server from './vitest.config.ts'
import { testsWithoutDatabase } from './test/reaches-database.ts'

/** What reaches no PostgreSQL of the run. It is given none, so that a file which needs one is red here; the life of the embedded one does not depend on it. */
export default defineConfig({
  test: {
    ...server.test,
    name: 'server-alone',
    include: testsWithoutDatabase(),
    exclude: configDefaults.exclude,
    globalSetup: [],
  },
})
