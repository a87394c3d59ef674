/**
 * Which checks of other Apps, and which statuses, failed at the newest commit of a branch?
 * Told as their webhooks tell them. GitHub's own workflows are told by their runs; what was reported on older commits is not asked for.
 */
import { z } from 'zod'
import type { Ask, Came } from '@viewportai/core/tools/github/rest'
import type { FoundEvent } from './poll-found.ts'
import type { List } from './poll-pages.ts'

const CheckRun = z.looseObject({
  id: z.number(),
  conclusion: z.string().nullish(),
  completed_at: z.string().nullish(),
  app: z.looseObject({ slug: z.string().nullish() }).nullish(),
  check_suite: z.looseObject({}).nullish(),
})
const Status = z.looseObject({
  id: z.number(),
  url: z.string().nullish(),
  state: z.string(),
  updated_at: z.string(),
  creator: z.unknown().optional(),
})
const failing = new Set(['failure', 'timed_out', 'startup_failure', 'error'])
/** Their runs are asked for by themselves. */
const ownWorkflows = 'github-actions'

type Tell = (name: string, kind: string, payload: Record<string, unknown>) => FoundEvent

export const checkLists = (ask: Ask, repo: string, branch: string, tell: Tell): List[] => {
  const at = `/repos/${repo}/commits/${encodeURIComponent(branch)}`
  return [
    {
      name: 'checks',
      called: 'checks of other Apps (Checks: read, which an App and a classic token can have)',
      things: 'checks',
      ask: (etag) => ask('GET', `${at}/check-runs?status=completed&per_page=100`, { etag }),
      rows: (body) =>
        (z.object({ check_runs: z.array(z.unknown()) }).safeParse(body).data ?? { check_runs: [] }).check_runs,
      at: (row) => CheckRun.safeParse(row).data?.completed_at ?? null,
      placed: () => Infinity, // in no order: all of the commit are looked at
      async tell(row) {
        const { id, conclusion, app, check_suite: suite } = CheckRun.parse(row)
        if (!failing.has(conclusion ?? '') || app?.slug === ownWorkflows) return []
        const run = { ...(row as object), check_suite: { ...suite, head_branch: branch } }
        const sender = app?.slug ? await botOf(ask, app.slug) : null
        return [tell(`check_run:${repo}:${id}`, 'check_run', { action: 'completed', check_run: run, sender })]
      },
    },
    {
      name: 'statuses',
      called: 'statuses (Commit statuses: read)',
      things: 'statuses',
      ask: (etag) => ask('GET', `${at}/statuses?per_page=100`, { etag }),
      rows: (body) => (Array.isArray(body) ? (body as unknown[]) : []),
      at: (row) => Status.safeParse(row).data?.updated_at ?? null,
      async tell(row) {
        const { id, url, state, creator: sender = null } = Status.parse(row)
        const sha = /\/([0-9a-f]{40,64})$/.exec(url ?? '')?.[1]
        if (!failing.has(state) || sha === undefined) return []
        return [
          tell(`status:${repo}:${id}`, 'status', { ...(row as object), sha, branches: [{ name: branch }], sender }),
        ]
      },
    },
  ]
}

/** The account that an App has: who sent its check. Null when GitHub does not show it: then nobody knows who did it. */
const botOf = async (ask: Ask, slug: string): Promise<unknown> => {
  const came: Came = await ask('GET', `/users/${encodeURIComponent(`${slug}[bot]`)}`)
  return came.status === 200 ? came.body : null
}
