/**
 * What does a delivery say once the start that waited for its turn has left the queue?
 * Whoever takes a start out of the queue without beginning it says so here: none stays "waits for its turn" for ever.
 */
import { plain } from '../database/plain.ts'
import type { Tx } from '../database/tenant.ts'

/** `run`: what it began, or null. `outcome`: in one word where nothing of the delivery began; `rests`: its breaker had tripped meanwhile. */
export const toldOf = async (
  tx: Tx,
  { delivery, workflow }: { readonly delivery: string; readonly workflow: string },
  words: string,
  run: string | null,
  outcome: 'refused' | 'ignored' | 'rests' = 'refused',
): Promise<void> => {
  const is = run !== null ? 'started' : outcome === 'ignored' ? 'dropped' : outcome
  await tx.query(
    `update vp.deliveries set verdict = $3, outcome = case when $4::text is null and cardinality(runs) = 0 then $5 else 'started' end, runs = case when $4::text is null then runs else runs || $4::text end,
       became = case when became ? $6 then jsonb_set(became, array[$6, 'is'], to_jsonb($7::text)) else became end where workspace = $1 and delivery = $2`,
    [tx.workspace, delivery, plain(words), run, outcome === 'rests' ? 'ignored' : outcome, workflow, is],
  )
  tx.nudge('delivery', delivery)
}

/** What a delivery says whose start still waits. */
export const waitsWith = async (tx: Tx, delivery: string, words: string): Promise<void> => {
  await tx.query('update vp.deliveries set verdict = $3 where workspace = $1 and delivery = $2', [
    tx.workspace,
    delivery,
    plain(words),
  ])
  tx.nudge('delivery', delivery)
}

const waiting = (column: 'workflow' | 'slot') => ({
  name: `queue of ${column}`,
  text: `select q.position, q.delivery, q.workflow, w.name from vp.queued_starts q join vp.workflows w on w.workspace = $1 and w.workflow = q.workflow
    where q.workspace = $1 and q.${column} = $2 order by q.position`,
})
const [ofWorkflow, ofSlot] = [waiting('workflow'), waiting('slot')]
const leave = {
  name: 'queue leave',
  // Where nothing begins, the message that said that it waits says so.
  text: `with gone as (delete from vp.queued_starts where workspace = $1 and position = $2 returning run),
    told as (update vp.run_statuses s set waiting = 'left', next_at = vp.now_ms() from gone where s.workspace = $1 and s.run = gone.run and s.done_at is null)
    select 1 from gone`,
}

/** `why`: the end of the sentence. */
export const droppedWords = (name: string, why: string): string => `${name} did not start: ${why}.`

/** Takes one out. False: it began or was dropped a moment ago. */
export const leftQueue = async (tx: Tx, position: number): Promise<boolean> =>
  (await tx.query(leave, [tx.workspace, position])).rowCount === 1

/**
 * Drops every start of a workflow, or of one limit, that waits. `why`: the end of a sentence that begins with the workflow's name. In the order in which
 * they came, so that two that drop some of the same never wait for each other.
 */
export const dropWaiting = async (
  tx: Tx,
  of: { readonly workflow: string } | { readonly slot: string },
  why: string,
): Promise<void> => {
  const [statement, key] = 'workflow' in of ? [ofWorkflow, of.workflow] : [ofSlot, of.slot]
  const { rows } = await tx.query<{ position: number; delivery: string; workflow: string; name: string }>(statement, [
    tx.workspace,
    key,
  ])
  for (const { position, name, ...of } of rows)
    if (await leftQueue(tx, position)) await toldOf(tx, of, droppedWords(name, why), null, 'ignored')
}
