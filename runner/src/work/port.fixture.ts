/** A port that keeps what was reported in memory, for tests of the work itself. Reports are checked against the wire's schema. */
import { ownMark } from '../evidence/own-lines.ts'
import { bodyDigests, type BodyRef } from '@viewportai/core/digest/body'
import type { Job } from '@viewportai/core/wire/job'
import { Lease, Report } from '@viewportai/core/wire/messages'
import type { Port } from './port.ts'

export type TestPort = Port & {
  readonly reports: Report[]
  readonly bodies: Map<string, Uint8Array>
  readonly abort: AbortController
  logText(): string
  /** Of one type, in order. */ of<T extends Report['type']>(type: T): Extract<Report, { type: T }>[]
  /** The text of a body that was kept. */ text(ref: { digest: string } | null | undefined): string
}

export const testPort = (
  job: Job,
  also: {
    step?: string
    attempt?: number
    round?: number
    settled?: () => Promise<void>
    onReport?: (report: Report) => void | Promise<void>
    bodies?: Map<string, Uint8Array>
    secretsIn?: (bytes: Uint8Array) => string[]
  } = {},
): TestPort => {
  const reports: Report[] = []
  const bodies = also.bodies ?? new Map<string, Uint8Array>()
  const abort = new AbortController()
  const log: Buffer[] = []
  const put = async (kind: BodyRef['kind'], media: string, bytes: Uint8Array): Promise<BodyRef> => {
    const digests = bodyDigests(bytes)
    bodies.set(digests.digest, Uint8Array.from(bytes))
    return { ...digests, kind, media, home: 'edge' }
  }
  const lease = Lease.parse({
    lease: 'lease_1',
    run: 'run_1',
    workflow: 'bug-to-pr',
    step: also.step ?? 'implement',
    attempt: also.attempt ?? 1,
    round: also.round ?? 1,
    epoch: 1,
    ttlSeconds: 60,
    bodies: 'edge',
    grant: 'x',
    job,
  })
  return {
    lease,
    signal: abort.signal,
    evidence: {
      put: (_run, kind, media, bytes) => put(kind, media, bytes),
      get: async (digest) => bodies.get(digest) ?? null,
      secretsIn: also.secretsIn ?? (() => []),
    },
    log: {
      write: (bytes) => void log.push(Buffer.from(bytes as string)),
      own: (words) => void log.push(Buffer.from(`${ownMark} ${words}\n`)),
      close: () => put('log', 'text/plain', Buffer.concat(log)),
    },
    report: async (report) => {
      reports.push(Report.parse(JSON.parse(JSON.stringify(report))))
      await also.onReport?.(report)
    },
    settled: also.settled ?? (async () => {}),
    now: () => {},
    left: async () => {},
    reports,
    bodies,
    abort,
    logText: () => Buffer.concat(log).toString('utf8'),
    of: (type) => reports.filter((report): report is Extract<Report, { type: typeof type }> => report.type === type),
    text: (ref) => Buffer.from(bodies.get(ref?.digest ?? '') ?? []).toString('utf8'),
  }
}
