/** What came in, and why did it start what it started? */
import type { z } from 'zod'
import type { DeliveryItem, deliveryRoutes, DeliveryOutcome, MatchLine } from '@viewportai/core/api/deliveries'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { MatchReport } from '@viewportai/core/match/match'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import { mayAgain } from './again.ts'

type Item = z.infer<typeof DeliveryItem>
type Line = z.infer<typeof MatchLine>
type Kinds = z.infer<(typeof deliveryRoutes)['deliveryKinds']['answer']>
type Came = z.infer<(typeof deliveryRoutes)['delivery']['answer']>['came']
type Row = Omit<Item, 'runs'> & { runs: Item['runs'] | null }

const sourceName = `case d.source when 'manual' then case d.tool when 'api' then 'by a program' else 'by hand' end when 'schedule' then 'the schedule' when 'sample' then 'a sample event' else coalesce(s.name, d.source) end`
const columns = `d.delivery as id, ${sourceName} as source, d.tool, d.event, d.title, d.actor, d.received_at as at, d.state, d.outcome, d.verdict, d.matched, d.repeats,
  (select json_agg(json_build_object('run', n.run, 'number', n.number, 'workflow', n.workflow_name, 'waits', n.status = 'waiting') order by n.number) from vp.runs n where n.workspace = $1 and n.run = any(d.runs)) as runs`
const from = 'from vp.deliveries d left join vp.sources s on s.workspace = $1 and s.source = d.source'
const itemOf = (row: Row): Item => ({ ...row, runs: row.runs ?? [] })

/** What a list is narrowed by; what is not given narrows nothing. Moments in milliseconds. */
export type Filter = {
  readonly q?: string | undefined
  readonly tool?: string | undefined
  readonly event?: string | undefined
  readonly from?: string | undefined
  readonly outcome?: DeliveryOutcome | undefined
  readonly actor?: string | undefined
  readonly workflow?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** One condition per key, on the parameter with this number. Only those that are asked for are in the statement, so that each finds its index. */
const narrowing = {
  tool: (n) => `d.tool = $${n}`,
  event: (n) => `d.event = $${n}`,
  from: (n) => `${sourceName} = $${n}`,
  outcome: (n) => `d.outcome = $${n}`,
  actor: (n) => `d.actor = $${n}`,
  workflow: (n) =>
    `(select w.workflow from vp.workflows w where w.workspace = $1 and w.name = $${n}) = any(d.workflows)`,
  since: (n) => `d.received_at >= $${n}`,
  until: (n) => `d.received_at < $${n}`,
  q: (n) =>
    `(d.search like $${n} or d.source in (select source from vp.sources where workspace = $1 and lower(name) like $${n}) or d.delivery = $${n + 1} or d.provider_id = $${n + 1})`,
} as const satisfies Partial<Record<keyof Filter, (n: number) => string>>
const keys = Object.keys(narrowing) as (keyof typeof narrowing)[]

/** Deliveries newest first. Null: `before` is not a place in the list. */
export const readDeliveries = async (
  tx: Tx,
  filter: Filter,
): Promise<{ deliveries: Item[]; older: string | null } | null> => {
  const [, at, delivery] =
    filter.before === undefined
      ? ['', String(Number.MAX_SAFE_INTEGER), '']
      : (/^(\d{1,16})\.(dlv_\w{1,30})$/.exec(filter.before) ?? [])
  if (at === undefined || delivery === undefined) return null
  const asked = keys.filter((key) => filter[key] !== undefined && filter[key] !== '')
  const values: unknown[] = [tx.workspace, Number(at), delivery, filter.limit + 1]
  const conditions = asked.map((key) => {
    const condition = narrowing[key](values.length + 1)
    if (key === 'q') values.push(`%${filter.q!.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`, filter.q)
    else values.push(filter[key])
    return ` and ${condition}`
  })
  const { rows } = await tx.query<Row>(
    {
      name: `deliveries listed ${asked.join(' ')}`,
      text: `select ${columns} ${from} where d.workspace = $1 and (d.received_at, d.delivery) < ($2, $3)${conditions.join('')} order by d.received_at desc, d.delivery desc limit $4`,
    },
    values,
  )
  const page = rows.slice(0, filter.limit).map(itemOf)
  const last = page.at(-1)
  return { deliveries: page, older: rows.length > page.length && last ? `${last.at}.${last.id}` : null }
}

const kinds = {
  name: 'deliveries kinds',
  text: `with last as materialized (select d.tool, d.event, d.actor, d.workflows, ${sourceName} as name ${from} where d.workspace = $1 order by d.received_at desc, d.delivery desc limit 5000)
    select array(select distinct tool from last where tool <> '' order by tool) as tools, array(select distinct event from last where event <> '' order by event limit 200) as events,
      array(select distinct name from last order by name limit 200) as "from", array(select actor from last where actor <> '' group by actor order by count(*) desc, actor limit 100) as actors,
      array(select w.name from vp.workflows w where w.workspace = $1 and w.workflow in (select unnest(workflows) from last) order by w.name limit 500) as workflows`,
}

/** What the list can be narrowed by: of the newest deliveries. */
export const readDeliveryKinds = async (tx: Tx): Promise<Kinds> =>
  (await tx.query<Kinds>(kinds, [tx.workspace])).rows[0]!

type DeliveryView = Item & {
  eventRead: TriggerEvent | null
  lines: Line[]
  dedupe: string
  problem: string | null
  came: Came
  sameAs: string | null
  again: boolean
}

/** The why page of a delivery. */
export const readDelivery = async (tx: Tx, id: string): Promise<DeliveryView | Refusal> => {
  const { rows } = await tx.query<
    Row & {
      eventRead: TriggerEvent | null
      report: MatchReport | null
      dedupe: string
      problem: string | null
      came: Came
      sameAs: string | null
      again: boolean
    }
  >(
    `select ${columns}, d.trigger_event as "eventRead", d.report, d.provider_id as dedupe, d.problem, d.came, d.same_as as "sameAs", ${mayAgain} as again ${from} where d.workspace = $1 and d.delivery = $2`,
    [tx.workspace, id],
  )
  if (!rows[0]) return refuse('not_found', { what: 'delivery', id })
  const { report, ...row } = rows[0]
  const started = (
    await tx.query<{ run: string; workflow: string }>(
      'select run, workflow from vp.runs where workspace = $1 and run = any(select unnest(runs) from vp.deliveries where workspace = $1 and delivery = $2)',
      [tx.workspace, id],
    )
  ).rows
  return {
    ...row,
    ...itemOf(row),
    lines: report ? linesOf(report, new Map(started.map((one) => [one.workflow, one.run]))) : [],
  }
}

/** Every workflow with its answer: those that listen to the event, then those that listen elsewhere. */
export const linesOf = (report: MatchReport, runs: ReadonlyMap<string, string> = new Map()): Line[] => [
  ...report.answers.map((answer): Line => {
    const about = answer.rows.filter((row) => row.about === 'actor')
    const no = about.find((row) => !row.pass)
    return {
      workflow: answer.id,
      name: answer.name,
      version: answer.version,
      matched: answer.outcome === 'starts',
      near: answer.outcome === 'near_miss',
      conditions: answer.rows.map(({ condition, expected, found, pass, why }) => ({
        field: condition,
        expected,
        found,
        pass,
        why,
      })),
      actor: {
        pass: answer.mayStart,
        why: no ? (no.why ?? `expected ${no.expected}, found ${no.found}`) : (about[0]?.why ?? 'may start it'),
      },
      why: answer.why,
      route: answer.route ?? null,
      run: runs.get(answer.id) ?? null,
    }
  }),
  ...report.elsewhere.map((one): Line => ({
    workflow: one.id,
    name: one.name,
    version: one.version,
    matched: false,
    near: false,
    conditions: [],
    actor: { pass: false, why: 'not asked' },
    why: `It listens to ${one.listens.join(', ') || 'nothing'}.`,
    route: null,
    run: null,
  })),
]
