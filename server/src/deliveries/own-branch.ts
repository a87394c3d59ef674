/**
 * Is an event told of a branch that a run of ours writes?
 * Its push, and the builds that follow from it, are the run's own doing, whoever's token it pushed with: they come back into that run by its watched
 * pull request, and start a workflow only where that takes events of runs. Told by branch and repository, which no name or marker decides.
 */
import { onBranch, type OnBranch } from '@viewportai/core/event/on-branch'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { Tx } from '../database/tenant.ts'

/** The run whose branch it is. `where`: the branch or commit as a person reads it. */
export type OwnBranch = { readonly run: string; readonly number: number; readonly where: string }

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
type Found = { run: string; number: number; repos: { name: string; url: string }[] }

/** The run that writes what this event is told of, or null. */
export const ownBranch = async (tx: Tx, event: TriggerEvent): Promise<OwnBranch | null> => {
  const told = onBranch(event)
  if (told === null) return null
  const { ref, commit } = told
  // A run writes nothing but branches below vp/, so that every other event costs no question.
  if (ref !== null && !ref.startsWith('refs/heads/vp/')) return null
  const { rows } = await tx.query<Found>(ref === null ? byCommit : byBranch, [tx.workspace, ref ?? commit])
  const own = rows.find(({ repos }) => repos.some((one) => isSame(one, told)))
  const where = ref === null ? `commit ${commit!.slice(0, 7)}` : `branch ${ref.slice('refs/heads/'.length)}`
  return own ? { run: own.run, number: own.number, where } : null
}

/** By the name that it has here, or by the path of its address. */
const isSame = ({ name, url }: Found['repos'][number], { repo }: OnBranch): boolean => {
  const wanted = repo.toLowerCase()
  return name.toLowerCase() === wanted || pathOf(url) === wanted
}
const pathOf = (url: string): string =>
  (URL.canParse(url) ? new URL(url).pathname : url.replace(/^[^:]*:/, ''))
    .toLowerCase()
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')

/** The same event as the run's own doing, and the next link of its chain. What agents and builds wrote may quote anybody, so its text is outside text. */
export const asOwn = (event: TriggerEvent, { run }: OwnBranch): TriggerEvent => ({
  ...event,
  actor: { ...event.actor, trust: 'self', person: null, teams: [] },
  outsideText: true,
  cause: { run, depth: 1 },
})

/** What the why page says of it. */
export const ownWords = ({ number, where }: OwnBranch): string =>
  `It is told of the ${where}, which run ${number} writes, so it counts as that run's own doing.`
