/**
 * How is a merge request opened for exactly the change that was approved?
 * The branch was pushed before. It must stand at that commit when the merge request is opened, and still when it is read back.
 */
import { Ended, ending, failed, looking } from '../ended.ts'
import { repoPlace } from '../forge-place.ts'
import { pullBody } from '../forge-text.ts'
import { isPullMarked } from '../hidden-marker.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor, good, projectPath, type Ask } from './ask.ts'
import { forgeOf } from './place.ts'
import { Rest } from './rest.ts'
import { withoutOrders } from './words.ts'
import { URLSearchParams } from '../url.ts'

type Params = { title: string; head: string; base: string; body?: string; draft?: boolean; labels?: string[] }
type Spot = {
  ask: Ask
  repo: string
  at: string
  effect: Effect
  params: Params
  commit: string
  account: Connection['account']
}

export const openMr: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const spot = spotOf(effect, connection, outside)
      const held = await mrOf(spot)
      // Labels are of the same effect: without them it is not whole, and is carried on where it stopped.
      if (!held || lacking(spot, held).length > 0) return { is: 'absent' }
      return { is: 'there', receipt: receiptOf(spot, held) }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const spot = spotOf(effect, connection, outside)
      const { ask, repo, at, params, commit } = spot
      const stands = await mrOf(spot)
      // GitLab looks at a push some time after it took it.
      if (stands && stands.sha !== commit && (await branchAt(spot)) === commit)
        return { is: 'later', why: 'GitLab does not show the new commit on the merge request yet', afterMillis: 2_000 }
      const opened = stands ?? (await open(spot))
      const wanted = lacking(spot, opened)
      if (wanted.length > 0)
        good(
          await ask('PUT', `${at}/merge_requests/${opened.iid}`, { add_labels: wanted.join(',') }),
          'set the labels',
          'write',
        )
      const mr = await readMr(spot, opened.iid)
      // GitLab looks at the branch some time after it answered.
      if (mr.sha === null)
        throw new Ended({ is: 'unsure', why: `GitLab does not say yet what ${repo}!${mr.iid} shows` })
      if (mr.sha !== commit) throw await movedAfter(spot, mr)
      const left = lacking(spot, mr)
      if (left.length > 0)
        throw failed(
          'not_whole',
          `Merge request ${repo}!${mr.iid} is open, and GitLab did not take the labels ${left.join(', ')}.`,
          'See whether they may be set there, then try again: the merge request is not opened twice.',
        )
      // One that stood there before may have left its draft meanwhile.
      if (stands === null && params.draft === true && mr.draft !== true)
        throw failed('not_whole', `Merge request ${repo}!${mr.iid} is open, and is no draft.`, 'See it there.')
      return { is: 'done', receipt: receiptOf(spot, mr) }
    }),
}

const spotOf = (effect: Effect, connection: Connection, outside: Outside): Spot => {
  if (effect.commit === null)
    throw failed('not_pushed', 'The change was not pushed, so there is nothing to open.', 'See the push of this run.')
  const repo = repoPlace(effect, forgeOf(connection), String(effect.params['repo'] ?? effect.target))
  return {
    ask: askerFor(connection, outside),
    repo,
    at: projectPath(repo),
    effect,
    params: effect.params as unknown as Params,
    commit: effect.commit,
    account: connection.account,
  }
}

/** Did this effect open it? Its mark says so, and that our own account did: everybody can copy the mark. */
const isOurs = ({ effect, account }: Spot, { description, author }: Rest): boolean =>
  isPullMarked(description, effect.intent) && (account === null || String(author?.id) === account.id)

/** The merge request of this effect: the one that this run opened before, or by its marker, else the open one from this branch into this base. */
const mrOf = async (spot: Spot): Promise<Rest | null> => {
  const { ask, repo, at, effect, params } = spot
  if (effect.opened?.startsWith(`${repo}!`)) return standing(spot, Number(effect.opened.slice(repo.length + 1)))
  const query = new URLSearchParams({
    source_branch: params.head,
    target_branch: params.base,
    state: 'all',
    per_page: '100',
  })
  const all = Rest.array().parse(good(await ask('GET', `${at}/merge_requests?${query}`), 'list merge requests', 'read'))
  const ours = all.filter(
    (one) =>
      one.source_branch === params.head &&
      one.target_branch === params.base &&
      one.source_project_id === one.target_project_id,
  )
  return ours.find((one) => isOurs(spot, one)) ?? ours.find((one) => one.state === 'opened') ?? null
}

/** It is brought to the new commit. One that was closed is not opened again, and no second one beside it. */
const standing = async (spot: Spot, iid: number): Promise<Rest> => {
  const mr = await readMr(spot, iid)
  if (mr.state !== 'closed' && mr.state !== 'merged') return mr
  throw failed(
    'closed_there',
    `Merge request ${spot.repo}!${iid} was ${mr.state} meanwhile.`,
    'Open it again there to let the run go on, or stop the run.',
  )
}

/** The commit that the branch stands at. */
const branchAt = async ({ ask, at, params }: Spot): Promise<unknown> => {
  const branch = good(
    await ask('GET', `${at}/repository/branches/${encodeURIComponent(params.head)}`),
    `find the branch ${params.head}`,
    'read',
  ) as { commit?: { id?: unknown } }
  return branch.commit?.id
}

const open = async (spot: Spot): Promise<Rest> => {
  const { ask, repo, at, effect, params, commit } = spot
  if ((await branchAt(spot)) !== commit)
    throw failed(
      'head_moved',
      `The branch ${params.head} of ${repo} is not at the approved commit ${commit.slice(0, 12)} any more.`,
      'See who pushed to it. What stands there was approved by nobody.',
    )
  const came = await ask('POST', `${at}/merge_requests`, {
    source_branch: params.head,
    target_branch: params.base,
    title: `${params.draft ? 'Draft: ' : ''}${params.title}`.slice(0, 255),
    description: withoutOrders(pullBody(params.body ?? null, effect)),
    labels: (params.labels ?? []).join(','),
  })
  if (came.status === 409) {
    const there = await mrOf(spot) // somebody was quicker, perhaps we ourselves
    if (there) return there
  }
  return Rest.parse(good(came, `open a merge request in ${repo}`, 'write'))
}

const lacking = ({ params }: Spot, { labels }: Rest): string[] =>
  (params.labels ?? []).filter((name) => !labels.includes(name))

const readMr = async ({ ask, at }: Spot, iid: number): Promise<Rest> =>
  Rest.parse(good(await ask('GET', `${at}/merge_requests/${iid}`), 'show the merge request', 'read'))

/** Somebody pushed in between: nothing that nobody approved stands open under our words. */
const movedAfter = async (spot: Spot, mr: Rest): Promise<Error> => {
  const ours = isOurs(spot, mr)
  if (ours) await spot.ask('PUT', `${spot.at}/merge_requests/${mr.iid}`, { state_event: 'close' })
  return moved(spot, mr, ours ? '; it was closed again' : '')
}

const moved = ({ repo, commit }: Spot, { iid, sha }: Rest, more = ''): Error =>
  failed(
    'head_moved',
    `Merge request ${repo}!${iid} shows ${sha?.slice(0, 12) ?? 'nothing'} and not the approved commit ${commit.slice(0, 12)}${more}.`,
    'See who pushed to the branch. What stands there was approved by nobody.',
  )

const receiptOf = (spot: Spot, mr: Rest): Receipt => {
  if (mr.sha !== spot.commit) throw moved(spot, mr)
  return {
    id: String(mr.iid),
    url: mr.web_url,
    observed: {
      ref: `${spot.repo}!${mr.iid}`,
      url: mr.web_url,
      number: mr.iid,
      branch: mr.source_branch,
      base: mr.target_branch,
      commit: mr.sha,
      state: mr.state,
      draft: mr.draft ?? false,
      // Its name may be taken by another one later.
      ...(mr.target_project_id !== null && { repository: String(mr.target_project_id) }),
      ...(isOurs(spot, mr) ? {} : { openedBy: mr.author?.username ?? 'somebody else' }),
    },
    readBack: true,
  }
}
