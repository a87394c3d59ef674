/**
 * What does a delivery of CI say happened?
 * It is the build system's own word: no person stands behind it, and what tests print may be anybody's, so its text is outside text. A build of a fork is an outsider's.
 */
import { createHash } from 'node:crypto'
import { branchTold } from '@viewportai/core/event/branch-told'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Reading, Said, Somebody, StoredDelivery } from '../port.ts'
import { queryHeader } from '../port.ts'
import type { Test } from './junit.ts'
import { buildNumber, readReport, type Report } from './report.ts'

export const read = ({ headers, body, part }: StoredDelivery, connection: KnownConnection): Reading => {
  const query = headers[queryHeader] ?? ''
  const read = readReport(body, query)
  if ('why' in read) return { unreadable: `${read.where}: ${read.why}.` }
  const report = { ...read, one: read.build ?? contentOf(body, query) }
  if (report.status === 'cancelled')
    return { ignored: 'The build was stopped, or not built at all, before it ended: it neither failed nor passed.' }
  const flaky = /^flaky:(\d{1,2})$/.exec(part ?? '')?.[1]
  if (flaky === undefined) return { said: buildSaid(report, connection) }
  const test = report.flaky[Number(flaky)]
  return test
    ? { said: flakySaid(report, connection, test) }
    : { unreadable: 'It tells of no flaky test of that number.' }
}

/** A build that has no name of its own is what was told of it, with the times and words of a report: the same job may fail at the same commit twice. */
const contentOf = (body: Buffer, query: string): string =>
  `content ${createHash('sha256').update(`${query}\n`).update(body).digest('hex')}`

/** `one`: what tells this build from another one of the same job and commit. */
type Told = Report & { readonly one: string }

const events: Readonly<Record<string, string>> = {
  failed: 'build_failed',
  passed: 'build_passed',
  fixed: 'build_fixed',
}

/** Who tells it: the connection itself, which an admin set up; for a fork's code nobody vouches. */
const teller = ({ fork }: Report, { id, name }: KnownConnection): Somebody =>
  fork ? { id: `${id}/fork`, name: `a fork, by ${name}`, standing: 'outsider' } : { id, name, standing: 'source' }

/** A pull request's number stays as it was told: which branch it has is not known here. */
const branchOf = ({ branch }: Report): string | undefined =>
  branch === undefined ? undefined : (branchTold(branch).branch ?? branch)

/**
 * What decides whose build it is, and which workflows it may start. Whatever runs in the job may tell of its own build before its last step does: as a
 * fork's, or as another branch's. That is another event, so that the true one is no repeat of it. Jenkins counts its builds for each branch and pull request, too.
 */
const builtOf = ({ fork, branch, stage, provider }: Report): unknown[] => {
  const told = branch === undefined ? null : branchTold(branch)
  return [
    fork ?? false,
    told?.branch ?? null,
    told?.pull?.mark ?? null,
    told?.pull?.number ?? null,
    stage ?? null,
    provider ?? null,
  ]
}

const common = (report: Told, connection: KnownConnection) => {
  const { repo, commit, job, leg, build, attempt, stage, provider, url, one } = report
  const short = commit.slice(0, 7)
  const branch = branchOf(report)
  return {
    at: null,
    actor: teller(report, connection),
    authors: [],
    label: `${repo}@${short}`,
    url: url ?? null,
    // By it a build is found again where it is to be run once more.
    ref: build === undefined ? `${repo}@${commit}` : `${repo}@${commit} build ${build} attempt ${attempt ?? 1}`,
    // As a list: what stands in one of them is never taken for the next.
    key: JSON.stringify([repo, commit, job ?? '', leg ?? null, one, attempt ?? '', ...builtOf(report)]),
    fields: {
      provider: provider ?? null,
      repo,
      branch: branch ?? null,
      job: job ?? null,
      leg: leg ?? null,
      stage: stage ?? null,
      commit,
      number: buildNumber(report),
      attempt: attempt ?? null,
      fork: report.fork ?? false,
      tests: report.failed.map((test) => test.name),
    },
    where: `${job ? `job ${job}` : 'the build'}${leg ? ` (${leg})` : ''} at ${repo}@${short}${branch ? ` on ${branch}` : ''}`,
  }
}

const buildSaid = (report: Told, connection: KnownConnection): Said => {
  const { label, url, ref, key, where, ...same } = common(report, connection)
  const { failed, count, status } = report
  const event = events[report.status]!
  const title =
    failed.length > 0
      ? `${failed.length === 1 ? failed[0]!.name : `${failed.length} tests`} failed in ${where}`
      : `${where[0]!.toUpperCase()}${where.slice(1)} ${status === 'fixed' ? 'passes again' : status}`
  return {
    ...same,
    event,
    id: idOf(event, key),
    subject: { label, title, url, ref },
    text: [
      `${title}${count === null ? '' : ` (${count} tests ran)`}.`,
      ...failed.slice(0, 50).map(words),
      ...(failed.length > 50 ? [`… and ${failed.length - 50} more.`] : []),
      report.text,
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  }
}

const flakySaid = (report: Told, connection: KnownConnection, test: Test): Said => {
  const { label, url, ref, key, where, ...same } = common(report, connection)
  return {
    ...same,
    event: 'test_flaked',
    id: idOf('test_flaked', JSON.stringify([key, test.name])),
    subject: { label, title: `${test.name} is flaky in ${where}`, url, ref },
    fields: { ...same.fields, test: test.name },
    text: words(test),
  }
}

const words = ({ name, message }: Test): string => (message === '' ? `- ${name}` : `- ${name}\n${message}`)

const idOf = (event: string, key: string): string =>
  `${event}:${createHash('sha256').update(key).digest('hex').slice(0, 40)}`
