/** What CI sends with one call, to try a workflow with. */
import type { Sample } from '../port.ts'

export const samples: readonly Sample[] = [
  {
    name: 'build-failed',
    says: 'A build fails, with the test that failed',
    body: {
      provider: 'jenkins',
      repo: 'example/shop',
      commit: '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a',
      branch: 'main',
      job: 'test',
      stage: 'unit',
      build: '42',
      attempt: 1,
      url: 'https://ci.example.com/42',
      tests: [{ name: 'a retried payment is charged once', message: 'expected 1 charge, found 2' }],
      text: 'exit 1',
    },
    part: 'build',
  },
]
