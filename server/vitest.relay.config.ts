import { defineConfig } from 'vitest/config'
import server from './vitest.config.ts'

/** The tests of the wire once more, by relay: see `transports` in the vitest.config.ts of the whole. */
export default defineConfig({
  test: {
    ...server.test,
    name: 'transports-server',
    include: [`src/wire/${process.env['VIEWPORT_TRANSPORTS'] === 'all' ? '{wire,hostile-runner}' : 'wire'}.test.ts`],
    env: { VIEWPORT_TEST_TRANSPORT: 'relay' },
  },
})
