/**
 * How does a reviewer get to see a body that lives on this machine?
 * The bytes go straight to the address in the order, if it belongs to the control plane we are paired with; nothing else learns our token.
 */
import { Readable } from 'node:stream'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isRefusal } from '@viewportai/core/refusal'
import type { Order } from '@viewportai/core/wire/messages'
import { isLoopback } from '../identity/find-server.ts'
import { logsOf, type LiveLog } from '../evidence/step-log.ts'
import { Ended, NoAnswer } from '../wire/exchange.ts'
import { wordsOf } from '../wire/refused.ts'
import type { WorkerGround } from './worker-ground.ts'

export type ServeOrder = Extract<Order, { order: 'serve' }>
/** Why nothing is served; sent as `viewport-absent` so that people see the reason at once. */
type Absent = 'not-here' | 'policy' | 'range'
/** `what` null: it is noted already. */
type Found = { bytes(): Readable; total: number | null; from: number; to: number; digest: string; what: string | null }

/** Serves one order. Never throws: who asked may have left long ago. */
export const serve = async (
  ground: WorkerGround,
  order: ServeOrder,
  liveLog: (run: string, step: string, attempt: number) => LiveLog | null,
): Promise<void> => {
  const to = addressOf(ground, order.to)
  if (to === null)
    return ground.say(
      `refused to serve ${order.run} to ${order.to}: it is not an address of the control plane. leaves.origins in the policy can name more`,
    )
  try {
    const found =
      'digest' in order.what
        ? await findBody(ground, order, order.what.digest)
        : 'log' in order.what
          ? await findLog(ground, order, order.what.log, liveLog)
          : await findLeft(ground, order)
    if (typeof found === 'string') {
      await ground.wire.transfer(to, { 'viewport-absent': found }, Readable.from([]))
      return
    }
    if (found.what !== null)
      await ground.ledger.note({
        run: order.run,
        what: found.what,
        body: { digest: found.digest, from: found.from, to: Math.max(found.from, found.to) },
      })
    const answer = await ground.wire.transfer(
      to,
      found.total === null ? {} : { 'viewport-total': String(found.total) },
      found.bytes(),
      { timeoutMs: order.follow ? 3_600_000 : 60_000 },
    )
    if (isRefusal(answer)) ground.say(`could not serve ${order.run}: ${answer.words}`)
  } catch (error) {
    if (!(error instanceof Ended) && !(error instanceof NoAnswer))
      ground.say(`could not serve ${order.run}: ${wordsOf(error)}`)
  }
}

/** The address, if it is one for transfers of our control plane. Nothing else ever gets a request of ours. */
const addressOf = (ground: WorkerGround, to: string): string | null => {
  const server = new URL(`${ground.pairing.server}/`)
  if (!URL.canParse(to, server.href)) return null
  const target = new URL(to, server)
  // A control plane on this machine may have several replicas here; it can reach this machine's ports without us.
  const near = isLoopback(server) && isLoopback(target)
  const ours = near || target.origin === server.origin || ground.policy.leaves.origins.includes(target.origin)
  return ours && target.username === '' && /\/wire\/transfers\/[A-Za-z0-9_-]+$/.test(target.pathname)
    ? target.href
    : null
}

const findBody = async (
  ground: WorkerGround,
  { run, offset, length }: ServeOrder,
  digest: string,
): Promise<Found | Absent> => {
  if (!isName(run)) return 'not-here'
  const entry = await ground.evidence.find(run, digest)
  if (!entry) return 'not-here'
  if (!ground.policy.leaves.serve.includes(entry.kind)) return 'policy'
  if (offset > entry.bytes) return 'range'
  const to = length === null ? entry.bytes : Math.min(entry.bytes, offset + length)
  return {
    bytes: () => ground.evidence.read(digest, offset, to),
    total: entry.bytes,
    from: offset,
    to,
    digest,
    what: `body ${entry.kind}`,
  }
}

/** An id that names files here and nothing outside. */
const isName = (run: string): boolean => /^[A-Za-z0-9_-]+$/.test(run)

/** What left about a run. Names and sizes alone: it is served whatever the policy says of bodies. */
const findLeft = async (ground: WorkerGround, { run }: ServeOrder): Promise<Found | Absent> => {
  if (!isName(run)) return 'not-here'
  const bytes = Buffer.from(await ground.ledger.tell(run))
  return { bytes: () => Readable.from([bytes]), total: bytes.length, from: 0, to: bytes.length, digest: '', what: null }
}

const findLog = async (
  ground: WorkerGround,
  { run, offset, length, follow }: ServeOrder,
  { step, attempt }: { step: string; attempt: number },
  liveLog: (run: string, step: string, attempt: number) => LiveLog | null,
): Promise<Found | Absent> => {
  if (!isName(run)) return 'not-here'
  if (!ground.policy.leaves.serve.includes('log')) return 'policy'
  const live = liveLog(run, step, attempt)
  if (follow && live && !live.closed())
    return {
      bytes: () => Readable.from(following(live, offset)),
      total: null,
      from: offset,
      to: offset,
      digest: '',
      what: 'log',
    }
  const log = (await logsOf(ground.folder, run)).findLast((one) => one.step === step && one.attempt === attempt)
  if (!log) return 'not-here'
  const { size } = await stat(log.file)
  if (offset > size) return 'range'
  const to = length === null ? size : Math.min(size, offset + length)
  const bytes = (): Readable =>
    to > offset ? createReadStream(log.file, { start: offset, end: to - 1 }) : Readable.from([])
  return { bytes, total: size, from: offset, to, digest: '', what: 'log' }
}

/** A live log from an offset until it is closed. */
const following = async function* (log: LiveLog, offset: number): AsyncGenerator<Buffer> {
  let at = offset
  for (;;) {
    // Asked before reading: what grows during the read is seen in the next turn.
    const change = log.closed() ? null : nextChange(log)
    if (log.bytes() > at) {
      for await (const part of createReadStream(log.file, { start: at })) {
        at += (part as Buffer).length
        yield part as Buffer
      }
    } else if (change === null) return
    else await change
  }
}

const nextChange = (log: LiveLog): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      log.events.off('grown', over)
      log.events.off('closed', over)
      resolve()
    }
    log.events.on('grown', over)
    log.events.on('closed', over)
  })
