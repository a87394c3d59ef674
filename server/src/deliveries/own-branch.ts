/**
 * Is an event told of a branch that a run of ours writes?
 * Its push, and the builds that follow from it, are the run's own doing, whoever's token it pushed with: they come back into that run by its watched
 * pull request, and start a workflow only where that takes events of runs. Told by branch and repository, which no name or marker decides.
 */
import { trimmed } from '@viewportai/core/trimmed'
import { onBranch, type OnBranch } from '@viewportai/core/event/on-branch'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { Tx } from '../database/tenant.ts'

/** The run whose branch it is. `where`: the branch, commit or pull request as a person reads it. `branch`: its name, where another was told or none. */
export type OwnBranch = {
  readonly run: string
  readonly number: number
  readonly where: string
  readonly branch: string | null
}

const byBranch = {
  name: 'run of branch',
  text: `select run, number, spec -> 'pins' -> 'repos' as repos from vp.runs where workspace = $1 and branch = $2 order by number`,
}
// A commit that a run pushed, of which its check says no branch.
const byCommit = {
  name: 'run of commit',
  text: `select r.run, r.number, r.spec -> 'pins' -> 'repos' as repos from vp.touched t join vp.runs r on r.workspace = $1 and r.run = t.run
    where t.workspace = $1 and t.tool = 'git' and t.ref = $2 order by r.number`,
}
// A trial merge of a pull request that a run opened, told by its number alone.
const byPull = {
  name: 'run of pull',
  text: `select r.run, r.number, r.branch from vp.watches w join vp.runs r on r.workspace = $1 and r.run = w.run
    where w.workspace = $1 and lower(w.ref) = lower($2) order by r.number limit 1`,
}
type Found = { run: string; number: number; repos: { name: string; url: string }[] }

/** The run that writes what this event is told of, or null. */
export const ownBranch = async (tx: Tx, event: TriggerEvent): Promise<OwnBranch | null> => {
  const told = onBranch(event)
  if (told === null) return null
  const { repo, ref, commit, pull } = told
  if (pull !== null) {
    const name = `${repo}${pull.mark}${pull.number}`
    const { rows } = await tx.query<{ run: string; number: number; branch: string }>(byPull, [tx.workspace, name])
    const [of] = rows
    if (of) return { run: of.run, number: of.number, where: name, branch: of.branch.replace('refs/heads/', '') }
  }
  // A run writes nothing but branches below vp/, so that every other event costs no question.
  if (ref === null ? commit === null : !ref.startsWith('refs/heads/vp/')) return null
  const { rows } = await tx.query<Found>(ref === null ? byCommit : byBranch, [tx.workspace, ref ?? commit])
  const own = rows.find(({ repos }) => repos.some((one) => isSame(one, told)))
  const where = ref === null ? `the commit ${commit!.slice(0, 7)}` : `the branch ${ref.slice('refs/heads/'.length)}`
  const branch = ref === null ? null : ref.slice('refs/heads/'.length)
  return own ? { run: own.run, number: own.number, where, branch } : null
}

/** By the name that it has here, or by the path of its address. */
const isSame = ({ name, url }: Found['repos'][number], { repo }: OnBranch): boolean => {
  const wanted = repo.toLowerCase()
  return name.toLowerCase() === wanted || pathOf(url) === wanted
}
const pathOf = (url: string): string =>
  trimmed((URL.canParse(url) ? new URL(url).pathname : url.replace(/^[^:]*:/, '')).toLowerCase(), '/').replace(
    /\.git$/,
    '',
  )

/** The same event as the run's own doing, and the next link of its chain. What agents and builds wrote may quote anybody, so its text is outside text. */
export const asOwn = (event: TriggerEvent, { run, branch }: OwnBranch): TriggerEvent => ({
  ...event,
  ...(branch !== null && { fields: { ...event.fields, branch } }),
  actor: { ...event.actor, trust: 'self', person: null, teams: [] },
  outsideText: true,
  cause: { run, depth: 1 },
})

/** What the why page says of it. */
export const ownWords = ({ number, where }: OwnBranch): string =>
  `It is told of ${where}, which run ${number} writes, so it counts as that run's own doing.`

/** A number of a pull request in place of a branch, where no run opened that one: what the why page says. Null: a branch was told, or none. */
export const strangePullWords = (event: TriggerEvent): string | null => {
  const pull = onBranch(event)?.pull ?? null
  return pull === null
    ? null
    : `It names no branch but ${String(event.fields['branch'])}, and no run here opened ${String(event.fields['repo'])}${pull.mark}${pull.number}: conditions on a branch do not fit it. Let CI send the branch and the commit of the pull request's head.`
}
