/** How does a delivery stand once it was worked on: one sentence, the report, the runs? */
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { MatchReport } from '@viewportai/core/match/match'
import type { Tx } from '../database/tenant.ts'
import type { Started } from './start.ts'

/** `problem`: it could not be read; nothing was matched. */
export type Outcome = { readonly delivery: string; readonly problem: string } | { readonly delivery: string; readonly event: TriggerEvent; readonly report: MatchReport; readonly started: readonly Started[] }

const finish = {
  name: 'deliveries finish',
  text: `update vp.deliveries d set state = v.state, verdict = v.verdict, problem = v.problem, tool = coalesce(v.tool, d.tool), event = coalesce(v.event, ''), title = coalesce(v.title, ''), actor = coalesce(v.actor, ''), trigger_event = v.trigger_event, report = v.report, matched = v.matched, runs = coalesce(v.runs, '{}'), processed_at = vp.now_ms()
    from json_to_recordset($2::json) as v (delivery text, state text, verdict text, problem text, tool text, event text, title text, actor text, trigger_event json, report json, matched int, runs text[]) where d.workspace = $1 and d.delivery = v.delivery`,
}

/** Writes what came of deliveries. */
export const finishAll = async (tx: Tx, outcomes: readonly Outcome[]): Promise<void> => {
  if (outcomes.length === 0) return
  await tx.query(finish, [tx.workspace, JSON.stringify(outcomes.map(rowOf))])
  for (const { delivery } of outcomes) tx.nudge('delivery', delivery)
}

const rowOf = (outcome: Outcome): Record<string, unknown> => {
  if ('problem' in outcome) return { delivery: outcome.delivery, state: 'refused', verdict: 'could not be read', problem: outcome.problem, matched: 0 }
  const { event, report, started } = outcome
  const refused = started.flatMap((one) => (one.state === 'refused' ? [`${one.starting.stored.name}: ${one.refusal.words}`] : []))
  return {
    delivery: outcome.delivery, state: 'processed', verdict: verdictOf(report, started), problem: refused.join(' ') || null,
    tool: event.tool, event: plain(typeof event.fields['type'] === 'string' && event.tool === 'webhook' ? event.fields['type'] || event.event : event.event), title: plain(event.subject.title), actor: plain(event.actor.name),
    trigger_event: event, report, matched: report.answers.filter((answer) => answer.outcome === 'starts').length, runs: started.flatMap((one) => (one.state === 'started' ? [one.run] : [])),
  }
}

/** PostgreSQL's text takes no NUL. */
const plain = (text: string): string => text.replaceAll('\0', '\ufffd')

/** One sentence for the list. */
export const verdictOf = (report: MatchReport, started: readonly Started[]): string => {
  const told = started.map((one) => {
    const { name } = one.starting.stored
    if (one.state === 'started') return `${name} started run ${one.number}`
    if (one.state === 'queued') return `${name} waits for its turn`
    if (one.state === 'skipped') return `${name} was skipped: enough runs of it go on`
    return `${name} could not start`
  })
  if (told.length > 0) return `${told.join(', ')}.`
  const near = report.answers.filter((answer) => answer.outcome === 'near_miss')
  if (near.length > 0) return `Nothing started; ${near.map((answer) => `${answer.name} nearly did`).join(', ')}.`
  return report.answers.length > 0 ? 'No workflow matched.' : 'No workflow listens to this.'
}
