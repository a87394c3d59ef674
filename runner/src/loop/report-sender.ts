/**
 * How do the reports of one lease reach the control plane: each once, in order, whatever happens in between?
 * They are on the disk before they count, are sent again until they are accepted, and stop at the first "no".
 */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { BodyRef } from '@viewportai/core/digest/body'
import type { Leaves } from '@viewportai/core/wire/level'
import { Report } from '@viewportai/core/wire/messages'
import { narrowed } from '../egress/keep-texts.ts'
import type { Ledger } from '../egress/ledger.ts'
import type { Redactor } from '../egress/redact.ts'
import type { OwnKey } from '../identity/key.ts'
import { endsLease, type Entry, type Journal } from '../journal/journal.ts'
import { isDiskFull } from '../disk/durable.ts'
import { Ended } from '../wire/exchange.ts'
import { signReport } from '../wire/proof.ts'
import { Refused } from '../wire/refused.ts'
import { pause } from '../wire/retry.ts'
import type { Wire } from '../wire/wire.ts'

export type SenderOptions = {
  wire: Wire
  key: OwnKey
  journal: Journal
  redactor: Redactor
  ledger: Ledger
  /** How much may leave, and the folder where the rest stays. */
  leaves: Leaves
  folder: string
  /** Brings stored bodies to the control plane before a report names them. `log`: the digest of the attempt's own log, if it is among them. */
  deliver(refs: BodyRef[], log: string | null): Promise<Refusal | null>
  /** These are to be delivered again. */
  again(refs: BodyRef[]): void
  /** Fires when nothing more is to be sent. */
  closing: AbortSignal
  /** Told once when the control plane refuses a report. */
  onRefused(refusal: Refusal): void
}
export type Sender = {
  /** On the disk when it resolves. `unwritten`: also when the disk takes no more, in memory then. */
  add(report: Report, options?: { unwritten?: boolean }): Promise<void>
  /** Resolves when all that was added is accepted; rejects with a Refused. */
  settled(): Promise<void>
  /** Resolves when the report that ends the lease is accepted ('done'), with the refusal, or 'stopped'. */
  readonly over: Promise<'done' | 'stopped' | Refusal>
  stop(): void
}

const incompleteAtMost = 20
const batchLimit = { reports: 100, bytes: 512 * 1024 }

/** Begins sending what the journal holds and what is added. */
export const startSender = (options: SenderOptions): Sender => {
  const { journal, wire } = options
  const { lease, epoch, run, step, attempt } = journal.head
  const ending = new AbortController()
  let refused: Refusal | null = null
  let adding: Promise<unknown> = Promise.resolve()
  let onWork: (() => void) | null = null
  let waiting: { seq: number; resolve(): void; reject(error: Error): void }[] = []
  const noted = new Set<number>()
  let incomplete = 0

  const add = async (raw: Report, unwritten: boolean): Promise<void> => {
    if (refused) throw new Refused(refused)
    // Before the journal: what may not leave is not even spooled.
    const about = { folder: options.folder, run, step, what: `report ${raw.type}` }
    const report = Report.parse(await narrowed(options.leaves, options.redactor.json(raw), 'report', about))
    const seq = journal.next()
    const entry: Entry = {
      seq,
      report,
      signature: await signReport(options.key, { run, step, attempt, lease, epoch, seq }, report),
    }
    try {
      await journal.add(entry)
    } catch (error) {
      if (!unwritten || !isDiskFull(error)) throw error
      journal.addUnwritten(entry)
    }
    onWork?.()
  }

  const isOver = (): boolean => {
    const last = journal.last()
    return journal.pending().length === 0 && last !== null && endsLease(last)
  }
  const someWork = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => reject(new Ended('stopped'))
      if (ending.signal.aborted) return end()
      ending.signal.addEventListener('abort', end, { once: true })
      onWork = () => {
        onWork = null
        ending.signal.removeEventListener('abort', end)
        resolve()
      }
    })

  const sendSome = async (): Promise<Refusal | null> => {
    const batch = firstOf(journal.pending())
    const refs = batch.flatMap(({ report }) => storedRefs(report))
    const log = batch.flatMap(({ report }) => ('log' in report && report.log ? report.log.digest : []))[0] ?? null
    const undelivered = await options.deliver(refs, log)
    if (undelivered) return undelivered
    for (const { seq, report } of batch.filter((entry) => !noted.has(entry.seq))) {
      noted.add(seq)
      await options.ledger.note({
        run,
        step,
        attempt,
        what: `report ${report.type}`,
        message: { of: 'report', value: report },
      })
    }
    const answer = await wire.report(
      lease,
      { epoch, reports: batch.map((entry) => ({ ...entry })) },
      { signal: ending.signal, timeoutMs: 30_000 },
    )
    if (!isRefusal(answer)) {
      await journal.accepted(answer.accepted)
      if (answer.accepted < batch[0]!.seq) await pause(500, ending.signal) // nothing moved: not at full speed
      return null
    }
    const expected = Number(answer.facts['expected'])
    if (answer.refusal === 'report_gap' && expected > batch[0]!.seq) {
      await journal.accepted(expected - 1) // it has these already: an earlier vpd sent them
      return null
    }
    if (answer.refusal === 'log_incomplete' && incomplete++ < incompleteAtMost) {
      options.again(refs) // it does not have what it said it had
      await pause(500, ending.signal)
      return null
    }
    return answer
  }

  const loop = async (): Promise<'done' | 'stopped' | Refusal> => {
    try {
      for (;;) {
        if (isOver()) return 'done'
        if (journal.pending().length === 0) await someWork()
        const refusal = await sendSome()
        if (refusal) {
          refused = refusal
          waiting.forEach((one) => one.reject(new Refused(refusal)))
          waiting = []
          options.onRefused(refusal)
          return refusal
        }
        const [first] = journal.pending()
        const upTo = first ? first.seq - 1 : journal.next() - 1
        waiting.filter(({ seq }) => seq <= upTo).forEach((one) => one.resolve())
        waiting = waiting.filter(({ seq }) => seq > upTo)
      }
    } catch (error) {
      waiting.forEach((one) => one.reject(error as Error))
      waiting = []
      if (error instanceof Ended) return 'stopped'
      throw error
    }
  }

  const over = loop()
  const stop = (): void => ending.abort()
  options.closing.addEventListener('abort', stop, { once: true })
  if (options.closing.aborted) stop()
  return {
    add(report, { unwritten = false } = {}) {
      const mine = adding.then(() => add(report, unwritten))
      adding = mine.catch(() => {})
      return mine
    },
    async settled() {
      await adding
      if (refused) throw new Refused(refused)
      if (journal.pending().length === 0) return
      if (ending.signal.aborted) throw new Ended('the sender was stopped')
      const seq = journal.next() - 1
      await new Promise<void>((resolve, reject) => waiting.push({ seq, resolve, reject }))
    },
    over,
    stop,
  }
}

const firstOf = (pending: readonly Entry[]): Entry[] => {
  let bytes = 0
  const count = pending.findIndex(
    (entry, at) => at >= batchLimit.reports || (at > 0 && (bytes += JSON.stringify(entry).length) > batchLimit.bytes),
  )
  return pending.slice(0, count < 0 ? pending.length : count)
}

/** Every reference in a report to a body that the control plane is to store. */
const storedRefs = (value: unknown): BodyRef[] => {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(storedRefs)
  if ('home' in value && value.home === 'stored' && 'digest' in value) return [value as BodyRef]
  return Object.values(value).flatMap(storedRefs)
}
