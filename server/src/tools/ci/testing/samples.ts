/** What CI sends, one for each event of the language. */
import { queryHeader, type StoredDelivery } from '../../port.ts'

export const commit = '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a'

/** A report as test runners write it: two suites, two failures, one test that passed at the second try. */
export const junit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1">
  <testsuite name="prices">
    <testcase classname="prices.Rounding" name="rounds half up"><failure message="expected 2 to be 3" type="AssertionError">at prices.test.ts:7</failure></testcase>
    <testcase classname="prices.Rounding" name="rounds down"/>
    <testsuite name="tax">
      <testcase name="adds tax"><error><![CDATA[TypeError: rate is <undefined>]]></error></testcase>
    </testsuite>
    <testcase classname="prices.Api" name="answers"><flakyFailure message="timeout"/><system-out>noise</system-out></testcase>
  </testsuite>
</testsuites>
`

const said = {
  provider: 'jenkins',
  repo: 'acme/shop',
  commit,
  branch: 'main',
  job: 'test',
  stage: 'unit',
  build: '42',
  attempt: 1,
  url: 'https://ci.acme.dev/42',
}
const delivery = (more: object, part = 'build'): StoredDelivery => ({
  headers: {},
  body: Buffer.from(JSON.stringify({ ...said, ...more })),
  part,
})

/** The JUnit report above, with the rest in the address. */
export const reported = (query: string, body = junit, part = 'build'): StoredDelivery => ({
  headers: { [queryHeader]: query },
  body: Buffer.from(body),
  part,
})

export const samples: Readonly<Record<string, StoredDelivery>> = {
  build_failed: delivery({ tests: [{ name: 'rounds half up', message: 'expected 2 to be 3' }], text: 'exit 1' }),
  build_passed: delivery({ status: 'passed' }),
  build_fixed: delivery({ status: 'fixed' }),
  test_flaked: delivery({ status: 'passed', flaky: [{ name: 'answers', message: 'timeout' }] }, 'flaky:0'),
}
