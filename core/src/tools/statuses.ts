/**
 * What must a forge be able to do for statuses on commits and for builds that run again?
 * A status is found by its link, which holds the intent; a build by what the forge says of its attempts.
 */
import { ending, failed, looking, notSeenWhole } from './ended.ts'
import { placeThere, repoPlace, type Forge } from './forge-place.ts'
import type { Outside } from './outside.ts'
import type { Action, Connection, Effect, Receipt } from './port.ts'

export type State = 'success' | 'failure' | 'pending'
type Spot = { readonly repo: string; readonly commit: string; readonly name: string; readonly link: string }

export type Statuses = {
  readonly forge: Forge
  /** The number that the repository has there; null: the token may not see it, and nothing is known of it yet. Throws Ended where another number is known. */
  numberOf(repo: string): Promise<string | null>
  /** Ours, by its link. `isWhole`: were all of this name seen? */
  find(spot: Spot): Promise<{ found: { id: string; state: string | null } | null; isWhole: boolean }>
  /** What the forge calls this state. */
  word(state: State): string
  put(spot: Spot, what: { readonly state: State; readonly text: string }): Promise<void>
  /** `isAgain`: does it run, or has it run, again since this attempt? null: nobody can tell. */
  build(repo: string, id: string, attempt: number): Promise<{ url: string | null; isAgain: boolean | null }>
  rerun(repo: string, id: string): Promise<void>
}
/** Throws Ended when the connection cannot do it at all. */
type StatusesOf = (connection: Connection, outside: Outside) => Statuses

/** Puts a status on the commit that was pushed for the approved change. */
export const reporting = (statusesOf: StatusesOf): Action => ({
  look: (effect, connection, outside) =>
    looking(async () => {
      const statuses = statusesOf(connection, outside)
      const spot = spotOf(effect, statuses)
      const { found, isWhole } = await statuses.find(spot)
      if (found)
        return {
          is: 'there',
          receipt: receiptOf(spot, found, wantedOf(effect, statuses), await statuses.numberOf(spot.repo)),
        }
      if (!isWhole)
        throw notSeenWhole(`${spot.repo}@${spot.commit.slice(0, 12)} has a hundred statuses of this name or more`)
      return { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const statuses = statusesOf(connection, outside)
      const spot = spotOf(effect, statuses)
      const state = stateOf(effect)
      const text = String(effect.params['text'] ?? `Reported by Viewport`).replace(/\s+/g, ' ')
      const number = await statuses.numberOf(spot.repo)
      await statuses.put(spot, { state, text })
      const { found } = await statuses.find(spot)
      if (!found)
        throw failed(
          'not_whole',
          `${statuses.forge.title} took the status ${spot.name}, and does not show it.`,
          'See the commit there.',
        )
      return { is: 'done', receipt: receiptOf(spot, found, wantedOf(effect, statuses), number) }
    }),
})

const spotOf = (effect: Effect, { forge }: Statuses): Spot => {
  if (effect.commit === null)
    throw failed(
      'not_pushed',
      'The change was not pushed, so there is no commit to report on.',
      'Open the change before its status is reported.',
    )
  return {
    repo: repoPlace(effect, forge, String(effect.params['repo'] ?? effect.change?.repo ?? effect.target)),
    commit: effect.commit,
    name: String(effect.params['name'] ?? 'viewport'),
    link: `${effect.page}#${effect.intent}`,
  }
}

const stateOf = ({ params }: Effect): State => (params['state'] ?? 'success') as State
const wantedOf = (effect: Effect, { word }: Statuses): string => word(stateOf(effect))

const receiptOf = (
  { repo, commit, name, link }: Spot,
  { id, state }: { id: string; state: string | null },
  wanted: string,
  number: string | null,
): Receipt => ({
  id,
  url: link,
  observed: { on: `${repo}@${commit}`, url: link, id, name, state, ...(number !== null && { repository: number }) },
  readBack: state === wanted,
})

/** Runs a failed build again, when nobody did since. */
export const rerunning = (statusesOf: StatusesOf): Action => ({
  look: (effect, connection, outside) =>
    looking(async () => {
      const statuses = statusesOf(connection, outside)
      const build = buildOf(effect, statuses)
      const { url, isAgain } = await statuses.build(build.repo, build.id, build.attempt)
      if (isAgain === null)
        throw notSeenWhole(`build ${build.id} of ${build.repo} was run again before, and nobody can tell whether by us`)
      return isAgain
        ? { is: 'there', receipt: buildReceipt(build, url, await statuses.numberOf(build.repo)) }
        : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const statuses = statusesOf(connection, outside)
      const build = buildOf(effect, statuses)
      const number = await statuses.numberOf(build.repo)
      const before = await statuses.build(build.repo, build.id, build.attempt)
      if (before.isAgain === true) return { is: 'done', receipt: buildReceipt(build, before.url, number) }
      await statuses.rerun(build.repo, build.id)
      const { url, isAgain } = await statuses.build(build.repo, build.id, build.attempt)
      return { is: 'done', receipt: { ...buildReceipt(build, url, number), readBack: isAgain !== false } }
    }),
})

type Build = { readonly repo: string; readonly id: string; readonly attempt: number }

const buildOf = (effect: Effect, { forge }: Statuses): Build => {
  const named = /^(\S{3,300}?)(?:@[0-9a-f]{7,64})? build (\d{1,20})(?: attempt (\d{1,15}))?$/.exec(effect.target)
  if (!named)
    throw failed(
      'no_thread',
      `${effect.target} names no build that ${forge.title} knows by a number.`,
      `Let CI tell the build's number (\`build=\`), or say it with \`build: owner/name build NUMBER attempt N\`.`,
    )
  return { repo: placeThere(effect, forge, named[1]!), id: named[2]!, attempt: Number(named[3] ?? 1) }
}

const buildReceipt = ({ repo, id, attempt }: Build, url: string | null, number: string | null): Receipt => ({
  id,
  url,
  observed: { on: repo, url, build: id, after: `attempt ${attempt}`, ...(number !== null && { repository: number }) },
  readBack: true,
})
