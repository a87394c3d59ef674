/**
 * Whose code did a failed job of GitHub Actions build?
 * A job is told as a check, which names a branch and not the repository that it is of: a fork's may be called `main`, too. The run of the workflow says it.
 */
import { z } from 'zod'
import type { Ask } from '@viewportai/core/tools/github/rest'

/** The number of the repository whose code it was; null: it could not be told, or that repository is gone. */
export const HeadOf = z.object({ repository: z.number().nullable() })
export type HeadOf = z.infer<typeof HeadOf>

const Job = z.object({
  check_run: z.object({
    app: z.object({ slug: z.literal('github-actions') }),
    check_suite: z.object({ id: z.number() }),
  }),
})
const Runs = z.object({
  workflow_runs: z.array(z.object({ head_repository: z.object({ id: z.number() }).nullish() })),
})

/** What the run says, and why not (a sentence) when it says nothing; null: the payload is of no job. */
export const headOfJob = async (
  ask: Ask,
  at: string,
  payload: unknown,
): Promise<{ head: HeadOf; why: string | null } | null> => {
  const job = Job.safeParse(payload).data
  if (job === undefined) return null
  const unknown = (why: string) => ({
    head: { repository: null },
    why: `Whose code a job of ${at.slice('/repos/'.length)} built is not known (${why}; *Actions: read* shows it); it counts as a fork's.`,
  })
  try {
    const { status, body } = await ask(
      'GET',
      `${at}/actions/runs?check_suite_id=${job.check_run.check_suite.id}&per_page=1`,
    )
    const [run] = (status === 200 ? Runs.safeParse(body).data : undefined)?.workflow_runs ?? []
    if (run === undefined) return unknown(status === 200 ? 'GitHub tells no run of it' : `GitHub answered ${status}`)
    return { head: { repository: run.head_repository?.id ?? null }, why: null }
  } catch (error) {
    return unknown((error as Error).message.slice(0, 200))
  }
}
