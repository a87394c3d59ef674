/** CI through the front door: the very lines that the page about it prints, a run, and what may not come in. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { send, testPlane } from '../../../test/plane.ts'
import { hookContract } from '../testing/contract.ts'
import { readied, settledWith } from '../testing/bench.ts'
import { commit, junit } from './testing/samples.ts'

const { plane, workspace } = await testPlane({})
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const connected = async (name: string, values: object = {}) =>
  (await acme.admin.post('/api/connections', { tool: 'ci', name, values })).body
let made: { connection: { url: string; id: string }; made: { token: string }; notes: string[] }
await readied(db, acme, {
  account: 'github:999999999',
  connect: async () => void (made = await connected('ci')),
  workflows: [
    `name: mend\nteam: payments\ntrigger: { ci: { event: build_failed, repo: acme/shop, branch: main } }\nrepos: [{ acme/shop: { access: read } }]\nsteps:\n  - { id: plan, mode: plan, prompt: Find the cause. }\n`,
    `name: writes\nteam: payments\ntrigger: { ci: { event: build_failed, repo: acme/shop, branch: release } }\nrepos: [acme/shop]\n`,
  ],
})
const other = await connected('other')
const query = (more = ''): string => `?repo=acme/shop&commit=${commit}&branch=main&job=test${more}`
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const post = (more: string, body: string, headers: Record<string, string> = bearer(made.made.token)) =>
  send('', 'POST', made.connection.url + query(more), {
    body,
    headers: { 'content-type': 'application/xml', ...headers },
  })

test('the token is made and shown once; a forge without what it needs is refused in words', async () => {
  expect([made.made.token, made.notes]).toEqual([
    expect.stringMatching(/^\S{40,}$/),
    [expect.stringContaining('needs a forge')],
  ])
  expect((await connected('bad', { forge: 'svn' })).detail).toContain('"svn" is no forge')
  expect((await connected('bad', { forge: 'github' })).detail).toContain('needs its address')
  expect((await connected('bad', { forge_token: 'x' })).detail).toContain('no forge')
  expect(JSON.stringify((await acme.admin.get('/api/connections')).body)).not.toContain(made.made.token)
})

hookContract({
  url: () => made.connection.url,
  other: () => other.connection.url,
  media: 'application/json',
  signed: () => bearer(made.made.token),
  body: () => JSON.stringify({ repo: 'acme/shop', commit, status: 'passed' }),
  signature: 'authorization',
  dated: false,
  change: {
    admin: () => acme.admin,
    field: 'token',
    secret: () => made.made.token,
    other: 'one-more-token-of-this-test-alone-1234567890',
  },
  plain: true,
})

test('a failed build starts one run, with outside text; told again nothing starts', async () => {
  const first = await post('&build=7', junit)
  expect([first.status, first.body.repeat]).toEqual([202, false])
  expect((await post('&build=7', junit)).body).toEqual({ delivery: first.body.delivery, repeat: true })
  // Another report of the same build is another delivery of the same event.
  expect((await post('&build=7', junit.replace('rounds down', 'rounds'))).body.repeat).toBe(false)
  const all = await settledWith(db, acme.id, 'rounds', 4)
  const started = all.filter((one) => one.runs.length > 0)
  expect(started.map((one) => one.event)).toMatchObject([
    { event: 'build_failed', outsideText: true, actor: { trust: 'source', id: `ci:${made.connection.id}` } },
  ])
  expect(all.filter((one) => one.verdict.startsWith('The same event came before'))).toHaveLength(2)
})

test.each([
  ['no build', '', true],
  ['a build that is no number', '&build=3f2a-11', true],
  ['a build in digits', '&build=41', false],
])('a failure that tells %s: the answer says whether a later pass can take it back', async (_how, build, isSaid) => {
  const came = await post(`${build}&status=failed&branch=noted`.replace('&branch=noted', '&stage=noted'), '')
  expect(came.status, JSON.stringify(came.body)).toBe(202)
  expect(came.body.note ?? '').toMatch(isSaid ? /no later pass takes this failure back.*build=/ : /^$/)
  expect((await post(`${build}&status=passed&stage=noted`, '')).body).not.toHaveProperty('note')
})

test('a build of a fork starts nothing that writes, and says why', async () => {
  await post('&build=8&fork=true', junit.replaceAll('prices', 'forked').replace('&branch=main', ''))
  const [one] = await settledWith(db, acme.id, 'forked', 1)
  expect([one!.runs, one!.event.actor.trust]).toEqual([[], 'outsider'])
})

test.each([
  [
    'an entity from outside',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite name="&e;"/>',
    /document type/,
  ],
  ['a report that is cut', '<testsuites>', /unclosed/],
])('%s is refused at the door, and nothing is stored', async (_how, body, why) => {
  const came = await post('&build=9', body)
  expect([came.status, came.body.detail]).toEqual([422, expect.stringMatching(why)])
})

/** The lines of the page, as they are printed. */
const page = await readFile(new URL('../../../../docs/integrations/ci.md', import.meta.url), 'utf8')
const lines = [...page.matchAll(/^ *((?:\{ cat junit\.xml \|\| true; \} \| )?curl -[^\n]+)$/gm)].map(
  ([, line]) => line!,
)
const [head, trial] = ['b'.repeat(40), 'c'.repeat(40)]
/** What each CI sets by itself for a push to a branch. */
const pushed = {
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_SHA: commit,
  GITHUB_REF_NAME: 'topic',
  GITHUB_HEAD_REF: '',
  GITHUB_JOB: 'github',
  GITHUB_RUN_ID: '101',
  GITHUB_RUN_ATTEMPT: '1',
  CI_PROJECT_PATH: 'acme/shop',
  CI_PROJECT_ID: '7',
  CI_COMMIT_SHA: commit,
  CI_COMMIT_REF_NAME: 'topic',
  CI_JOB_NAME_SLUG: 'gitlab',
  CI_JOB_ID: '12345678901',
  CI_PIPELINE_ID: '102',
  CI_JOB_URL: 'https://gitlab.acme.dev/-/jobs/9',
  GIT_COMMIT: commit,
  GIT_BRANCH: 'origin/topic',
  JOB_BASE_NAME: 'jenkins',
  BUILD_NUMBER: '103',
  BUILD_URL: 'https://ci.acme.dev/103/',
  CIRCLE_PROJECT_USERNAME: 'acme',
  CIRCLE_PROJECT_REPONAME: 'shop',
  CIRCLE_SHA1: commit,
  CIRCLE_BRANCH: 'topic',
  CIRCLE_JOB: 'circleci',
  CIRCLE_NODE_INDEX: '0',
  CIRCLE_BUILD_NUM: '104',
  CIRCLE_BUILD_URL: 'https://app.circleci.com/104',
  BUILDKITE_COMMIT: commit,
  BUILDKITE_BRANCH: 'topic',
  BUILDKITE_STEP_KEY: 'buildkite',
  BUILDKITE_BUILD_NUMBER: '105',
  BUILDKITE_RETRY_COUNT: '0',
  BUILDKITE_BUILD_URL: 'https://buildkite.com/acme/shop/builds/105',
  BUILD_SOURCEVERSION: commit,
  BUILD_SOURCEBRANCH: 'refs/heads/topic',
  BUILD_BUILDID: '106',
  SYSTEM_JOBNAME: 'azure',
  SYSTEM_JOBATTEMPT: '1',
  // What the page has people set.
  HEAD: commit,
  LEG: '',
  SHA: commit,
}
/** And for a pull request of the branch `topic` at the commit `head`, of which most of them build a trial merge. */
const pulled = {
  ...pushed,
  GITHUB_SHA: trial,
  GITHUB_REF_NAME: '7/merge',
  GITHUB_HEAD_REF: 'topic',
  HEAD: head,
  CI_COMMIT_SHA: trial,
  CI_COMMIT_REF_NAME: 'refs/merge-requests/7/merge',
  CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: head,
  CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'topic',
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '7',
  GIT_BRANCH: 'PR-7',
  CHANGE_BRANCH: 'topic',
  GIT_COMMIT: head,
  CIRCLE_SHA1: head,
  BUILDKITE_COMMIT: head,
  BUILD_SOURCEVERSION: trial,
  BUILD_SOURCEBRANCH: 'refs/pull/7/merge',
  SYSTEM_PULLREQUEST_SOURCECOMMITID: head,
  SYSTEM_PULLREQUEST_SOURCEBRANCH: 'refs/heads/topic',
  SYSTEM_PULLREQUEST_ISFORK: 'False',
}
/** In the words of each CI. */
const ended = (how: 'failed' | 'passed') => ({
  STATUS: how === 'failed' ? 'FAILURE' : 'success',
  CI_JOB_STATUS: how === 'failed' ? 'failed' : 'success',
  AGENT_JOBSTATUS: how === 'failed' ? 'Failed' : 'Succeeded',
  BUILDKITE_COMMAND_EXIT_STATUS: how === 'failed' ? '2' : '0',
})
const has = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => existsSync(path.join(folder, program)))
const jobOf = (line: string): string => /job=([^&"]+)/.exec(line)![1]!

test('the page has a line for each of them', () =>
  expect(lines.map(jobOf).toSorted()).toEqual(
    [
      '$BUILDKITE_STEP_KEY',
      '$CIRCLE_JOB',
      '$CI_JOB_NAME_SLUG',
      '$GITHUB_JOB',
      '$JOB_BASE_NAME',
      '$SYSTEM_JOBNAME',
      'deploy',
      'test',
    ].toSorted(),
  ))

let count = 0
/** The line as a shell of CI runs it, in a folder with a report or without; what the delivery was read as. */
const told = async (line: string, set: object, report: boolean, token = made.made.token) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'viewport-ci-'))
  if (report) await writeFile(path.join(folder, 'junit.xml'), junit.replaceAll('prices', `printed${++count}`))
  const env = { PATH: process.env.PATH, ...set, VIEWPORT_CI: token, VIEWPORT_CI_URL: made.connection.url }
  const { stdout } = await promisify(execFile)('sh', ['-euc', line], { cwd: folder, env, encoding: 'utf8' })
  const came = JSON.parse(stdout)
  expect(came).toMatchObject({ delivery: expect.stringMatching(/^dlv_/), repeat: false })
  return vi.waitFor(
    async () => {
      const { body } = await acme.admin.get(`/api/deliveries/${came.delivery}`)
      expect(body.state).not.toBe('stored')
      return body.eventRead
    },
    { timeout: 20_000 },
  )
}
const ofCi = lines.filter((line) => line.includes('provider='))

describe.skipIf(!process.env.CI && !has('curl'))('as it is printed', () => {
  test.each(lines)('tells of a build that failed, and of nobody who has another token: %s', async (line) => {
    const read = await told(line, { ...pushed, ...ended('failed') }, true)
    const branch = ofCi.includes(line) ? 'topic' : 'main'
    expect(read).toMatchObject({ event: 'build_failed', fields: { repo: 'acme/shop', commit, branch, fork: false } })
    await expect(told(line, { ...pushed, ...ended('failed') }, true, 'not-the-token-of-it')).rejects.toMatchObject({
      stderr: expect.stringContaining('401'),
      stdout: expect.stringContaining('the token is not the one of this connection'),
    })
  })
  test.each(ofCi)(
    'tells of a build that failed before there was a report, and of one that passed: %s',
    async (line) => {
      const failed = await told(line, { ...pushed, ...ended('failed') }, false)
      expect(failed).toMatchObject({ event: 'build_failed', fields: { tests: [] } })
      expect(await told(line, { ...pushed, ...ended('passed') }, false)).toMatchObject({ event: 'build_passed' })
    },
  )
  test.each(ofCi)('tells of a pull request by the branch and the commit that were pushed: %s', async (line) => {
    const read = await told(line, { ...pulled, ...ended('failed') }, true)
    expect(read).toMatchObject({ fields: { commit: head, branch: 'topic', fork: false } })
  })
  test('GitLab tells that it built a fork, and so do the others that know', async () => {
    const forks = {
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '9',
      CHANGE_FORK: 'stranger',
      CIRCLE_PR_NUMBER: '7',
      SYSTEM_PULLREQUEST_ISFORK: 'True',
    }
    for (const line of ofCi.filter((one) => one.includes('fork=')))
      expect(await told(line, { ...pulled, ...ended('failed'), ...forks, GIT_COMMIT: trial }, true)).toMatchObject({
        actor: { trust: 'outsider' },
        fields: { fork: true },
      })
  })
})
