/**
 * What happens to one piece of work, from the offer to its last accepted report?
 * Refusals first, then the acknowledgement, then the first beat, and only then the work. Beats go on until the end is accepted.
 */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { Lease } from '@viewportai/core/wire/messages'
import { beginLog, type LiveLog } from '../evidence/step-log.ts'
import { mayLeave } from '../egress/keep-texts.ts'
import { openJournal, type Head, type Journal } from '../journal/journal.ts'
import type { Port } from '../work/port.ts'
import { wordsOf } from '../wire/refused.ts'
import { senderFor } from './delivery.ts'
import { failureOf } from './fallback.ts'
import { giveResult, type StopReason } from './give-result.ts'
import { takeLifeline, type Lifeline } from './lifeline.ts'
import { startLogSender } from './log-sender.ts'
import { acknowledge, refusedDocument, sayNo, whyNotTaken } from './offer.ts'
import type { Sender } from './report-sender.ts'
import { graceSeconds, untilStopped } from './until-stopped.ts'
import type { WorkerGround } from './worker-ground.ts'

/** How an assignment ended. `offer-lost`: it was given to another before it began. `left`: reports wait for the next start. */
export type Outcome = 'done' | 'refused' | 'offer-lost' | 'lost' | 'left'
/** A piece of work under way. */
export type Assignment = {
  readonly lease: Lease
  readonly since: number
  /** What is going on, for people. */
  state(): string
  log(): LiveLog | null
  stop(reason: StopReason): void
  /** Resolves when no process of it is left: its slot is free. */
  readonly workOver: Promise<void>
  readonly outcome: Promise<Outcome>
}

/** Takes an offer and carries it out. `onDrain`: the control plane asks for no more work. `refusal`: the worker does not want it. */
export const carryOut = (
  ground: WorkerGround,
  lease: Lease,
  onDrain: () => void,
  refusal: Refusal | null = null,
): Assignment => {
  const stop = new AbortController()
  const name = `${lease.run} ${lease.step}`
  const head = headOf(lease)
  let state: 'offered' | 'acknowledged' | 'running' | 'reporting' = 'offered'
  let said: string | null = null
  let saidBefore: string | null = null
  let log: LiveLog | null = null
  let freeSlot = (): void => {}
  const workOver = new Promise<void>((resolve) => (freeSlot = resolve))
  const lose = (why: string): void => {
    ground.say(`lost ${name}: ${why}`)
    stop.abort('lease lost')
  }
  const offerLost = ({ words }: Refusal): Outcome => {
    ground.say(`the offer of ${name} was lost: ${words}`)
    return 'offer-lost'
  }

  const live = async (): Promise<Outcome> => {
    const whyNot = refusal ?? (await whyNotTaken(ground, lease))
    if (whyNot) {
      ground.say(`refused ${name}: ${whyNot.words}`)
      await sayNo(ground, lease, refusedDocument(whyNot), ground.closing)
      return 'refused'
    }
    const gone = await acknowledge(ground, lease)
    if (gone) return offerLost(gone)
    state = 'acknowledged'
    const journal = await openJournal(ground.folder, head)
    const lifeline = await takeLifeline({
      wire: ground.wire,
      lease: lease.lease,
      epoch: lease.epoch,
      everyMs: ground.beatMs(),
      ttlMs: lease.ttlSeconds * 1_000,
      // An effect is never held: outside effects happen at most once.
      partition: {
        mode: lease.job.kind === 'effect' ? 'stop' : ground.policy.partition.mode,
        holdMs: ground.policy.partition.hold_seconds * 1_000,
      },
      events: { lost: lose, cancel: () => stop.abort('cancelled'), drain: onDrain, says },
    })
    if (isRefusal(lifeline)) {
      await journal.end('lost')
      return offerLost(lifeline)
    }
    try {
      return await work(journal, lifeline)
    } finally {
      lifeline.stop()
    }
  }

  /** What the next beat says. The line of what is going on leaves this machine: it is redacted and noted like everything else. */
  const says = async (): Promise<{ now: string | null; logBytes: number }> => {
    const now =
      mayLeave(ground.policy, lease.leaves) === 'excerpt' && said !== null
        ? ground.redactor.text(said).slice(0, 200)
        : null
    if (now !== saidBefore) await ground.ledger.note({ ...head, what: 'beat', message: { of: 'beat', value: { now } } })
    saidBefore = now
    return { now, logBytes: log?.bytes() ?? 0 }
  }

  const work = async (journal: Journal, lifeline: Lifeline): Promise<Outcome> => {
    await journal.markBegan()
    const began = performance.now()
    let fault: unknown = null
    const myLog = await beginLog({
      folder: ground.folder,
      place: head,
      redactor: ground.redactor,
      evidence: ground.evidence,
      home: lease.bodies,
      limit: ground.policy.evidence.log_megabytes * 1024 * 1024,
      onFault: (error) => {
        fault ??= error
        stop.abort('shutdown')
      },
    })
    log = myLog
    const onRefused = (refusal: Refusal): void => lose(refusal.words)
    const logSender =
      lease.bodies === 'stored'
        ? startLogSender({
            wire: ground.wire,
            ledger: ground.ledger,
            head,
            log: myLog,
            onRefused,
            onFault: (error) => ground.say(`the log of ${name} is not sent any more: ${wordsOf(error)}`),
          })
        : null
    const sender = senderFor(ground, journal, logSender, onRefused, lease.leaves ?? 'excerpt')
    sender.over.catch(() => {}) // looked at below
    state = 'running'
    ground.say(`started ${name}`)
    const port = portFor(ground, lease, stop.signal, myLog, sender, lifeline, (line) => (said = line))
    try {
      const ended = await untilStopped(ground.work(port, ground.setup), stop.signal).catch((error: unknown) => {
        fault ??= error ?? new Error('the work failed without a reason')
        return true
      })
      if (!ended) {
        fault ??= new Error(`the work did not end within ${graceSeconds} seconds`)
        await ground.sweep(lease).catch((error: unknown) => ground.say(`of ${name} may be left: ${wordsOf(error)}`))
      }
      const body = await myLog.close().catch((error: unknown) => {
        fault ??= error
        return null
      })
      const stopped = stop.signal.aborted ? (stop.signal.reason as StopReason) : null
      const millis = performance.now() - began
      await giveResult({ lease, journal, sender, stopped, fault, log: body, millis, say: ground.say })
    } finally {
      freeSlot()
    }
    state = 'reporting'
    const over = await sender.over
    logSender?.stop()
    if (over === 'done') {
      await journal.end('done')
      ground.say(`done ${name}`)
      return 'done'
    }
    if (over === 'stopped' && stop.signal.reason !== 'lease lost') {
      await journal.leave()
      return 'left'
    }
    await journal.end('lost')
    return 'lost'
  }

  /** Nothing was begun and nothing can be: the control plane should know before the lease runs out. */
  const giveBack = async (error: unknown): Promise<never> => {
    if (state === 'offered' || state === 'acknowledged')
      await sayNo(ground, lease, failureOf(error, lease, false), AbortSignal.timeout(5_000)).catch(() => {})
    throw error
  }

  const outcome = live().catch(giveBack).finally(freeSlot)
  return {
    lease,
    since: Date.now(),
    state: () => (said !== null && state === 'running' ? said : state),
    log: () => log,
    stop: (reason) => stop.abort(reason),
    workOver,
    outcome,
  }
}

const headOf = ({ lease, epoch, run, step, attempt, job, bodies }: Lease): Head => ({
  v: 1,
  lease,
  epoch,
  run,
  step,
  attempt,
  kind: job.kind,
  bodies,
})

const portFor = (
  { evidence, redactor, ledger }: WorkerGround,
  lease: Lease,
  signal: AbortSignal,
  log: LiveLog,
  sender: Sender,
  lifeline: Lifeline,
  now: (line: string) => void,
): Port => ({
  lease,
  signal,
  log,
  evidence: {
    put: (run, kind, media, bytes) => evidence.put(run, kind, media, bytes, lease.bodies),
    get: (digest) => evidence.get(digest),
    secretsIn: (bytes) => redactor.known(bytes),
  },
  report: (report) => sender.add(report),
  async settled() {
    await sender.settled()
    await lifeline.alive()
  },
  left: (what, to, bytes) =>
    ledger.note({ run: lease.run, step: lease.step, attempt: lease.attempt, what, elsewhere: { to, bytes } }),
  now,
})
