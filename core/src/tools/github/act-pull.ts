/**
 * How is a pull request opened for exactly the change that was approved?
 * The branch was pushed before. It must stand at that commit when the pull request is opened, and still when it is read back.
 */
import { ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor } from './ask.ts'
import { isPullMarked } from '../hidden-marker.ts'
import { Pull } from './payload.ts'
import { repoPlace } from './place.ts'
import type { Ask } from './rest.ts'
import { good } from './went.ts'
import { pullBody } from '../forge-text.ts'

type Params = {
  title: string
  head: string
  base: string
  body?: string
  draft?: boolean
  labels?: string[]
  reviewers?: string[]
}
type Spot = {
  ask: Ask
  repo: string
  effect: Effect
  params: Params
  commit: string
  account: Connection['account']
}

export const openPull: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const spot = spotOf(effect, connection, outside)
      const held = await pullOf(spot)
      // Labels and reviewers are of the same effect: without them it is not whole, and is carried on where it stopped.
      if (!held || (await lacking(spot, held)).length > 0) return { is: 'absent' }
      return { is: 'there', receipt: receiptOf(spot, held) }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const spot = spotOf(effect, connection, outside)
      const stands = await pullOf(spot)
      if (stands && stands.head.sha !== spot.commit && (await branchAt(spot)) === spot.commit)
        return { is: 'later', why: 'GitHub does not show the new commit on the pull request yet', afterMillis: 2_000 }
      const opened = stands ?? (await open(spot))
      const before = await lacking(spot, opened)
      await complete(spot, opened, before)
      const pull = await readPull(spot, opened.number)
      if (pull.head.sha !== spot.commit) throw await movedAfter(spot, pull)
      const left = await lacking(spot, pull)
      if (left.length > 0)
        throw failed(
          'not_whole',
          `Pull request ${spot.repo}#${pull.number} is open, and GitHub did not take ${left.join(', ')}.`,
          'See whether these labels and people exist there, then try again: the pull request is not opened twice.',
        )
      return { is: 'done', receipt: receiptOf(spot, pull) }
    }),
}

const spotOf = (effect: Effect, connection: Connection, outside: Outside): Spot => {
  if (effect.commit === null)
    throw failed('not_pushed', 'The change was not pushed, so there is nothing to open.', 'See the push of this run.')
  return {
    ask: askerFor(connection, outside),
    repo: repoPlace(effect, connection, String(effect.params['repo'] ?? effect.target)),
    effect,
    params: effect.params as unknown as Params,
    commit: effect.commit,
    account: connection.account,
  }
}

/** Did this effect open it? Its mark says so, and that our own account did: everybody can copy the mark. */
const isOurs = ({ effect, account }: Spot, { body, user }: Pull): boolean =>
  isPullMarked(body, effect.intent) && (account === null || String(user?.id) === account.id)

/** The pull request of this effect: by its marker, else the open one from this branch into this base. */
const pullOf = async (spot: Spot): Promise<Pull | null> => {
  const { ask, repo, effect, params } = spot
  if (effect.opened?.startsWith(`${repo}#`)) return standing(spot, Number(effect.opened.slice(repo.length + 1)))
  const owner = repo.split('/')[0]!
  const query = `head=${encodeURIComponent(`${owner}:${params.head}`)}&base=${encodeURIComponent(params.base)}&state=all&per_page=100`
  const body = good(await ask('GET', `/repos/${repo}/pulls?${query}`), 'list pull requests', 'read')
  const all = (Array.isArray(body) ? body : [])
    .map((one) => Pull.parse(one))
    .filter((one) => one.head.ref === params.head && one.base.ref === params.base)
  return all.find((one) => isOurs(spot, one)) ?? all.find((one) => one.state === 'open') ?? null
}

/** The commit that the branch stands at. */
const branchAt = async ({ ask, repo, params }: Spot): Promise<unknown> => {
  const path = `/repos/${repo}/git/ref/heads/${params.head.split('/').map(encodeURIComponent).join('/')}`
  const ref = good(await ask('GET', path), `find the branch ${params.head}`, 'read') as { object?: { sha?: unknown } }
  return ref.object?.sha
}

const open = async (spot: Spot): Promise<Pull> => {
  const { ask, repo, effect, params, commit } = spot
  if ((await branchAt(spot)) !== commit)
    throw failed(
      'head_moved',
      `The branch ${params.head} of ${repo} is not at the approved commit ${commit.slice(0, 12)} any more.`,
      'See who pushed to it. What stands there was approved by nobody.',
    )
  const came = await ask('POST', `/repos/${repo}/pulls`, {
    body: {
      title: params.title,
      head: params.head,
      base: params.base,
      body: pullBody(params.body ?? null, effect),
      draft: params.draft ?? false,
    },
  })
  if (came.status === 422) {
    const there = await pullOf(spot) // somebody was quicker, perhaps we ourselves
    if (there) return there
  }
  return Pull.parse(good(came, `open a pull request in ${repo}`, 'write'))
}

/** The one that this run opened before: it is brought to the new commit. One that was closed is not opened again, and no second one beside it. */
const standing = async (spot: Spot, number: number): Promise<Pull> => {
  const pull = await readPull(spot, number)
  if (pull.state === 'open') return pull
  throw failed(
    'closed_there',
    `Pull request ${spot.repo}#${number} was ${pull.merged_at === null ? 'closed' : 'merged'} meanwhile.`,
    'Open it again there to let the run go on, or stop the run.',
  )
}

/** Labels and reviewers that it should have and has not. */
const lacking = async ({ ask, repo, params }: Spot, pull: Pull): Promise<string[]> => {
  const labels = (params.labels ?? []).filter((name) => !pull.labels.some((one) => one.name === name))
  if (!params.reviewers?.length) return labels.map((name) => `label ${name}`)
  const [asked, given] = await Promise.all([
    ask('GET', `/repos/${repo}/pulls/${pull.number}`),
    ask('GET', `/repos/${repo}/pulls/${pull.number}/reviews?per_page=100`),
  ])
  const { requested_reviewers: people = [], requested_teams: teams = [] } = good(
    asked,
    'show who is asked',
    'read',
  ) as {
    requested_reviewers?: { login: string }[]
    requested_teams?: { slug: string }[]
  }
  const done = (good(given, 'show the reviews', 'read') as { user?: { login: string } | null }[]).map(
    (one) => one.user?.login,
  )
  const has = new Set(
    [...people.map((one) => one.login), ...done, ...teams.map((one) => one.slug)].map((one) => one?.toLowerCase()),
  )
  return [
    ...labels.map((name) => `label ${name}`),
    ...params.reviewers
      .filter((name) => !has.has(name.split('/').at(-1)!.toLowerCase()))
      .map((name) => `reviewer ${name}`),
  ]
}

const complete = async ({ ask, repo }: Spot, { number }: Pull, left: readonly string[]): Promise<void> => {
  const of = (kind: string): string[] =>
    left.flatMap((one) => (one.startsWith(`${kind} `) ? [one.slice(kind.length + 1)] : []))
  const [labels, reviewers] = [of('label'), of('reviewer')]
  if (labels.length > 0)
    good(await ask('POST', `/repos/${repo}/issues/${number}/labels`, { body: { labels } }), 'set the labels', 'write')
  if (reviewers.length === 0) return
  const came = await ask('POST', `/repos/${repo}/pulls/${number}/requested_reviewers`, {
    body: {
      reviewers: reviewers.filter((name) => !name.includes('/')),
      team_reviewers: reviewers.flatMap((name) => (name.includes('/') ? [name.split('/').at(-1)] : [])),
    },
  })
  if (came.status !== 422) good(came, 'ask for a review', 'write') // 422: reading back says whom it did not take
}

const readPull = async ({ ask, repo }: Spot, number: number): Promise<Pull> =>
  Pull.parse(good(await ask('GET', `/repos/${repo}/pulls/${number}`), 'show the pull request', 'read'))

/** Somebody pushed in between: nothing that nobody approved stands open under our words. */
const movedAfter = async (spot: Spot, pull: Pull): Promise<Error> => {
  const { ask, repo, commit } = spot
  const ours = isOurs(spot, pull)
  if (ours) await ask('PATCH', `/repos/${repo}/pulls/${pull.number}`, { body: { state: 'closed' } })
  return failed(
    'head_moved',
    `Pull request ${repo}#${pull.number} shows ${pull.head.sha.slice(0, 12)} and not the approved commit ${commit.slice(0, 12)}${ours ? '; it was closed again' : ''}.`,
    'See who pushed to the branch. What stands there was approved by nobody.',
  )
}

const receiptOf = (spot: Spot, pull: Pull): Receipt => {
  const { repo, commit } = spot
  if (pull.head.sha !== commit)
    throw failed(
      'head_moved',
      `Pull request ${repo}#${pull.number} shows ${pull.head.sha.slice(0, 12)} and not the approved commit ${commit.slice(0, 12)}.`,
      'See who pushed to the branch.',
    )
  return {
    id: String(pull.number),
    url: pull.html_url,
    observed: {
      ref: `${repo}#${pull.number}`,
      url: pull.html_url,
      number: pull.number,
      branch: pull.head.ref,
      base: pull.base.ref,
      commit: pull.head.sha,
      state: pull.state,
      draft: pull.draft ?? false,
      // Its name may be taken by another one later.
      ...(pull.base.repo && { repository: String(pull.base.repo.id) }),
      ...(isOurs(spot, pull) ? {} : { openedBy: pull.user?.login ?? 'somebody else' }),
    },
    readBack: true,
  }
}
