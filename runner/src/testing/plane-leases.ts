/** Who holds which work in the control plane of the tests? Leases with epochs, expiry by its own clock, reports by number. */
import { randomBytes } from 'node:crypto'
import { CompactSign } from 'jose'
import { canonical } from '@viewportai/core/digest/canonical'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { grantFor, grantType } from '@viewportai/core/wire/grant'
import type { Job } from '@viewportai/core/wire/job'
import type { Lease, Report, ReportRequest } from '@viewportai/core/wire/messages'
import type { z } from 'zod'
import { sourceFor } from './written.ts'
import { isSignedReport, type Ed25519, type SigningKey } from './plane-auth.ts'

export type Work = {
  run: string
  step: string
  attempt: number
  job: Job
  bodies: 'edge' | 'stored'
  source?: Lease['source']
}
export type Held = {
  lease: Lease
  work: Work
  runner: string
  request: string
  state: 'offered' | 'held' | 'ended' | 'refused' | 'expired' | 'lost' | 'superseded'
  expires: number
  beats: { at: number; now: string | null; logBytes: number }[]
  reports: Report[]
  texts: string[]
  late: Report[]
  failure: unknown
  cancel: string | null
  log: Buffer
}
export type Settings = {
  leaseSeconds: number
  beatSeconds: number
  grantSeconds: number
  tokenSeconds: number
  drain: boolean
  /** Answered to `/wire/keys`. */
  successions: string[]
}

const last = new Set(['finished', 'failed', 'parked', 'effect_succeeded', 'effect_failed', 'effect_unknown'])

/** The leases of one control plane. */
export const planeLeases = (plane: {
  key: SigningKey
  runners: Map<string, Ed25519>
  settings: Settings
  now(): number
}) => {
  const queue: Work[] = []
  const all: Held[] = []
  const events = { changed: (): void => {} }
  const isLive = (one: Held): boolean => one.state === 'offered' || one.state === 'held'

  /** What the database's clock would do. */
  const expire = (): void => {
    for (const one of all.filter((held) => isLive(held) && held.expires < performance.now())) end(one)
  }
  const end = (one: Held): void => {
    const begun = one.reports.length > 0
    one.state = begun ? 'lost' : 'expired'
    if (!begun) queue.unshift(one.work)
    events.changed()
  }
  const find = (runner: string, lease: string, epoch: number): Held | Refusal => {
    expire()
    const one = all.find((held) => held.lease.lease === lease)
    if (!one || one.runner !== runner) return refuse('lease_gone')
    if (one.lease.epoch !== epoch) return refuse('stale_epoch', { current: one.lease.epoch, epoch })
    return one
  }
  const live = (runner: string, lease: string, epoch: number): Held | Refusal => {
    const one = find(runner, lease, epoch)
    return 'refusal' in one || isLive(one) ? one : refuse('stale_epoch', { current: epoch + 1, epoch })
  }
  const touch = (one: Held): void => void (one.expires = performance.now() + plane.settings.leaseSeconds * 1_000)

  return {
    all,
    queue,
    events,
    expire,
    end,
    live,
    /** `only`: of this run alone. */
    async offer(runner: string, request: string, only?: string): Promise<Lease | null> {
      expire()
      const again = all.find((one) => one.request === request && one.runner === runner && isLive(one))
      if (again) return again.lease
      const at = queue.findIndex(({ run }) => only === undefined || run === only)
      if (at < 0) return null
      const work = queue.splice(at, 1)[0]!
      const epoch = all.filter((one) => one.work.run === work.run && one.work.step === work.step).length + 1
      const draft = {
        ...work,
        workflow: 'bug-to-pr',
        round: 1,
        epoch,
        ttlSeconds: plane.settings.leaseSeconds,
        lease: `lease_${randomBytes(6).toString('hex')}`,
        source: work.source === undefined ? sourceFor(work.step, work.job) : work.source,
      }
      const claims = grantFor(draft, plane.now() + plane.settings.grantSeconds)
      const grant = await new CompactSign(new TextEncoder().encode(canonical(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: grantType, kid: plane.key.kid })
        .sign(plane.key.sign)
      const lease: Lease = { ...draft, grant }
      const held: Held = {
        lease,
        work,
        runner,
        request,
        state: 'offered',
        expires: 0,
        beats: [],
        reports: [],
        texts: [],
        late: [],
        failure: null,
        cancel: null,
        log: Buffer.alloc(0),
      }
      touch(held)
      all.push(held)
      events.changed()
      return lease
    },
    ack(runner: string, lease: string, epoch: number): Refusal | null {
      const one = live(runner, lease, epoch)
      if ('refusal' in one) return one
      one.state = 'held'
      touch(one)
      events.changed()
      return null
    },
    refuse(runner: string, lease: string, epoch: number, failure: unknown): Refusal | null {
      const one = live(runner, lease, epoch)
      if ('refusal' in one) return one
      Object.assign(one, { state: 'refused', failure })
      events.changed()
      return null
    },
    beat(runner: string, lease: string, said: { epoch: number; now: string | null; logBytes: number }) {
      const one = live(runner, lease, said.epoch)
      if ('refusal' in one) return one
      touch(one)
      one.beats.push({ at: performance.now(), now: said.now, logBytes: said.logBytes })
      events.changed()
      return { ttlSeconds: plane.settings.leaseSeconds, cancel: one.cancel, drain: plane.settings.drain }
    },
    async report(runner: string, lease: string, { epoch, reports }: z.infer<typeof ReportRequest>) {
      const one = find(runner, lease, epoch)
      if ('refusal' in one) return one
      for (const { seq, report, signature } of reports) {
        const place = { run: one.work.run, step: one.work.step, attempt: one.work.attempt, lease, epoch, seq }
        if (!(await isSignedReport(plane.runners.get(runner)!, place, report, signature)))
          return refuse('proof_invalid', { why: `report ${seq} is not signed` })
        const text = canonical(report)
        if (seq <= one.reports.length) {
          if (one.texts[seq - 1] !== text) return refuse('report_conflict', { seq })
          continue
        }
        if (seq !== one.reports.length + 1) return refuse('report_gap', { seq, expected: one.reports.length + 1 })
        if (!isLive(one)) {
          one.late.push(report)
          events.changed()
          return refuse('stale_epoch', { current: epoch + 1, epoch })
        }
        one.reports.push(report)
        one.texts.push(text)
        if (last.has(report.type)) one.state = 'ended'
        events.changed()
      }
      return { accepted: one.reports.length, gates: [], done: !isLive(one) }
    },
    hello(runner: string, holding: { lease: string; epoch: number }[]): string[] {
      expire()
      const mine = all.filter((one) => one.runner === runner && isLive(one))
      const keep = mine.filter((one) =>
        holding.some(({ lease, epoch }) => lease === one.lease.lease && epoch === one.lease.epoch),
      )
      mine.filter((one) => !keep.includes(one)).forEach(end)
      return keep.map((one) => one.lease.lease)
    },
    storeLog(runner: string, lease: string, epoch: number, offset: number, bytes: Buffer) {
      const one = live(runner, lease, epoch)
      if ('refusal' in one) return one
      if (offset > one.log.length) return refuse('offset_gap', { expected: one.log.length })
      const overlap = one.log.subarray(offset, offset + bytes.length)
      if (!overlap.equals(bytes.subarray(0, overlap.length))) return refuse('offset_conflict')
      one.log = Buffer.concat([one.log, bytes.subarray(overlap.length)])
      events.changed()
      return { offset: one.log.length, complete: false }
    },
  }
}
export type PlaneLeases = ReturnType<typeof planeLeases>
