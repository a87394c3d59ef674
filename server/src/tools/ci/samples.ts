/** What CI sends with one call, to try a workflow with. */
import type { Sample } from '../port.ts'

const build = {
  provider: 'jenkins',
  repo: 'example/shop',
  commit: '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a',
  branch: 'main',
  job: 'test',
  stage: 'unit',
  build: '42',
  attempt: 1,
  url: 'https://ci.example.com/42',
}
const test = { name: 'a retried payment is charged once', message: 'expected 1 charge, found 2' }

export const samples: readonly Sample[] = [
  {
    name: 'build-failed',
    says: 'A build fails, with the test that failed',
    body: { ...build, tests: [test], text: 'exit 1' },
    part: 'build',
  },
  { name: 'build-passed', says: 'A build passes', body: { ...build, status: 'passed' }, part: 'build' },
  { name: 'build-fixed', says: 'A build passes again', body: { ...build, status: 'fixed' }, part: 'build' },
  {
    name: 'test-flaked',
    says: 'A test is flaky',
    body: { ...build, status: 'passed', flaky: [test] },
    part: 'flaky:0',
  },
]
