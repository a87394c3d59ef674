/**
 * What follows in the workspace from a look at a pull request, whoever looked?
 * Whose accounts these are is said, the run hears it, and its row says when the next look is.
 */
import type { ForgeAccount, PullSeen } from '@viewportai/core/run/pull-seen'
import type { RunState } from '@viewportai/core/run/state'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Tx } from '../database/tenant.ts'
import { accountsIn, peopleBy } from '../deliveries/entries.ts'
import { deciderOf } from '../gates/decider.ts'
import { actIn } from '../ledger/act.ts'
import { tellRunners } from '../runs/stop.ts'
import type { Tool } from '../tools/port.ts'
import { readWorld } from '../workflows/world.ts'
import { whose } from './whose.ts'

const longestPause = 3_600_000
const minute = 60_000

/** The row of a watch. `now`: when this look began. */
export type Watch = {
  readonly state: string
  readonly failures: number
  readonly moved_at: number
  readonly now: number
}

/** By which tool, under which name, and through which connection it was looked. */
export type LookedBy = { readonly tool: Tool; readonly name: string; readonly connection: KnownConnection }

// A webhook that came while it was looked may tell of something newer: then it is looked once more at once.
const seenIt = `update vp.watches set held_until = 0, failures = 0, problem = $4, seen_at = vp.now_ms(), next_at = case when next_at > $5 then next_at else vp.now_ms() + $3 end where workspace = $1 and run = $2`
const failed = `update vp.watches set held_until = 0, failures = failures + 1, problem = $4, next_at = vp.now_ms() + $3 where workspace = $1 and run = $2`
const forget = 'delete from vp.watches where workspace = $1 and run = $2'

/** It was looked: when is it looked again? `problem`: what could not be seen. */
export const looked = async (
  tx: Tx,
  run: string,
  {
    state,
    watch,
    problem,
    againMillis,
  }: { state: RunState; watch: Watch; problem: string | null; againMillis: number | null },
): Promise<void> => {
  if (isPast(state, watch)) await tx.query(forget, [tx.workspace, run])
  else await tx.query(seenIt, [tx.workspace, run, againMillis ?? pauseOf(state, watch), problem, watch.now])
}

/** It could not be looked: it is tried again later, less often each time. */
export const putOff = async (
  tx: Tx,
  run: string,
  { failures }: Pick<Watch, 'failures'>,
  problem: string,
): Promise<void> => {
  const pause = Math.min(longestPause, 15_000 * 2 ** Math.min(failures, 8))
  await tx.query(failed, [tx.workspace, run, pause, problem.slice(0, 500)])
}

/** What is waited for is looked at often, what lies for days rarely: a tool's limit is for all of them. */
const pauseOf = ({ pull, finished }: RunState, { moved_at: moved, now }: Watch): number => {
  const still = now - moved
  // What only another runner told is looked at as if it were open: somebody who knows better may say otherwise.
  if (pull!.state === 'merged' && !pull!.unsure) return 6 * 60 * minute
  if (finished === null || still < 60 * minute) return minute
  return still < 24 * 60 * minute ? 5 * minute : 30 * minute
}

/** What was merged or closed so long ago is not looked at any more. */
const pastAfter = 30 * 24 * 60 * minute
const isPast = ({ pull }: RunState, { moved_at: moved, now }: Watch): boolean =>
  pull!.state !== 'open' && now - moved > pastAfter

type Owned = Pick<KnownConnection, 'settings'> & { readonly account: { readonly id: string } }

/** Ids of all accounts that this workspace ever had at the tool, at the server that is meant: a credential that was given up may live on elsewhere. */
const ownAccounts = async (tx: Tx, tool: string, isThere: (one: KnownConnection) => boolean): Promise<Set<string>> => {
  const { rows } = await tx.query<Owned>(
    {
      name: 'own accounts',
      text: 'select settings, account from vp.connections where workspace = $1 and tool = $2 and account is not null',
    },
    [tx.workspace, tool],
  )
  return new Set(
    rows
      .filter(({ settings }) => isThere({ id: '', name: tool, settings, account: null }))
      .map(({ account }) => account.id),
  )
}

/** Whose accounts these are is decided now, by ids; persons who have left are nobody. `toldBy`: the runner that looked; null: the control plane. */
export const hear = async (
  tx: Tx,
  run: string,
  { tool, name, connection }: LookedBy,
  raw: PullSeen,
  toldBy: { readonly id: string; readonly name: string } | null,
): Promise<void> => {
  const [world, accounts] = await Promise.all([readWorld(tx), accountsIn(tx)])
  const byAccount = peopleBy(accounts, world.people)
  const at = tool.accountsAt?.(connection) ?? null
  const among = {
    tool: name,
    at,
    own: await ownAccounts(tx, name, (one) => (tool.accountsAt?.(one) ?? null) === at),
    byAccount,
    handleOf: (person: string) => world.people.find((one) => one.id === person)?.handle,
  }
  const known = (who: ForgeAccount): ForgeAccount => whose(who, among)
  const seen: PullSeen = {
    ...raw,
    by: raw.by && known(raw.by),
    reviews: raw.reviews.map((one) => ({ ...one, who: known(one.who) })),
  }
  const people = new Map(
    seen.reviews.flatMap(({ who }) => (who.person === null ? [] : [[who.person, who.name] as const])),
  )
  const deciders = []
  for (const [person, personName] of people) deciders.push(await deciderOf(tx, { person, name: personName }, run, true))
  const [acted] = await actIn(tx, [{ run, command: { do: 'hear', seen, deciders, ...(toldBy && { toldBy }) } }])
  // Whoever works on what was merged or closed meanwhile need not go on.
  if (acted!.state?.finished && acted!.facts.some(({ type }) => type === 'run.finished'))
    await tellRunners(tx, run, acted!.state.finished.why)
}
