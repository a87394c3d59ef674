/** How is a delivery that its tool took stored, and what does the sender hear? The same for webhooks and for connections that we opened. */
import { causeHeader } from '@viewportai/core/event/cause'
import type { MatchReport } from '@viewportai/core/match/match'
import type { Trust } from '@viewportai/core/event/trigger-event'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { partHeader, queryHeader, type Arrived, type Stood, type Taken } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { reasonOf } from '../whispers/reason.ts'
import type { Became } from './became.ts'
import { isShared } from './bodies.ts'
import type { DeliveryStore, Stored } from './store.ts'

export type From = {
  readonly workspace: string
  readonly source: string
  readonly kind: string
  /** What `sources.signing` was when its signature was judged; left out: nothing was signed. */
  readonly signing?: number
  /** The number of the secret of before that signed it. */
  readonly old?: number | null
}
type Whole = Extract<Taken, { id: string }>

/** Stores it, each part by itself; what is told is of the first. Null: its source was removed, or takes another secret since. */
export const keepTaken = async (
  store: DeliveryStore,
  { workspace, source, kind, signing, old }: From,
  taken: Whole,
  { headers: all, body, query = '' }: Pick<Arrived, 'headers' | 'body'> & Partial<Pick<Arrived, 'query'>>,
  media: string,
): Promise<Stored> => {
  const hook = toolNamed(kind)?.hook
  const headers = Object.fromEntries([
    ...(hook?.keeps ?? [causeHeader]).flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]] as const])),
    ...(hook?.keepsQuery ? [[queryHeader, query] as const] : []),
  ])
  const parts = taken.parts && taken.parts.length > 1 ? taken.parts : [taken.parts?.[0] ?? null]
  const bytes = taken.body ?? body
  const shared = isShared(bytes, parts.length)
  const stored = await Promise.all(
    parts.map((part) =>
      store.keep({
        workspace,
        source,
        id: part === null || parts.length === 1 ? taken.id : `${taken.id} ${part}`,
        body: bytes,
        shared,
        tool: kind,
        media: taken.body === undefined ? media : 'application/json',
        signing: signing ?? null,
        old: old ?? null,
        headers: part === null ? headers : { ...headers, [partHeader]: part },
      }),
    ),
  )
  // One that was left out alone comes again with the others, which are known by then.
  return stored.includes(null) ? null : stored[0]!
}

/** How long somebody who waits for words waits for the verdict (ms): Slack gives up after three seconds. */
const patienceMillis = 1_800
const lookMillis = 60

type Row = {
  state: string
  verdict: string
  actor: string | null
  person: string | null
  trust: Trust | null
  report: MatchReport | null
  became: Became | null
  runs: string[] | null
}
const look = {
  name: 'delivery stands',
  text: `select state, verdict, trigger_event->'actor'->>'id' as actor, trigger_event->'actor'->>'person' as person, trigger_event->'actor'->>'trust' as trust, report, became, runs from vp.deliveries where workspace = $1 and delivery = $2`,
}

/** Waits a moment for what came of it. `address`: of this Viewport. */
export const stoodSoon = async (
  db: Database,
  { workspace }: Pick<From, 'workspace'>,
  delivery: string,
  address: string,
): Promise<Stood> => {
  const page = `${address}/deliveries/${delivery}`
  for (const until = performance.now() + patienceMillis; ;) {
    const stood = await stoodNow(db, workspace, delivery, address)
    if (stood !== null || performance.now() > until) return { page, stood }
    await new Promise((go) => setTimeout(go, lookMillis))
  }
}

const stoodNow = (db: Database, workspace: string, delivery: string, address: string): Promise<Stood['stood']> =>
  inWorkspace(db, workspace, async (tx) => {
    const row = (await tx.query<Row>(look, [workspace, delivery])).rows[0]
    if (!row || row.state === 'stored') return null
    const runs = row.runs ?? []
    const numbers =
      runs.length === 0
        ? []
        : (
            await tx.query<{ number: number }>(
              'select number from vp.runs where workspace = $1 and run = any($2) order by number',
              [workspace, runs],
            )
          ).rows
    return {
      verdict: row.verdict,
      stranger:
        row.actor === null || row.person !== null
          ? null
          : {
              account: row.actor,
              isGuest: row.trust === 'outsider',
              reason:
                row.report === null
                  ? null
                  : reasonOf(
                      row.report,
                      Object.values(row.became ?? {}).map(({ is }) => is),
                    ),
            },
      runs: numbers.map(({ number }) => ({ number, page: `${address}/runs/${number}` })),
    }
  })
