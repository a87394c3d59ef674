/**
 * What a build system tells, whichever it is: the fields its events can be matched on. No person tells it, but a connection with a token that an admin
 * set up; `fork` says that an outsider's code was built.
 */
import { tool } from '../listen.ts'

const build = {
  provider: 'text',
  repo: 'text',
  branch: 'text',
  job: 'text',
  leg: 'text',
  stage: 'text',
  commit: 'text',
  number: 'number',
  attempt: 'number',
  fork: 'flag',
  tests: 'list',
} as const

export const ci = tool({
  title: 'CI',
  event: 'build_failed',
  startedBy: ['source'],
  events: {
    build_failed: { says: 'reports a failed build', fields: build },
    build_passed: { says: 'reports a passed build', fields: build },
    build_fixed: { says: 'reports the first passed build after failures', fields: build },
    test_flaked: { says: 'reports a flaky test', fields: { ...build, test: 'text' } },
  },
})
