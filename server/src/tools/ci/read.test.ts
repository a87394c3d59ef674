/** What reports of CI say: JUnit and JSON, also such that want to break the reader. */
import { describe, expect, test } from 'vitest'
import { readingContract, saidIn } from '../testing/contract.ts'
import { triggerEvent } from '../trigger-event.ts'
import { readJunit } from './junit.ts'
import { partsOf, readReport } from './report.ts'
import { commit, junit, reported, samples } from './testing/samples.ts'
import { ci } from './tool.ts'

const connection = { id: 'con_1', name: 'ci', settings: {}, account: null }

readingContract({
  tool: ci,
  name: 'ci',
  connection,
  samples,
  silent: {},
  unknown: null,
})

describe('a JUnit report', () => {
  const query = `repo=acme/shop&commit=${commit}&branch=main&job=test&build=42`
  test('is read with its failing tests, by suite and name, and what they say', () => {
    const { event, fields, text, subject, actor } = saidIn(ci.read(reported(query), connection))
    expect({ event, actor }).toEqual({ event: 'build_failed', actor: { id: 'con_1', name: 'ci', standing: 'source' } })
    expect(fields).toMatchObject({
      repo: 'acme/shop',
      branch: 'main',
      job: 'test',
      number: 42,
      tests: ['prices.Rounding > rounds half up', 'tax > adds tax'],
      fork: false,
    })
    expect(subject).toEqual({
      label: 'acme/shop@1f7a7a4',
      title: '2 tests failed in job test at acme/shop@1f7a7a4 on main',
      url: null,
      ref: `acme/shop@${commit} build 42 attempt 1`,
    })
    expect(text).toContain('- prices.Rounding > rounds half up\nexpected 2 to be 3')
    expect(text).toContain('TypeError: rate is <undefined>')
    expect(text).not.toContain('noise')
  })
  test('tells of each flaky test as well', () => {
    const report = readReport(Buffer.from(junit), query)
    if ('why' in report) throw new Error(report.why)
    expect(partsOf(report)).toEqual(['build', 'flaky:0'])
    expect(saidIn(ci.read(reported(query, junit, 'flaky:0'), connection))).toMatchObject({
      event: 'test_flaked',
      fields: { test: 'prices.Api > answers' },
    })
  })
  test('of a fork is an outsider’s, whoever tells it; of nobody else a person’s', () => {
    const trust = (more: string) =>
      triggerEvent(
        saidIn(ci.read(reported(query + more), connection)),
        { tool: 'ci', account: null, receivedAt: 1 },
        () => null,
      )
    expect([trust('').actor.trust, trust('').outsideText]).toEqual(['source', true])
    expect([trust('&fork=false').actor.trust, trust('&fork=true').actor.trust]).toEqual(['source', 'outsider'])
  })
  test('a build without a name is what is told of it: its failure once more is another event, the same bytes are not', () => {
    const at = (body: string, more = '') =>
      saidIn(ci.read(reported(`repo=acme/shop&commit=${commit}&job=test${more}`, body), connection)).id
    const later = junit.replace('tests="4"', 'tests="4" timestamp="2026-11-02T09:10:00"')
    expect(at(later)).not.toBe(at(junit))
    expect(at(junit)).toBe(at(junit))
    expect(at(later, '&build=7')).toBe(at(junit, '&build=7'))
    // What it is called and what it says are never taken for one another.
    expect(at(junit, `&build=${encodeURIComponent('content x')}`)).not.toBe(at(junit))
  })

  test('the same build is one event, another attempt another one', () => {
    const id = (more: string, body = junit) => saidIn(ci.read(reported(query + more, body), connection)).id
    expect(id('')).toBe(id('', junit.replace('rounds half up', 'rounds')))
    expect(id('')).not.toBe(id('&attempt=2'))
    const named = (job: string, build: string) =>
      saidIn(ci.read(reported(`repo=acme/shop&commit=${commit}&job=${job}&build=${build}`), connection)).id
    expect(named('x:1', '2')).not.toBe(named('x', '1:2'))
    expect(id('')).not.toBe(saidIn(ci.read(reported(query.replace('job=test', 'job=e2e')), connection)).id)
  })
  // Whatever runs in the job could tell of its own build first, as of one that nobody listens to: the true report is no repeat of that.
  test('what decides whose build it is and who listens to it makes another event', () => {
    const id = (more: string) =>
      saidIn(ci.read(reported(`repo=acme/shop&commit=${commit}&job=test&build=12&status=failed${more}`), connection)).id
    const ids = [
      '',
      '&fork=true',
      '&branch=main',
      '&branch=PR-7',
      '&branch=PR-8',
      '&branch=MR-7',
      '&stage=deploy',
      '&provider=jenkins',
    ]
    expect(new Set(ids.map(id)).size).toBe(ids.length)
    expect([id('&fork=false'), id('&branch=refs/heads/main')]).toEqual([id(''), id('&branch=main')])
  })
})

const bomb = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><testsuites><testsuite name="&b;"/></testsuites>`
const outside = `<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><testsuite name="&xxe;"/>`

test.each([
  ['an entity bomb', bomb, /document type/],
  ['an entity from outside', outside, /document type/],
  ['an entity nobody declared', '<testsuite name="&boom;"/>', /entity/],
  ['a deep one', `${'<testsuite>'.repeat(60)}${'</testsuite>'.repeat(60)}`, /deeper than 40/],
  ['one with too many tags', `<testsuite>${'<a/>'.repeat(400_001)}</testsuite>`, /more than 400000 tags/],
  [
    'a tag with too many attributes',
    `<testsuite ${Array.from({ length: 400_000 }, (_, n) => `a${n}=""`).join(' ')}/>`,
    /more than 100 attributes, the last of them a100$/,
  ],
  ['one that is cut', '<testsuites><testsuite>', /unclosed tag/],
  ['another document', '<html><body/></html>', /begins with <html>/],
  ['an empty one', '<', /XML/],
])('%s is refused in words', (_how, text, why) => expect(readJunit(text)).toEqual(expect.stringMatching(why)))
test('a tag may have a hundred attributes, and of a report with more failures than are told the first five hundred are', () => {
  const attributes = Array.from({ length: 100 }, (_, n) => `a${n}=""`).join(' ')
  expect(readJunit(`<testsuite ${attributes}><testcase name="b"/></testsuite>`)).toMatchObject({ tests: 1 })
  const many = Array.from({ length: 600 }, (_, n) => `<testcase name="t${n}"><failure message="m"/></testcase>`).join(
    '',
  )
  const flaky = many.replaceAll('failure', 'flakyFailure')
  const read = readJunit(`<testsuite>${many}${flaky}</testsuite>`)
  if (typeof read === 'string') throw new Error(read)
  expect([read.tests, read.failed.length, read.failed.at(-1)!.name, read.flaky.length]).toEqual([
    1_200,
    500,
    't499',
    500,
  ])
})
test('a test is named by the suite that it stands in, and its message is what stands in its failure alone', () => {
  const report = `<testsuites><testsuite name="outer"><testsuite name="inner"><testcase name="a"><failure/></testcase></testsuite><testcase name="b"><failure>said</failure><system-out>printed</system-out></testcase></testsuite></testsuites>`
  expect(readJunit(report)).toMatchObject({
    failed: [
      { name: 'inner > a', message: '' },
      { name: 'outer > b', message: 'said' },
    ],
  })
})
// It took a minute when the name of the suite was read again for each of its tests; the limit is the one of every test.
test('a suite with a name of a megabyte and thousands of tests is read as fast as any other', () => {
  const suite = `<testsuite name="${'x '.repeat(500_000)}">${'<testcase name="a"/>'.repeat(5_000)}<testcase name="b"><failure/></testcase></testsuite>`
  expect(readJunit(suite)).toEqual({
    tests: 5_001,
    failed: [{ name: expect.stringMatching(/^(x )+$/), message: '' }],
    flaky: [],
  })
})

test.each([
  ['commit=1f7a7a4', '', { where: 'repo', why: /./ }],
  ['repo=acme&commit=1f7a7a4', '', { where: 'repo', why: /owner\/name/ }],
  ['repo=acme/shop&commit=main', '', { where: 'commit', why: /id of a commit/ }],
  ['repo=acme/shop&commit=1f7a7a4', '', { where: 'status', why: /failed, passed, fixed or cancelled/ }],
  [
    'repo=acme/shop&commit=1f7a7a4&status=running',
    '',
    { where: 'status', why: /no end of a build; there are failed, failure/ },
  ],
  ['repo=acme/shop&commit=1f7a7a4&status=failed&fork=maybe', '', { where: 'fork', why: /neither true nor false/ }],
  ['repo=acme/shop&commit=1f7a7a4&repo=acme/other', '', { where: 'repo', why: /twice/ }],
  ['repo=acme/shop&commit=1f7a7a4', '{"repo":"acme/other"}', { where: 'repo', why: /in the address and in the body/ }],
  ['repo=acme/shop&commit=1f7a7a4', '{"satus":"failed"}', { where: 'satus', why: /there are repo, commit/ }],
  ['repo=acme/shop&commit=1f7a7a4', 'ok', { where: 'body', why: /neither a JUnit report nor JSON/ }],
  ['repo=acme/shop&commit=1f7a7a4&url=javascript:alert(1)', '{"status":"failed"}', { where: 'url', why: /./ }],
  ['repo=acme/shop&commit=1f7a7a4&text=x', '', { where: 'text', why: /JSON body/ }],
])('%s with %j is refused, with where and why', (query, body, expected) => {
  expect(readReport(Buffer.from(body), query)).toEqual({
    where: expected.where,
    why: expect.stringMatching(expected.why),
  })
})

test('what a variable of CI leaves empty is not said', () =>
  expect(
    readReport(Buffer.from(''), `repo=acme/shop&commit=${commit}&branch=&fork=&attempt=&status=failed`),
  ).toMatchObject({
    status: 'failed',
    branch: undefined,
    fork: undefined,
  }))

describe('how a build ended', () => {
  const said = (status: string, body = '') =>
    ci.read(reported(`repo=acme/shop&commit=${commit}&job=test&build=1&status=${status}`, body), connection)
  test.each([
    ...['failed', 'failure', 'FAILURE', 'Failed', 'UNSTABLE', 'errored', 'timed_out'].map((word) => [
      word,
      'build_failed',
    ]),
    ...['passed', 'success', 'SUCCESS', 'Succeeded', 'SucceededWithIssues'].map((word) => [word, 'build_passed']),
    ['fixed', 'build_fixed'],
  ])('%s is %s, also where nothing came with it', (word, event) => expect(saidIn(said(word!)).event).toBe(event))
  test.each(['cancelled', 'canceled', 'ABORTED', 'NOT_BUILT', 'skipped'])(
    '%s is no failure, whatever had failed before it was stopped',
    (word) => {
      expect(said(word)).toEqual({ ignored: expect.stringContaining('neither failed nor passed') })
      expect(said(word, junit)).toEqual(said(word))
      const report = readReport(Buffer.from(junit), `repo=acme/shop&commit=${commit}&status=${word}`)
      expect('why' in report ? report : partsOf(report)).toEqual(['build'])
    },
  )
  test('failed, with a report that is cut off or dangerous: the failure is taken, and nothing of the report', () => {
    for (const body of ['<testsuites><testsuite name="SECRET">', outside]) {
      const read = saidIn(said('failure', body))
      expect(read).toMatchObject({ event: 'build_failed', fields: { tests: [] } })
      expect(read.text).toContain('Its report could not be read: ')
      expect(read.text).not.toMatch(/SECRET|passwd/)
      expect(readReport(Buffer.from(body), `repo=acme/shop&commit=${commit}&status=success`)).toMatchObject({
        where: 'body',
      })
    }
  })
  test('well, and tests failed: the tests are believed', () =>
    expect(saidIn(said('success', junit))).toMatchObject({
      event: 'build_failed',
      fields: { tests: expect.any(Array) },
    }))
})

test('the legs of a matrix are builds of their own; what tells no leg keeps its id', () => {
  const of = (more: string) =>
    saidIn(
      ci.read(
        reported(`repo=acme/shop&commit=${commit}&job=test&build=7&attempt=1&status=failed${more}`, ''),
        connection,
      ),
    )
  expect(new Set(['', '&leg=0', '&leg=1'].map((more) => of(more).id)).size).toBe(3)
  expect(of('&leg=')).toEqual(of(''))
  expect(of('&leg=node-20')).toMatchObject({
    fields: { job: 'test', leg: 'node-20' },
    subject: { title: 'Job test (node-20) at acme/shop@1f7a7a4 failed' },
  })
})

test.each([
  ['origin/main', 'main'],
  ['refs/heads/main', 'main'],
  ['7/merge', '7/merge'],
])('the branch %s is told as %s', (told, branch) =>
  expect(
    saidIn(ci.read(reported(`repo=acme/shop&commit=${commit}&branch=${told}&status=failed`, ''), connection)).fields,
  ).toMatchObject({ branch }),
)
