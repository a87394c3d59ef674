/** How does a delivery stand once it was worked on: one sentence, the report, the runs? */
import type { DeliveryOutcome } from '@viewportai/core/api/deliveries'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { runTitle } from '@viewportai/core/match/title'
import type { MatchReport } from '@viewportai/core/match/match'
import { plain } from '../database/plain.ts'
import type { Tx } from '../database/tenant.ts'
import { becameOf, type Became } from './became.ts'
import { droppedWords } from './left-queue.ts'
import type { Started } from './start.ts'

/** `problem`: it could not be read; nothing was matched. `note`: what of it could not be taken as it was. */
export type Outcome =
  | { readonly delivery: string; readonly problem: string }
  /** Nothing can listen to it: why, in a sentence. */
  | { readonly delivery: string; readonly ignored: string }
  /** Its moment passed, and it is wanted no more: why, in a sentence. */
  | { readonly delivery: string; readonly event: TriggerEvent; readonly skipped: string }
  /** The same event came by another delivery before; that one was matched. */
  | { readonly delivery: string; readonly event: TriggerEvent; readonly before: string }
  | {
      readonly delivery: string
      readonly event: TriggerEvent
      readonly note?: string | null
      readonly report: MatchReport
      readonly started: readonly Started[]
    }

type Row = {
  delivery: string
  state: string
  outcome: string
  verdict: string
  problem: string | null
  tool: string | null
  event: string
  title: string
  actor: string
  trigger_event: string | null
  report: string | null
  matched: number
  runs: string
  workflows: string
  same_as: string | null
  became: string | null
}
const types = {
  delivery: 'text',
  state: 'text',
  outcome: 'text',
  verdict: 'text',
  problem: 'text',
  tool: 'text',
  event: 'text',
  title: 'text',
  actor: 'text',
  trigger_event: 'text',
  report: 'text',
  matched: 'int',
  runs: 'text',
  workflows: 'text',
  same_as: 'text',
  became: 'text',
} as const satisfies Record<keyof Row, string>
const names = Object.keys(types) as (keyof Row)[]

// One array per column: as one JSON document the escape \u0000, which text from outside may hold, would be refused.
const finish = {
  name: 'deliveries finish',
  text: `update vp.deliveries d set state = v.state, outcome = v.outcome, verdict = v.verdict, problem = v.problem, tool = coalesce(v.tool, d.tool), event = v.event, title = v.title, actor = v.actor, trigger_event = v.trigger_event::json, report = v.report::json, matched = v.matched, runs = string_to_array(v.runs, ' '), workflows = string_to_array(v.workflows, ' '), same_as = v.same_as, became = v.became::jsonb, processed_at = vp.now_ms()
    from unnest(${names.map((name, at) => `$${at + 2}::${types[name]}[]`).join(', ')}) as v (${names.join(', ')}) where d.workspace = $1 and d.delivery = v.delivery`,
}

/** Sends what came of deliveries. */
export const finishAll = (tx: Tx, outcomes: readonly Outcome[]): void => {
  if (outcomes.length === 0) return
  const rows = outcomes.map(rowOf)
  tx.send(finish, [tx.workspace, ...names.map((name) => rows.map((row) => row[name]))], rows.length)
  for (const { delivery } of outcomes) tx.nudge('delivery', delivery)
}

const rowOf = (outcome: Outcome): Row => {
  const { delivery } = outcome
  if ('problem' in outcome)
    return {
      ...blank(delivery),
      state: 'refused',
      outcome: 'refused',
      verdict: 'could not be read',
      problem: plain(outcome.problem),
    }
  if ('ignored' in outcome)
    return { ...blank(delivery), state: 'processed', outcome: 'ignored', verdict: plain(outcome.ignored) }
  const { event } = outcome
  const said = {
    tool: event.tool,
    event: plain(typeOf(event) || event.event),
    title: runTitle(event),
    actor: plain(event.actor.name),
    trigger_event: JSON.stringify(event),
  }
  if ('skipped' in outcome)
    return { ...blank(delivery), ...said, state: 'processed', outcome: 'ignored', verdict: plain(outcome.skipped) }
  if ('before' in outcome)
    return {
      ...blank(delivery),
      ...said,
      state: 'processed',
      outcome: 'duplicate',
      verdict: 'The same event came before; nothing was started again.',
      same_as: outcome.before,
    }
  const { note, report, started } = outcome
  const refused = started.flatMap((one) =>
    one.state === 'refused' ? [`${one.starting.stored.name}: ${one.refusal.words}`] : [],
  )
  return {
    ...blank(delivery),
    ...said,
    state: 'processed',
    outcome: outcomeOf(report, started),
    verdict: plain(verdictOf(report, started)),
    problem: plain([...(note ? [note] : []), ...refused].join(' ')) || null,
    report: JSON.stringify(report),
    matched: report.answers.filter((answer) => answer.outcome === 'starts').length,
    runs: started.flatMap((one) => (one.state === 'started' ? [one.run] : [])).join(' '),
    workflows: report.answers.flatMap(({ id, outcome: answer }) => (answer === 'no' ? [] : [id])).join(' '),
    same_as: started.find((one) => one.state === 'same')?.delivery ?? null,
    became: JSON.stringify(becameOf(started) satisfies Became),
  }
}

/** A row of which nothing is known yet. */
const blank = (delivery: string): Row => ({
  delivery,
  state: '',
  outcome: '',
  verdict: '',
  problem: null,
  tool: null,
  event: '',
  title: '',
  actor: '',
  trigger_event: null,
  report: null,
  matched: 0,
  runs: '',
  workflows: '',
  same_as: null,
  became: null,
})

/** What the sender of a webhook calls the event. */
const typeOf = (event: TriggerEvent): string =>
  event.tool === 'webhook' && typeof event.fields['type'] === 'string' ? event.fields['type'] : ''

/** In one word, for the list to be narrowed by. What waits for its turn has started; what may not begin was refused. */
const outcomeOf = (report: MatchReport, started: readonly Started[]): DeliveryOutcome => {
  const states = started.map((one) => one.state)
  if (states.some((state) => state === 'started' || state === 'queued')) return 'started'
  if (states.includes('refused')) return 'refused'
  if (states.includes('skipped') || states.includes('dropped')) return 'ignored'
  if (states.includes('same')) return 'duplicate'
  return report.answers.some((answer) => answer.outcome === 'near_miss') ? 'nearly' : 'no_match'
}

/** What is said of a workflow that a breaker keeps from starting, without a full stop. `until` in ms. */
export const restWords = (name: string, until: number): string =>
  `${name} was not started: it rests until ${new Date(until).toISOString()}, because this started it too often or runs woke each other`

/** What is said of a workflow that another event of the same act started, without a full stop. */
const sameWords = (name: string, { of, number, delivery }: Extract<Started, { state: 'same' }>): string => {
  const start = number === null ? 'its start that waits for its turn' : `run ${number}`
  return of === 'making'
    ? `${name} was not started again: how this was made is told in several events, and ${start} is of one of them (${delivery})`
    : `${name} was not started again: another connection told of this event as well, and ${start} is of that (${delivery})`
}

/** No repository has the branch that a sample names. */
const atDefault = (repos: readonly { readonly name: string; readonly fromEvent?: true | undefined }[]): string => {
  const named = repos.filter(({ fromEvent }) => fromEvent).map(({ name }) => name)
  return named.length === 0 ? '' : `, at the default branch of ${named.join(' and ')} in place of the sample's`
}

/** One sentence for the list, in the past: what a run waits for now is not written down here, it is read from the run. */
const verdictOf = (report: MatchReport, started: readonly Started[]): string => {
  const told = started.map((one) => {
    const { name } = one.starting.stored
    if (one.state === 'started' && one.held) return `${name} began run ${one.number}, held for a person: ${one.held}`
    if (one.state === 'rests') return restWords(name, one.until)
    if (one.state === 'same') return sameWords(name, one)
    if (one.state === 'dropped') return droppedWords(name, one.why).replace(/\.$/, '')
    if (one.state === 'started') {
      const asks = report.answers.find(({ id }) => id === one.starting.stored.workflow)?.route?.chosen === null
      return asks
        ? `${name} began run ${one.number}, which asked where it is worked on`
        : one.starting.rehearsal === undefined
          ? `${name} started run ${one.number}`
          : `${name} rehearses in run ${one.number}${atDefault(one.starting.stored.compiled.repos)}`
    }
    if (one.state === 'queued') return `${name} waits for its turn`
    if (one.state === 'skipped') return `${name} was skipped: enough runs of it go on`
    return `${name} could not start`
  })
  if (told.length > 0) return `${told.join(', ').replace(/\.$/, '')}.`
  const near = report.answers.filter((answer) => answer.outcome === 'near_miss')
  if (near.length > 0) return `Nothing started; ${near.map((answer) => `${answer.name} nearly did`).join(', ')}.`
  return report.answers.length > 0 ? 'No workflow matched.' : 'No workflow listens to this.'
}
