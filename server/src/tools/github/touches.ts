/**
 * Which pull request, or which commit, does a delivery of GitHub name?
 * It only says where to look: what happened is asked, and not believed.
 */
import { z } from 'zod'
import type { Tool } from '../port.ts'
import { payloadOf } from './read.ts'

const numbered = z.object({ number: z.number() }).nullish()
const headed = z.object({ head_sha: z.string() }).nullish()
const Told = z.object({
  repository: z.object({ full_name: z.string() }),
  pull_request: numbered,
  issue: numbered,
  check_run: headed,
  check_suite: headed,
  workflow_run: headed,
  sha: z.string().nullish(),
  after: z.string().nullish(),
})

export const touches: NonNullable<Tool['touches']> = (delivery) => {
  const payload = payloadOf(delivery)
  const read = typeof payload === 'string' ? null : Told.safeParse(payload)
  if (!read?.success) return []
  const {
    repository,
    pull_request: pull,
    issue,
    check_run: run,
    check_suite: suite,
    workflow_run: flow,
    sha,
    after,
  } = read.data
  const at = repository.full_name
  return [
    ...[pull, issue].flatMap((one) => (one ? [`${at}#${one.number}`] : [])),
    ...[run?.head_sha, suite?.head_sha, flow?.head_sha, sha].flatMap((head) => (head ? [`${at}@${head}`] : [])),
    // A push may be the one that takes a merge back.
    ...(after ? [`${at}@`] : []),
  ]
}
