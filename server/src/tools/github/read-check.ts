/** What do checks, suites of checks, runs of GitHub's own workflows and statuses say? Only that something failed is of use. */
import { z } from 'zod'
import type { Reading, Said, Somebody } from '../port.ts'
import type { Again, Reader } from './again-form.ts'
import { intentOf } from '@viewportai/core/tools/github/own-check'
import { Repository, User } from '@viewportai/core/tools/github/payload'
import { instant } from '@viewportai/core/tools/github/instant'
import { fieldText, somebody } from './said.ts'

const failing = new Set(['failure', 'timed_out', 'startup_failure', 'error'])
const text = z.string().nullish()
const App = z.object({ id: z.number(), slug: text, name: text }).nullish()

const Told = z.object({
  action: text,
  repository: Repository,
  sender: User.nullish(),
  check_run: z
    .object({
      id: z.number(),
      name: z.string(),
      conclusion: text,
      head_sha: z.string(),
      html_url: text,
      external_id: text,
      completed_at: text,
      app: App,
      check_suite: z.object({ head_branch: text }).nullish(),
      output: z.object({ title: text, summary: text }).nullish(),
    })
    .nullish(),
  check_suite: z
    .object({ id: z.number(), conclusion: text, head_branch: text, head_sha: z.string(), updated_at: text, app: App })
    .nullish(),
  workflow_run: z
    .object({
      id: z.number(),
      name: text,
      conclusion: text,
      head_branch: text,
      head_sha: z.string(),
      html_url: text,
      updated_at: text,
      run_attempt: z.number().nullish(),
      actor: User.nullish(),
      triggering_actor: User.nullish(),
      head_repository: z.object({ id: z.number() }).nullish(),
    })
    .nullish(),
  // A status says these at the top.
  id: z.number().nullish(),
  state: text,
  context: text,
  description: text,
  sha: text,
  target_url: text,
  updated_at: text,
  branches: z.array(z.object({ name: z.string() })).nullish(),
})

/** One failed thing, whichever of the four told it. */
type Failed = {
  id: string
  conclusion: string
  check: string
  app: string | null
  branch: string | null
  sha: string
  url: string | null
  at: string | null
  says: string
  ours: boolean
  /** Is it about the code of another repository? Undefined: that is not told. */
  fork: boolean | undefined
  authors: Somebody[]
}

const owner: Somebody = { id: 'fork', name: 'the owner of the fork', standing: 'outsider' }

export const readCheck: Reader = (payload, kind, again, settings): Reading => {
  const told = Told.parse(payload)
  if (kind !== 'status' && told.action !== 'completed')
    return {
      ignored: `Nothing can listen to ${kind}.${told.action ?? 'nothing'} of GitHub; a failed one is told when it is completed.`,
    }
  const found = failedIn(told, kind, again, settings)
  if (found === null) return { unreadable: `${kind} of GitHub names no check.` }
  if (!failing.has(found.conclusion))
    return {
      ignored: `${short(found.check)} ended with ${short(found.conclusion) || 'nothing'}; only failures are events.`,
    }
  // GitHub's own workflows tell a run of a workflow, and the suite around it once more.
  if (kind === 'check_suite' && found.app === 'github-actions')
    return { ignored: 'A suite of GitHub Actions: its workflow run tells the same.' }
  return { said: saidOf(told.repository, told.sender ?? null, found) }
}

const failedIn = (
  told: z.infer<typeof Told>,
  kind: string,
  again: Again,
  settings: Readonly<Record<string, string>>,
): Failed | null => {
  const { check_run: run, check_suite: suite, workflow_run: flow } = told
  const none = { app: null, url: null, says: '', ours: false, authors: [], fork: undefined }
  if (kind === 'check_run' && run)
    return {
      ...none,
      id: `check_run:${run.id}`,
      conclusion: run.conclusion ?? '',
      check: run.name,
      app: run.app?.slug ?? run.app?.name ?? null,
      branch: run.check_suite?.head_branch ?? null,
      sha: run.head_sha,
      url: run.html_url ?? null,
      at: run.completed_at ?? null,
      says: [run.output?.title, run.output?.summary].filter(Boolean).join('\n\n'),
      ours: intentOf(run, settings) !== null,
      fork: again.head && again.head.repository !== told.repository.id,
      authors: [programOf(run.app)],
    }
  if (kind === 'check_suite' && suite)
    return {
      ...none,
      id: `check_suite:${suite.id}:${suite.updated_at ?? ''}`,
      conclusion: suite.conclusion ?? '',
      check: suite.app?.name ?? 'checks',
      app: suite.app?.slug ?? null,
      branch: suite.head_branch ?? null,
      sha: suite.head_sha,
      at: suite.updated_at ?? null,
      authors: [programOf(suite.app)],
    }
  if (kind === 'workflow_run' && flow)
    return {
      ...none,
      id: `workflow_run:${flow.id}:${flow.run_attempt ?? 1}`,
      conclusion: flow.conclusion ?? '',
      check: flow.name ?? 'workflow',
      app: 'github-actions',
      branch: flow.head_branch ?? null,
      sha: flow.head_sha,
      url: flow.html_url ?? null,
      at: flow.updated_at ?? null,
      fork: isOfAnother(flow, told.repository),
      authors: [flow.actor, flow.triggering_actor].flatMap((user) => (user ? [somebody(user, null)] : [])),
    }
  if (kind === 'status' && typeof told.id === 'number' && told.sha)
    return {
      ...none,
      id: `status:${told.id}`,
      conclusion: told.state ?? '',
      check: told.context ?? 'status',
      branch: told.branches?.[0]?.name ?? null,
      sha: told.sha,
      url: told.target_url ?? null,
      at: told.updated_at ?? null,
      says: told.description ?? '',
      // Whoever may report statuses writes what it says, for the most part a program: it is nobody we know.
      authors: [{ id: 'status', name: told.context ?? 'a status', standing: 'unknown' }],
    }
  return null
}

type App = z.infer<typeof App>
/** The App that reported it: what it says is its own. */
const programOf = (app: App): Somebody => ({
  id: `app/${app?.id ?? 0}`,
  name: app?.name ?? 'an app',
  standing: 'bot',
})

/** Was the code of another repository built? One that is gone may have been anybody's. Undefined: that is not told. */
const isOfAnother = (
  { head_repository: head }: NonNullable<z.infer<typeof Told>['workflow_run']>,
  { id }: z.infer<typeof Repository>,
): boolean | undefined => (head === undefined ? undefined : head === null || head.id !== id)

const saidOf = (repository: z.infer<typeof Repository>, user: z.infer<typeof User> | null, found: Failed): Said => ({
  event: 'check_failed',
  id: `check_failed:${repository.id}:${found.id}`,
  at: instant(found.at),
  actor: somebody(user, null),
  authors: found.fork === true ? [...found.authors, owner] : found.authors,
  subject: {
    label: `${repository.full_name}@${found.sha.slice(0, 7)}`,
    title: `${found.check} failed${found.branch ? ` on ${found.branch}` : ''}`,
    url: found.url,
    ref: `${repository.full_name}@${found.sha}`,
  },
  fields: {
    repo: repository.full_name,
    branch: found.branch,
    check: fieldText(found.check),
    app: found.app,
    conclusion: found.conclusion,
    fork: found.fork,
  },
  fork: found.fork ?? false,
  text: found.says || `${found.check} ended with ${found.conclusion} at ${found.sha}.`,
  ours: found.ours,
})

const short = (word: string): string => word.slice(0, 80)
