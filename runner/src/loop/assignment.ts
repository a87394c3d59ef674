/**
 * What happens to one piece of work, from the offer to its last accepted report?
 * Refusals first, then the acknowledgement, then the first beat, and only then the work. Beats go on until the end is accepted.
 */
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { BodyRef } from '@viewportai/core/digest/body'
import type { Lease } from '@viewportai/core/wire/messages'
import { isDiskFull } from '../disk/durable.ts'
import { withoutExcerpts } from '../egress/levels.ts'
import { beginLog, type LiveLog } from '../evidence/step-log.ts'
import { endsLease, openJournal, type Head, type Journal } from '../journal/journal.ts'
import { refusalFor } from '../policy/decide.ts'
import type { Port } from '../work/port.ts'
import { Ended } from '../wire/exchange.ts'
import { readGrant } from '../wire/grant.ts'
import { Refused, wordsOf } from '../wire/refused.ts'
import { failureOf, fallbackReport } from './fallback.ts'
import { takeLifeline, type Lifeline } from './lifeline.ts'
import { startLogSender, type LogSender } from './log-sender.ts'
import { startSender, type Sender } from './report-sender.ts'
import { uploadBody } from './upload.ts'
import type { WorkerGround } from './worker-ground.ts'

/** How an assignment ended. `offer-lost`: it was given to another before it began. `left`: reports wait for the next start. */
export type Outcome = 'done' | 'refused' | 'offer-lost' | 'lost' | 'left'
export type StopReason = 'cancelled' | 'lease lost' | 'shutdown'
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

// So long the work has to end by itself after its signal fired (F5: its processes are gone within ten seconds).
const graceMs = 5_000
const lastWordsMs = 10_000

/** Takes an offer and carries it out. `onDrain`: the control plane asks for no more work. */
export const carryOut = (ground: WorkerGround, lease: Lease, onDrain: () => void): Assignment => {
  const stop = new AbortController()
  let state = 'offered'
  let said: string | null = null
  let log: LiveLog | null = null
  let freeSlot = (): void => {}
  const workOver = new Promise<void>((resolve) => (freeSlot = resolve))
  const head: Head = {
    v: 1,
    lease: lease.lease,
    epoch: lease.epoch,
    run: lease.run,
    step: lease.step,
    attempt: lease.attempt,
    kind: lease.job.kind,
    bodies: lease.bodies,
  }

  const refuseOffer = async (refusal: Refusal): Promise<Outcome> => {
    state = 'refused'
    ground.say(`refused ${lease.run} ${lease.step}: ${refusal.words}`)
    const raw = {
      code: refusal.refusal,
      class: 'policy' as const,
      summary: refusal.words,
      check: refusal.next,
      retrySafe: false,
      started: false,
    }
    const failure = ground.policy.leaves.excerpts
      ? ground.redactor.json(raw)
      : withoutExcerpts(ground.redactor.json(raw))
    await ground.ledger.note({ run: isSafeName(lease.run) ? lease.run : null, what: 'refuse', message: failure })
    await ground.wire.refuse(lease.lease, { epoch: lease.epoch, failure })
    return 'refused'
  }

  const live = async (): Promise<Outcome> => {
    const claims = await whyNot(ground, lease)
    if (isRefusal(claims)) return refuseOffer(claims)
    // Used from here on: whatever happens now, this grant begins no work again. A new offer brings a new one.
    if (!(await ground.grants.use(lease.grant, claims.exp))) return refuseOffer(refuse('grant_used'))
    const acked = await ground.wire
      .ack(
        lease.lease,
        { epoch: lease.epoch },
        { signal: AbortSignal.timeout(lease.ttlSeconds * 1_000), maxPauseMs: lease.ttlSeconds * 125 },
      )
      .catch((error: unknown) => {
        if (error instanceof Ended) return refuse('lease_gone', { why: 'the acknowledgement was not answered in time' })
        throw error
      })
    if (acked) {
      ground.say(`the offer of ${lease.run} ${lease.step} was lost: ${acked.words}`)
      return 'offer-lost'
    }
    state = 'acknowledged'
    const journal = await openJournal(ground.folder, head)
    const lifeline = await takeLifeline({
      wire: ground.wire,
      lease: lease.lease,
      epoch: lease.epoch,
      everyMs: ground.beatMs(),
      ttlMs: lease.ttlSeconds * 1_000,
      partition: {
        mode: lease.job.kind === 'effect' ? 'stop' : ground.policy.partition.mode,
        holdMs: ground.policy.partition.hold_seconds * 1_000,
      },
      events: {
        lost: (why) => {
          ground.say(`lost ${lease.run} ${lease.step}: ${why}`)
          stop.abort('lease lost')
        },
        cancel: () => stop.abort('cancelled'),
        drain: onDrain,
        says: () => ({
          now: ground.policy.leaves.excerpts && said !== null ? ground.redactor.text(said).slice(0, 200) : null,
          logBytes: log?.bytes() ?? 0,
        }),
      },
    })
    if (isRefusal(lifeline)) {
      await journal.end('lost')
      ground.say(`the offer of ${lease.run} ${lease.step} was lost: ${lifeline.words}`)
      return 'offer-lost'
    }
    try {
      return await work(journal, lifeline)
    } finally {
      lifeline.stop()
    }
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
    const onRefused = (refusal: Refusal): void => {
      ground.say(`lost ${lease.run} ${lease.step}: ${refusal.words}`)
      stop.abort('lease lost')
    }
    const logSender =
      lease.bodies === 'stored'
        ? startLogSender({ wire: ground.wire, ledger: ground.ledger, head, log: myLog, onRefused })
        : null
    const sender = senderFor(ground, journal, logSender, onRefused)
    sender.over.catch(() => {})
    state = 'running'
    ground.say(`started ${lease.run} ${lease.step}`)
    try {
      const port = portFor(ground, lease, {
        signal: stop.signal,
        log: myLog,
        sender,
        lifeline,
        now: (line) => (said = line),
      })
      const inTime = await untilStopped(ground.work(port, ground.setup), stop.signal).catch((error: unknown) => {
        fault ??= error ?? new Error('the work failed without a reason')
        return true
      })
      if (!inTime) {
        fault ??= new Error(`the work did not end within ${graceMs / 1_000} seconds`)
        await ground
          .sweep(lease)
          .catch((error: unknown) =>
            ground.say(`processes of ${lease.run} ${lease.step} may be left: ${wordsOf(error)}`),
          )
      }
      const body = await myLog.close().catch((error: unknown) => {
        fault ??= error
        return null
      })
      await giveResult(journal, sender, fault, body, performance.now() - began)
    } finally {
      freeSlot()
    }
    state = 'reporting'
    const over = await sender.over
    logSender?.stop()
    if (over === 'stopped' && stop.signal.reason === 'lease lost') {
      await journal.end('lost')
      return 'lost'
    }
    if (over === 'done') {
      await journal.end('done')
      ground.say(`done ${lease.run} ${lease.step}`)
      return 'done'
    }
    if (over === 'stopped') {
      await journal.leave()
      return 'left'
    }
    await journal.end('lost')
    return 'lost'
  }

  /** Makes sure that a lease that is still ours ends with a report, and that one that is not does not keep anyone waiting. */
  const giveResult = async (
    journal: Journal,
    sender: Sender,
    fault: unknown,
    body: BodyRef | null,
    millis: number,
  ): Promise<void> => {
    const last = journal.last()
    if (last !== null && endsLease(last)) return
    const reason = stop.signal.aborted ? (stop.signal.reason as StopReason) : null
    // The control plane finds a lease that is silent, or not in the next hello, lost: that is the truth here.
    if (reason === 'lease lost') return lastWords(sender)
    if (reason === 'shutdown' && !isDiskFull(fault)) return sender.stop()
    const report = fallbackReport(lease, fault, body, millis)
    await sender
      .add(reason === 'cancelled' && report.type === 'failed' ? { ...report, failure: cancelled } : report, {
        unwritten: true,
      })
      .catch((error: unknown) => {
        if (!(error instanceof Refused))
          ground.say(`the end of ${lease.run} ${lease.step} could not be kept: ${wordsOf(error)}`)
        sender.stop()
      })
  }

  /** Nothing was begun and nothing can be: the control plane should know before the lease runs out. */
  const giveBack = async (error: unknown): Promise<never> => {
    if (state === 'offered' || state === 'acknowledged')
      await ground.wire
        .refuse(
          lease.lease,
          { epoch: lease.epoch, failure: failureOf(error, lease, false) },
          { signal: AbortSignal.timeout(5_000) },
        )
        .catch(() => {})
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

/** The claims of the grant, or why this machine does not take the work. Nothing was begun to find out. */
const whyNot = async (ground: WorkerGround, lease: Lease) => {
  // These name files here: nothing else may come in.
  const unsafe = [lease.lease, lease.run, lease.step].find((name) => !isSafeName(name))
  if (unsafe !== undefined)
    return refuse('invalid', { where: 'lease', why: 'an id holds other characters than letters, digits, _ and -' })
  const claims = await readGrant(lease, ground.pairing.serverKeys, ground.wire.clock.seconds())
  return isRefusal(claims)
    ? claims
    : (refusalFor({ policy: ground.policy, server: ground.pairing.server }, lease) ?? claims)
}

const isSafeName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(name)

const cancelled = {
  code: 'cancelled',
  class: 'cancelled' as const,
  summary: 'The run was cancelled.',
  check: 'Nothing to do.',
  retrySafe: true,
  started: true,
}

/** What was reported before the lease was lost is still worth sending: the control plane keeps it as evidence. */
const lastWords = async (sender: Sender): Promise<void> => {
  const giveUp = setTimeout(() => sender.stop(), lastWordsMs)
  await sender.settled().catch(() => {})
  clearTimeout(giveUp)
  sender.stop()
}

/** Resolves when the work ended (true), or when it ignored its signal for too long (false). */
const untilStopped = (work: Promise<void>, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const giveUp = (): void => {
      timer = setTimeout(() => resolve(false), graceMs)
    }
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    work
      .then(() => resolve(true), reject)
      .finally(() => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
      })
  })

const portFor = (
  ground: WorkerGround,
  lease: Lease,
  parts: { signal: AbortSignal; log: LiveLog; sender: Sender; lifeline: Lifeline; now(line: string): void },
): Port => ({
  lease,
  signal: parts.signal,
  log: parts.log,
  evidence: {
    put: (run, kind, media, bytes) => ground.evidence.put(run, kind, media, bytes, lease.bodies),
    get: (digest) => ground.evidence.get(digest),
  },
  report: (report) => parts.sender.add(report),
  async settled() {
    await parts.sender.settled()
    await parts.lifeline.alive()
  },
  now: parts.now,
})

/** The sender of a lease's reports, with the way its stored bodies take. Also for leases that an earlier vpd left. */
export const senderFor = (
  ground: WorkerGround,
  journal: Journal,
  logSender: LogSender | null,
  onRefused: (refusal: Refusal) => void,
): Sender => {
  const delivered = new Set<string>()
  const { wire, evidence, ledger, closing: signal } = ground
  const deliver = async (refs: BodyRef[], log: string | null): Promise<Refusal | null> => {
    for (const ref of refs.filter(({ digest }) => !delivered.has(digest))) {
      // Of the attempt's own log every byte that was promised goes before the whole.
      const behind = logSender && ref.digest === log ? await logSender.flush() : null
      const refusal = behind ?? (await uploadBody({ wire, evidence, ledger, signal }, journal.head, ref))
      if (refusal) return refusal
      delivered.add(ref.digest)
    }
    return null
  }
  const again = (refs: BodyRef[]): void => refs.forEach(({ digest }) => delivered.delete(digest))
  const { key, redactor, policy } = ground
  return startSender({
    wire,
    key,
    journal,
    redactor,
    ledger,
    excerpts: policy.leaves.excerpts,
    deliver,
    again,
    onRefused,
    closing: signal,
  })
}
