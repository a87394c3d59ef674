/**
 * How did the checks of a commit at GitHub go?
 * Check runs and statuses alike. Names and words that somebody chose are names and no sentences; what was not looked at has not passed.
 */
import { z } from 'zod'
import type { CheckSeen } from '../../run/pull-seen.ts'
import { address, joined, notSeen, plainName, short } from '../forge-sight.ts'
import { revealed } from '../../policy/hidden.ts'
import { intentOf } from './own-check.ts'
import { limitIn, messageIn, type Came } from './rest.ts'
import type { Spot } from './seen-spot.ts'

const text = z.string().nullish()
const CheckRun = z.object({
  id: z.number(),
  name: z.string(),
  status: text,
  conclusion: text,
  html_url: text,
  external_id: text,
  app: z.object({ id: z.number().nullish(), slug: text }).nullish(),
  output: z.object({ title: text, summary: text }).nullish(),
})
const Status = z.object({ context: z.string(), state: z.string(), target_url: text })
const many = z.number().optional()
const Annotation = z.object({ path: text, start_line: z.number().nullish(), message: text })

const bad = new Set(['failure', 'timed_out', 'startup_failure', 'cancelled', 'action_required', 'error'])
/** Its own words are taken of the repository's own CI alone; what another app says of a check is text of nobody here. */
const ownCi = 'github-actions'

export const checksSeen = async (spot: Spot, head: string): Promise<{ seen: CheckSeen[]; unseen: string | null }> => {
  const at = `/repos/${spot.repo}/commits/${head}`
  const [runs, statuses] = await Promise.all([
    spot.ask('GET', `${at}/check-runs?per_page=100`),
    spot.ask('GET', `${at}/status?per_page=100`),
  ])
  const unseen = [
    refusedWords('check runs', runs, 'an App with the permission Checks: read, or a classic token with the scope repo'),
    // To whom it does not show these GitHub says 403; a server that has none says 404.
    statuses.status === 404 ? null : refusedWords('statuses', statuses, 'the permission Commit statuses: read'),
  ].filter((one) => one !== null)
  const ran = z.object({ total_count: many, check_runs: z.array(CheckRun) }).safeParse(runs.body).data
  const told = z.object({ total_count: many, statuses: z.array(Status) }).safeParse(statuses.body).data
  const ofRuns = await Promise.all((ran?.check_runs ?? []).slice(0, 100).map((one) => checkOf(spot, one)))
  const ofStatuses = (told?.statuses ?? []).slice(0, 100).map(({ context, state, target_url: url }): CheckSeen => ({
    name: plainName(context),
    state: state === 'pending' ? 'running' : bad.has(state) ? 'failed' : 'passed',
    conclusion: short(state, 80),
    url: address(url),
    text: '',
    intent: null,
  }))
  const beyond =
    Math.max(0, (ran?.total_count ?? 0) - ofRuns.length) + Math.max(0, (told?.total_count ?? 0) - ofStatuses.length)
  return {
    // What was not looked at has not passed.
    seen: [...ofRuns, ...ofStatuses, ...notSeen(beyond)],
    unseen: unseen.length === 0 ? null : unseen.join(' '),
  }
}

/** A no to one of the two questions. Whether what it hides passed nobody knows; a limit or a fault is asked again later. */
const refusedWords = (what: string, came: Came, needs: string): string | null => {
  if (came.status === 200) return null
  if (limitIn(came) !== null || (came.status !== 403 && came.status !== 404))
    throw new Error(`GitHub answered ${came.status} about the checks`)
  const said = messageIn(came.body)
  return `GitHub does not show the ${what} (${came.status}${said ? `: ${short(said, 80)}` : ''}): the connection needs ${needs}.`
}

const checkOf = async (spot: Spot, one: z.infer<typeof CheckRun>): Promise<CheckSeen> => {
  const state = one.status !== 'completed' ? 'running' : bad.has(one.conclusion ?? '') ? 'failed' : 'passed'
  const words =
    state === 'failed' && one.app?.slug === ownCi
      ? [one.output?.title, one.output?.summary, ...(await annotationsOf(spot, one.id))]
      : []
  return {
    name: one.app?.slug === ownCi ? oneLine(one.name) : plainName(one.name),
    state,
    conclusion: short(one.conclusion ?? '', 80),
    url: address(one.html_url),
    text: joined(words, '\n', 4_000),
    intent: intentOf(one, spot.settings),
  }
}

/** A job's name is of the repository's own workflows; it is shown on one line, with what a reader would not see. */
const oneLine = (name: string): string => short(revealed(name).replace(/\s+/g, ' '), 200)

/** Where it failed, as far as the check says it. */
const annotationsOf = async ({ ask, repo }: Spot, check: number): Promise<string[]> => {
  const came = await ask('GET', `/repos/${repo}/check-runs/${check}/annotations?per_page=20`)
  const read = z.array(Annotation).safeParse(came.body)
  return came.status === 200 && read.success
    ? read.data.map(({ path, start_line: line, message }) => `${path ?? ''}:${line ?? 0} ${message ?? ''}`)
    : []
}
