/**
 * How did the checks of a commit end at GitLab: jobs of its pipelines, and what others report?
 * Words are taken of the repository's own jobs alone: why GitLab says that they failed, and which tests did.
 */
import { z } from 'zod'
import type { CheckSeen } from '../../run/pull-seen.ts'
import { address, joined, notSeen, plainName, short } from '../forge-sight.ts'
import { messageIn, nextPage } from './ask.ts'
import type { Account } from '../port.ts'
import { listed, type Spot } from './sight-ask.ts'
import { besideJobs } from './sight-pipelines.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const text = maybe(z.string())
const Status = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  target_url: text,
  allow_failure: maybe(z.boolean()),
  pipeline_id: maybe(z.int()),
  ref: text,
  author: maybe(z.object({ id: z.int() })),
})
type Status = z.infer<typeof Status>
const Job = z.object({ id: z.int(), name: z.string(), web_url: text, failure_reason: text })
const Report = z.object({
  test_suites: z.array(
    z.object({
      name: text,
      test_cases: z.array(z.object({ status: text, name: text, classname: text, system_output: z.unknown() })),
    }),
  ),
})

const running = new Set([
  'created',
  'pending',
  'waiting_for_resource',
  'preparing',
  'running',
  'scheduled',
  'canceling',
])
const bad = new Set(['failed', 'canceled'])
/** Of one that Viewport reported: its address holds an intent. Everybody may write one: only of our own account it says anything. */
const marked = /\/runs\/\d{1,9}#(int_[0-9a-z]{1,60}-\d{1,9})$/

export const checksOf = async (
  spot: Spot,
  head: string,
  account: Account | null,
): Promise<{ seen: CheckSeen[]; unseen: string | null }> => {
  const path = `${spot.project}/repository/commits/${head}/statuses`
  const came = await spot.ask('GET', `${path}?per_page=1`)
  if (came.status === 403 || came.status === 404)
    return {
      seen: [],
      unseen: `GitLab does not show the pipelines and statuses of the commit (${came.status}${said(came.body)}): the account of the token needs the role Developer in the project, and the token the scope api.`,
    }
  const [{ all: onCommit, isCut }, beside] = await Promise.all([listed(spot.ask, path, Status), besideJobs(spot, head)])
  const all: Status[] = [...inTheNewest(onCommit), ...beside.jobs]
  const [words, ends] = await Promise.all([wordsOf(spot, all.filter(isFailed)), endsOf(spot, all)])
  const blocking = all.filter(isBlocking).map((one) => plainName(one.name))
  const unseen = [
    ...beside.unseen,
    ...(blocking.length === 0
      ? []
      : [
          `${blocking.slice(0, 3).join(', ')} waits for somebody to start it at GitLab, and what comes after it has not run.`,
        ]),
  ]
  return {
    seen: [
      ...all.slice(0, 299).map((one) => ({
        ...checkOf(hasNotBegun(one, ends) ? { ...one, status: 'not begun' } : one, words.get(one.id)),
        intent: intentOf(one, account),
      })),
      ...notSeen(isCut || beside.isCut || all.length > 299 ? 'more' : 0),
    ],
    unseen: unseen.length === 0 ? null : short(unseen.join(' '), 500),
  }
}

/**
 * A pipeline that runs anew on the same commit: its jobs take the place of those of the same name in the one before, also while they run. Of
 * another branch it is another build, and a job that the new one does not have stays as it ended. GitLab lists them all.
 */
const inTheNewest = (all: readonly Status[]): Status[] => {
  const nameOf = ({ ref, name }: Status): string => JSON.stringify([ref, name])
  const newest = new Map<string, number>()
  for (const one of all) newest.set(nameOf(one), Math.max(newest.get(nameOf(one)) ?? 0, one.pipeline_id ?? 0))
  return all.filter((one) => (one.pipeline_id ?? 0) === newest.get(nameOf(one)))
}

/** A job that somebody must start, and that its pipeline waits for: one that may be left out may fail, too. */
const isBlocking = ({ status, allow_failure: allowed }: Status): boolean => status === 'manual' && allowed === false

/** How pipelines stand that hold jobs which have not begun: that they will begin is not said. */
const endsOf = async (spot: Spot, all: readonly Status[]): Promise<Map<number, unknown>> => {
  const ids = [...new Set(all.flatMap((one) => (one.status === 'created' ? (one.pipeline_id ?? []) : [])))]
  const told = await Promise.all(
    ids.slice(0, pipelinesAtMost).map(async (id) => {
      const { body } = await spot.ask('GET', `${spot.project}/pipelines/${id}`)
      return [id, (body as { status?: unknown } | null)?.status] as const
    }),
  )
  return new Map(told)
}
/** Its pipeline has ended without it, or waits for a person. */
const hasNotBegun = ({ status, pipeline_id: id }: Status, ends: ReadonlyMap<number, unknown>): boolean =>
  status === 'created' && ['success', 'failed', 'canceled', 'skipped', 'manual'].includes(String(ends.get(id ?? -1)))

const said = (body: unknown): string => (messageIn(body) ? `: ${messageIn(body)}` : '')
const isFailed = ({ status, allow_failure: allowed }: Status): boolean => bad.has(status) && allowed !== true

type Words = { readonly name: string; readonly text: string }

const intentOf = (one: Status, account: Account | null): string | null =>
  account !== null && String(one.author?.id ?? '') === account.id
    ? (marked.exec(one.target_url ?? '')?.[1] ?? null)
    : null

const checkOf = (one: Status, words: Words | undefined): Omit<CheckSeen, 'intent'> => ({
  name: words ? short(words.name, 300) : plainName(one.name),
  state: running.has(one.status) ? 'running' : isFailed(one) ? 'failed' : 'passed',
  conclusion: short(bad.has(one.status) && !isFailed(one) ? `${one.status}, which is allowed` : one.status, 80),
  url: address(one.target_url),
  text: isFailed(one) ? (words?.text ?? '') : '',
})

const pipelinesAtMost = 3

/** Of statuses that are jobs of the repository's own pipelines, by their number. */
const wordsOf = async (spot: Spot, failed: readonly Status[]): Promise<Map<number, Words>> => {
  const pipelines = [...new Set(failed.flatMap((one) => one.pipeline_id ?? []))].slice(0, pipelinesAtMost)
  const found = await Promise.all(pipelines.map((id) => jobsOf(spot, id)))
  return new Map(found.flat())
}

const jobsOf = async ({ ask, project }: Spot, pipeline: number): Promise<(readonly [number, Words])[]> => {
  const at = `${project}/pipelines/${pipeline}`
  const came = await ask('GET', `${at}/jobs?scope[]=failed&scope[]=canceled&per_page=100`)
  const jobs = z.array(Job).safeParse(came.body)
  if (came.status !== 200 || !jobs.success || nextPage(came) !== null) return []
  const report = await ask('GET', `${at}/test_report`).then(
    ({ body }) => Report.safeParse(body).data,
    () => undefined, // too long to be read: the names are told, and the words are not
  )
  return jobs.data.map(({ id, name, failure_reason: reason }) => {
    const tests = (report?.test_suites ?? [])
      .filter((suite) => suite.name === name)
      .flatMap((suite) => suite.test_cases)
    const cases = tests
      .filter(({ status }) => status === 'failed' || status === 'error')
      .map((one) =>
        joined([[one.classname, one.name].filter(Boolean).join(' '), outputOf(one.system_output)], '\n', 1_000),
      )
    return [id, { name, text: joined([reason, ...cases], '\n', 4_000) }] as const
  })
}

/** A report of Cucumber or of an older runner may tell an object. */
const outputOf = (output: unknown): string =>
  typeof output === 'string' ? output : output === null || output === undefined ? '' : JSON.stringify(output)
