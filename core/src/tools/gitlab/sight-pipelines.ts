/**
 * Which pipelines of a merge request does its pushed commit not tell of: those of merged results, of merge trains, and children?
 * The first two run on a commit that GitLab makes; that has the pushed one among its parents, or nobody can tell what it was made of. A child's jobs
 * count where GitLab does not count them: its parent need not wait for it. https://docs.gitlab.com/ci/pipelines/merge_request_pipelines
 */
import { z } from 'zod'
import { messageIn, type Came } from './ask.ts'
import { instant } from './instant.ts'
import { listed, type Spot } from './sight-ask.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
const text = maybe(z.string())
const Pipeline = z.object({ id: z.int(), sha: z.string(), ref: text, created_at: text, web_url: text })
type Pipeline = z.infer<typeof Pipeline>
const Commit = z.object({ parent_ids: z.array(z.string()) })
const Version = z.object({ head_commit_sha: text, created_at: z.string() })
const Bridge = z.object({
  name: z.string(),
  status: z.string(),
  allow_failure: maybe(z.boolean()),
  web_url: text,
  downstream_pipeline: maybe(z.object({ id: z.int(), status: z.string(), web_url: text })),
})
type Bridge = z.infer<typeof Bridge>

/** A job of it, or a pipeline that one set off, as `sight-checks.ts` counts statuses. */
export type BesideJob = {
  readonly id: number
  readonly name: string
  readonly status: string
  readonly target_url: string | null
  readonly allow_failure: boolean | null
  readonly pipeline_id: number | null
  readonly ref: null
  readonly author: null
}
/** `isCut`: more jobs than are looked at. `unseen`: which of them nobody can tell about, sentences. */
export type Beside = { readonly jobs: BesideJob[]; readonly isCut: boolean; readonly unseen: string[] }

/** The newest of a kind is looked at, and so many merge commits at most to find it. */
const commitsAtMost = 5
/** Pipelines whose children are looked for, children with theirs included. */
const familyAtMost = 12

/** `head`: the pushed commit. */
export const besideJobs = async (spot: Spot, head: string): Promise<Beside> => {
  const came = await spot.ask('GET', `${spot.mr}/pipelines?per_page=50`)
  const read = z.array(Pipeline).safeParse(came.body)
  if (came.status !== 200 || !read.success)
    return { jobs: [], isCut: false, unseen: [noWords('the pipelines of the merge request', came)] }
  const all = read.data.toSorted((a, b) => b.id - a.id)
  const onHead = firstOfEach(all.filter((one) => one.sha === head))
  const { made, unseen } = await madeOf(spot, all, head)
  const jobs: BesideJob[] = []
  let isCut = false
  for (const one of made) {
    const held = await listed(spot.ask, `${spot.project}/pipelines/${one.id}/jobs`, Job)
    jobs.push(...held.all.map((job) => besideJob(one.id, job)))
    isCut ||= held.isCut
  }
  const children = await childrenOf(spot, [...onHead, ...made], made)
  return { jobs: [...jobs, ...children.jobs], isCut, unseen: [...unseen, ...children.unseen] }
}

const Job = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  allow_failure: maybe(z.boolean()),
  web_url: text,
})
const besideJob = (pipeline: number | null, { web_url: url, ...job }: z.infer<typeof Job>): BesideJob => ({
  ...job,
  target_url: url,
  pipeline_id: pipeline,
  ref: null,
  author: null,
})

const firstOfEach = (all: readonly Pipeline[]): Pipeline[] =>
  all.filter((one, at) => all.findIndex((other) => other.ref === one.ref) === at)

/** Those that run on a commit which GitLab made of the pushed one: the newest of merged results, and the newest of a train. */
const madeOf = async (
  spot: Spot,
  all: readonly Pipeline[],
  head: string,
): Promise<{ made: Pipeline[]; unseen: string[] }> => {
  const made: Pipeline[] = []
  const unseen: string[] = []
  for (const [kind, called] of [
    ['merge', 'of merged results'],
    ['train', 'of a merge train'],
  ] as const) {
    const some = all.filter((one) => one.sha !== head && madeAt.exec(one.ref ?? '')?.[1] === kind)
    for (const one of some.slice(0, commitsAtMost)) {
      const parents = Commit.safeParse((await spot.ask('GET', `${spot.project}/repository/commits/${one.sha}`)).body)
      if (parents.data?.parent_ids.includes(head)) {
        made.push(one)
        break
      }
      if (!(await isBefore(spot, one, head))) {
        unseen.push(`Pipeline ${one.id} ${called} runs on a commit that does not say what it was made of.`)
        break
      }
    }
  }
  return { made, unseen }
}
const madeAt = /^refs\/merge-requests\/\d{1,10}\/(merge|train)$/

/** Was it begun before the commit was pushed? Then it is of one before. */
const isBefore = async (spot: Spot, { created_at: created }: Pipeline, head: string): Promise<boolean> => {
  const { all } = await listed(spot.ask, `${spot.mr}/versions`, Version)
  const since = all
    .filter((one) => one.head_commit_sha === head)
    .map((one) => instant(one.created_at) ?? Infinity)
    .toSorted((a, b) => a - b)[0]
  return since !== undefined && (instant(created) ?? Infinity) < since
}

/** What their jobs set off in the same project, and what that set off. Of those in `made` the jobs that set something off count themselves: no commit tells them. */
const childrenOf = async (
  { ask, project }: Spot,
  roots: readonly Pipeline[],
  made: readonly Pipeline[],
): Promise<Pick<Beside, 'jobs' | 'unseen'>> => {
  const jobs: BesideJob[] = []
  const left = roots.map(({ id, web_url: url }) => ({ id, url, isMade: made.some((one) => one.id === id) }))
  for (let looked = 0; left.length > 0; looked++) {
    if (looked === familyAtMost) return { jobs, unseen: ['There are more child pipelines than are looked at.'] }
    const { id, url, isMade } = left.shift()!
    const came = await ask('GET', `${project}/pipelines/${id}/bridges?per_page=100`)
    const read = z.array(Bridge).safeParse(came.body)
    // A server from before child pipelines does not know the list.
    if (came.status === 404) continue
    if (came.status !== 200 || !read.success) return { jobs, unseen: [noWords(`what pipeline ${id} set off`, came)] }
    for (const bridge of read.data) {
      if (isMade) jobs.push(jobOf(bridge.name, bridge.status, bridge.web_url, bridge))
      const child = bridge.downstream_pipeline
      // What runs in another project is of that project: the job that set it off says how it ended, where it waits.
      if (child === null || homeOf(child.web_url) !== homeOf(url)) continue
      jobs.push(jobOf(`${bridge.name} (child pipeline)`, child.status, child.web_url, bridge))
      left.push({ id: child.id, url: child.web_url, isMade: true })
    }
  }
  return { jobs, unseen: [] }
}

const jobOf = (name: string, status: string, url: string | null, bridge: Bridge): BesideJob =>
  besideJob(null, { id: 0, name, status, allow_failure: bridge.allow_failure, web_url: url })

/** The address of the project that a pipeline's page is of. */
const homeOf = (url: string | null): string | null => /^(.*?)\/(?:-\/)?pipelines\/\d+$/.exec(url ?? '')?.[1] ?? null

const noWords = (what: string, { status, body }: Came): string =>
  `GitLab does not show ${what} (${status}${messageIn(body) ? `: ${messageIn(body).slice(0, 100)}` : ''}).`
