/**
 * How do a runner's reports become facts?
 * In order per lease and epoch, each once, each signed by the runner. A report of a lease that ended is refused and kept as evidence.
 */
import { importJWK, compactVerify } from 'jose'
import { sha256Hex } from '@viewportai/core/digest/canonical'
import { reportedFact } from '@viewportai/core/packet/report'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { BodyRef } from '@viewportai/core/digest/body'
import { effectIsDue } from '@viewportai/core/run/due'
import type { Failure } from '@viewportai/core/run/facts'
import type { WallLevel } from '@viewportai/core/run/wall-level'
import type { Report, ReportAnswer, ReportRequest } from '@viewportai/core/wire/messages'
import { toBase64url } from '@viewportai/core/wire/base64url'
import { reportText, reportType } from '@viewportai/core/wire/report-text'
import type { z } from 'zod'
import { hindrance } from '../broker/at-runner.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { placeFreed } from './repository-limit.ts'
import { isLive, lockLease, type HeldLease } from './held.ts'
import { endLease } from './lost.ts'

type Answer = z.infer<typeof ReportAnswer>
type Sent = z.infer<typeof ReportRequest>
type Checked = { seq: number; report: Report; text: string; signature: string }
/** Reports that end a lease. */
const last = new Set<Report['type']>([
  'finished',
  'failed',
  'parked',
  'effect_succeeded',
  'effect_failed',
  'effect_unknown',
])

/** `POST /wire/leases/:lease/reports`. Everything accepted before a refused report stays. */
export const takeReports = async (
  context: WireContext,
  known: KnownRunner,
  name: string,
  lease: string,
  sent: Sent,
): Promise<Answer | Refusal> => {
  const place = await inWorkspace(context.db, known.workspace, (tx) => lockLease(tx, known, lease, sent.epoch))
  if ('refusal' in place) return place
  const checked: Checked[] = []
  for (const { seq, report, signature } of sent.reports) {
    const text = reportText(
      { run: place.run, step: place.step, attempt: place.attempt, lease, epoch: sent.epoch, seq },
      report,
    )
    if (!signature || !(await signedBy(known, text, signature)))
      return refuse('proof_invalid', { why: `report ${seq} is not signed with the runner's key` })
    checked.push({ seq, report, text, signature })
  }
  return repeatedly(() =>
    inWorkspace(context.db, known.workspace, (tx) => take(tx, known, name, lease, sent.epoch, checked)),
  )
}

const signedBy = async (known: KnownRunner, text: string, detached: string): Promise<boolean> => {
  const [head, body, tail, ...more] = detached.split('.')
  if (!head || body !== '' || !tail || more.length > 0) return false
  return compactVerify(`${head}.${toBase64url(Buffer.from(text))}.${tail}`, await importJWK(known.key, 'EdDSA'), {
    algorithms: ['EdDSA', 'Ed25519'],
  })
    .then(({ protectedHeader }) => protectedHeader.typ === reportType)
    .catch(() => false)
}

const take = async (
  tx: Tx,
  known: KnownRunner,
  name: string,
  lease: string,
  epoch: number,
  checked: Checked[],
): Promise<Answer | Refusal> => {
  const row = await lockLease(tx, known, lease, epoch)
  if ('refusal' in row) return row
  const by = { kind: 'runner', id: known.runner, name } as const
  const answer: Answer = { accepted: row.reported, gates: [], done: !isLive(row) }
  for (const one of checked) {
    const repeated = one.seq <= answer.accepted
    if (repeated) {
      const { rows } = await tx.query<{ digest: string }>(
        'select digest from vp.reports where workspace = $1 and lease = $2 and epoch = $3 and seq = $4',
        [tx.workspace, lease, epoch, one.seq],
      )
      if (rows[0]?.digest !== sha256Hex(one.text)) return refuse('report_conflict', { seq: one.seq })
      continue
    }
    if (one.seq !== answer.accepted + 1) return refuse('report_gap', { seq: one.seq, expected: answer.accepted + 1 })
    if (answer.done) return late(tx, row, by, one)
    const missing = await notStored(tx, row.run, one.report)
    if (missing) return missing
    const acted = (
      await actIn(tx, [
        {
          run: row.run,
          command: {
            do: 'report',
            by,
            step: row.step,
            attempt: row.attempt,
            epoch,
            report: one.report,
            ...(one.report.type === 'started' && { hello: await helloLevel(tx, known.runner) }),
            ...(one.report.type === 'effect_started' && { hindered: await hindered(tx, row.run, one.report.intent) }),
          },
        },
      ])
    )[0]!
    await tx.query(
      'insert into vp.reports (workspace, lease, epoch, seq, digest, run, fact, text, signature) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [
        tx.workspace,
        lease,
        epoch,
        one.seq,
        sha256Hex(one.text),
        row.run,
        reportedFact(acted.facts),
        one.text,
        one.signature,
      ],
    )
    answer.accepted = one.seq
    // Whoever says what cannot be holds the work no more: it is lost, and the run decides what follows. Else it would wait for ever.
    if (acted.refusal) await endLease(tx, lease, `The runner reported what cannot be: ${acted.refusal.words}`)
    const ended = acted.refusal ? 'superseded' : last.has(one.report.type) ? 'ended' : null
    await tx.query(
      `update vp.leases set reported = $3, state = coalesce($4, case when state = 'offered' then 'held' else state end), ended_at = case when $4 is null then ended_at else vp.now_ms() end where workspace = $1 and lease = $2`,
      [tx.workspace, lease, one.seq, ended],
    )
    if (ended) {
      tx.nudge('work', by.id) // it has a slot free again, and may wait for work already
      await placeFreed(tx, lease)
    }
    if (acted.refusal) return acted.refusal
    if (ended) answer.done = true
    for (const fact of acted.facts)
      if (fact.type === 'gate.opened' && fact.data.ask) answer.gates.push({ ask: fact.data.ask, gate: fact.data.gate })
  }
  return answer
}

/** Why an effect may not be done now; it is asked where its beginning becomes a fact. */
const hindered = async (tx: Tx, run: string, intent: string): Promise<Failure | null> => {
  const state = await loadRun(tx, run)
  const held = state && Object.hasOwn(state.intents, intent) ? state.intents[intent]! : null
  return state && held?.at === 'runner' && effectIsDue(state, held) ? hindrance(tx, state, held) : null
}

/** The wall that the runner said its steps are behind. */
const helloLevel = async (tx: Tx, runner: string): Promise<WallLevel | null> => {
  const { rows } = await tx.query<{ level: WallLevel | null }>(
    {
      name: 'runner wall',
      text: `select capabilities #>> '{isolation,level}' as level from vp.runners where workspace = $1 and runner = $2`,
    },
    [tx.workspace, runner],
  )
  return rows[0]?.level ?? null
}

/** The lease is not the runner's any more: nothing is applied, the attempt to write is kept. */
const late = async (
  tx: Tx,
  row: HeldLease,
  by: { kind: 'runner'; id: string; name: string },
  one: Checked,
): Promise<Refusal> => {
  const refusal = refuse('stale_epoch', { current: row.epoch + (row.state === 'ended' ? 0 : 1), epoch: row.epoch })
  await actIn(tx, [
    {
      run: row.run,
      command: {
        do: 'recordRefusal',
        by,
        code: 'stale_epoch',
        words: `A late ${one.report.type} of attempt ${row.attempt} was refused: its lease is ${row.state}.`,
        step: row.step,
        about: { lease: row.lease, epoch: row.epoch, report: one.report.type },
      },
    },
  ])
  return refusal
}

/** Bodies that a report says are stored must be there whole. */
const notStored = async (tx: Tx, run: string, report: Report): Promise<Refusal | null> => {
  for (const ref of bodiesIn(report)) {
    if (ref.home !== 'stored') continue
    const { rows } = await tx.query<{ have: number; complete: boolean }>(
      'select have, complete from vp.bodies where workspace = $1 and run = $2 and digest = $3',
      [tx.workspace, run, ref.digest],
    )
    if (!rows[0]?.complete)
      return refuse('log_incomplete', { have: rows[0]?.have ?? 0, want: ref.bytes, digest: ref.digest })
  }
  return null
}

const bodiesIn = (value: unknown): BodyRef[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('chunks' in value && 'digest' in value && 'home' in value) return [value as BodyRef]
  return Object.values(value).flatMap(bodiesIn)
}
