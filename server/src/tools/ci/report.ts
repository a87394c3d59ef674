/**
 * What does a build system tell in one delivery?
 * A JSON status, or a JUnit report with the rest in the address. Both become one form; what contradicts itself is refused in words.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { issueWords } from '@viewportai/core/api/issue-words'
import { readStrictJson } from '../../http/strict-json.ts'
import { readJunit, type Test } from './junit.ts'

const text = (most: number) => z.string().trim().min(1).max(most)
const lower = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value)
const flag = z.preprocess(
  lower,
  z.union(
    [z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')],
    'it is neither true nor false',
  ),
)
const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.int().nonnegative())
const One = z
  .union([
    text(500).transform((name) => ({ name })),
    z.strictObject({ name: text(500), message: z.string().optional() }),
  ])
  .transform(({ name, message = '' }: { name: string; message?: string }): Test => ({
    name,
    message: message.slice(0, 2_000),
  }))
const empty = (value: unknown): unknown => (value === '' ? undefined : value)

/**
 * How a build ended, in the words of build systems, in any case. GitHub Actions and GitLab: `success`, `failure`, `cancelled`, `failed`, `canceled`;
 * Jenkins: `SUCCESS`, `UNSTABLE` (tests failed), `FAILURE`, `ABORTED`, `NOT_BUILT`; Azure Pipelines: `Succeeded`, `SucceededWithIssues`, `Failed`, `Canceled`.
 */
const endings = {
  failed: ['failed', 'failure', 'fail', 'error', 'errored', 'unstable', 'broken', 'timed_out', 'startup_failure'],
  passed: ['passed', 'success', 'succeeded', 'successful', 'pass', 'succeededwithissues'],
  fixed: ['fixed'],
  cancelled: ['cancelled', 'canceled', 'aborted', 'skipped', 'not_built'],
} as const
type Ending = keyof typeof endings
const meant = new Map(
  Object.entries(endings).flatMap(([ending, words]) =>
    words.map((word) => [word as string, ending as Ending] as const),
  ),
)
const endingOf = (word = ''): Ending | undefined => meant.get(word.trim().toLowerCase())
const Status = z
  .string()
  .max(60)
  .transform((word, context): Ending => {
    const ending = endingOf(word)
    if (ending !== undefined) return ending
    context.addIssue({ code: 'custom', message: `it is no end of a build; there are ${[...meant.keys()].join(', ')}` })
    return z.NEVER
  })

/** What CI may say, in the address or in a JSON body. An empty value is none, because a variable of CI may be empty. */
const Said = z.strictObject({
  repo: text(300).regex(/^[\w.-]+(\/[\w.-]+)+$/, 'it is not of the form owner/name'),
  commit: text(64).regex(/^[0-9a-f]{7,64}$/, 'it is not the id of a commit (7 to 64 digits and a to f)'),
  branch: z.preprocess(empty, text(500).optional()),
  job: z.preprocess(empty, text(300).optional()),
  /** Which of the jobs of a matrix: each ends for itself. */
  leg: z.preprocess(empty, text(300).optional()),
  stage: z.preprocess(empty, text(300).optional()),
  /** What the build system calls this build; the same again is the same event. */
  build: z.preprocess(empty, text(200).optional()),
  attempt: z.preprocess(empty, number.optional()),
  provider: z.preprocess(empty, text(60).optional()),
  /** Page of the build. */
  url: z.preprocess(
    empty,
    z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
  ),
  /** Does it build code of a fork? */
  fork: z.preprocess(empty, flag.optional()),
  status: z.preprocess(empty, Status.optional()),
  /** Words of the build, beside its tests. */
  text: z.string().max(100_000).optional(),
  tests: z.array(One).max(500).optional(),
  flaky: z.array(One).max(500).optional(),
})

export type Report = Omit<z.infer<typeof Said>, 'status' | 'tests' | 'flaky' | 'text'> & {
  readonly status: Ending
  readonly failed: readonly Test[]
  readonly flaky: readonly Test[]
  /** How many tests a report counts; null: it was no report of tests. */
  readonly count: number | null
  readonly text: string
}

/** By which number builds are told in order; null: `build` is no number, or was not told. */
export const buildNumber = ({ build }: Pick<Report, 'build'>): number | null =>
  build !== undefined && /^\d{1,15}$/.test(build) ? Number(build) : null

type Read = Report | { readonly where: string; readonly why: string }

/** Shorter bodies are read as fast as they are told apart. */
const longBody = 65_536
let last: { readonly of: string; readonly read: Read } | null = null

/**
 * The report, or where and why it cannot be taken. `query`: what stands behind the question mark of the address. A long one is read once for
 * all events that it tells of: they come one after the other.
 */
export const readReport = (body: Buffer, query: string): Read => {
  if (body.length < longBody) return readAnew(body, query)
  const of = createHash('sha256').update(`${query}\n`).update(body).digest('hex')
  if (last?.of !== of) last = { of, read: readAnew(body, query) }
  return last.read
}

const readAnew = (body: Buffer, query: string): Read => {
  const address = queryIn(query)
  if ('where' in address) return address
  const words = body.toString('utf8').replace(/^\uFEFF/, '')
  const isXml = words.trimStart().startsWith('<')
  const report = isXml ? readJunit(words) : null
  // A job that is killed leaves half a report: that it failed is worth more than its tests.
  const unread = typeof report === 'string' ? report : null
  if (unread !== null && endingOf(address.values['status']) !== 'failed') return { where: 'body', why: unread }
  const junit = typeof report === 'string' ? null : report
  const json = isXml || words.trim() === '' ? { ok: true as const, value: {} } : readStrictJson(words)
  if (!json.ok) return { where: 'body', why: `it is neither a JUnit report nor JSON: ${json.why}` }
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value))
    return { where: 'body', why: 'it is neither a JUnit report nor a JSON object' }
  const said = json.value as Record<string, unknown>
  const twice = Object.keys(said).find((name) => Object.hasOwn(address.values, name))
  if (twice !== undefined) return { where: twice.slice(0, 60), why: 'it stands in the address and in the body' }
  const read = Said.safeParse({ ...address.values, ...said })
  if (!read.success) {
    const issue = read.error.issues[0]!
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const where = unknown ?? (issue.path.map(String).join('.') || 'body')
    const known = Object.keys(Said.shape).join(', ')
    return {
      where: where.slice(0, 60),
      why: unknown === undefined ? issueWords(issue) : `there is no such word; there are ${known}`,
    }
  }
  const { status, tests = [], flaky = [], text: more = '', ...rest } = read.data
  const failed = junit ? junit.failed : tests
  if (status === undefined && junit === null && tests.length === 0)
    return { where: 'status', why: 'it is needed when no tests are told: failed, passed, fixed or cancelled' }
  return {
    ...rest,
    // A job that goes on after its tests failed ends well, and they failed all the same. What was stopped says nothing of the rest.
    status: failed.length > 0 && status !== 'cancelled' ? 'failed' : (status ?? 'passed'),
    failed,
    flaky: junit ? junit.flaky : flaky,
    count: junit?.tests ?? null,
    text: unread === null ? more : `Its report could not be read: ${unread}.`,
  }
}

const queryIn = (query: string): { values: Record<string, string> } | { where: string; why: string } => {
  const values: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(query)) {
    if (Object.hasOwn(values, name)) return { where: name.slice(0, 60), why: 'it stands twice in the address' }
    if (name === 'text' || name === 'tests' || name === 'flaky' || name === '__proto__')
      return { where: name, why: 'it may stand in a JSON body, not in the address' }
    values[name] = value
  }
  return { values }
}

const flakyAtMost = 20

/** What a report tells of, each an event of its own: the build, and every flaky test. */
export const partsOf = ({ flaky, status }: Report): string[] => [
  'build',
  ...(status === 'cancelled' ? [] : flaky).slice(0, flakyAtMost).map((_test, at) => `flaky:${at}`),
]
