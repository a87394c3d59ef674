/**
 * How does a stored log reach the control plane while it grows?
 * By byte offsets: what was sent may be sent again, a gap is answered with the right offset, other bytes at an old offset end the work.
 */
import { open } from 'node:fs/promises'
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import type { LiveLog } from '../evidence/step-log.ts'
import type { Ledger } from '../egress/ledger.ts'
import type { Head } from '../journal/journal.ts'
import { Ended } from '../wire/exchange.ts'
import { pause } from '../wire/retry.ts'
import type { Wire } from '../wire/wire.ts'

/** A file that grows, or that an earlier vpd left behind. */
export type GrowingFile = Pick<LiveLog, 'file' | 'bytes'>
export type LogSender = {
  /** Sends everything that is there now. Resolves with the refusal if there was one. */
  flush(): Promise<Refusal | null>
  stop(): void
}

const portion = 256 * 1024
const everyMs = 1_000

/** Sends the log of a lease in the background, about once a second when it grew. */
export const startLogSender = (options: {
  wire: Wire
  ledger: Ledger
  head: Head
  log: GrowingFile
  onRefused(refusal: Refusal): void
  /** Told once when the log cannot be read or noted: it does not go on growing there. */
  onFault(error: unknown): void
}): LogSender => {
  const { wire, head, log } = options
  const ending = new AbortController()
  let sent = 0
  let turn: Promise<Refusal | null> = Promise.resolve(null)

  const sendAll = async (): Promise<Refusal | null> => {
    while (sent < log.bytes()) {
      const bytes = await readPortion(log.file, sent, Math.min(portion, log.bytes() - sent))
      if (bytes.length === 0) return null
      await options.ledger.note({
        run: head.run,
        step: head.step,
        attempt: head.attempt,
        what: 'log',
        body: { digest: '', from: sent, to: sent + bytes.length },
      })
      const answer = await wire.storeLog(head.lease, { epoch: head.epoch, offset: sent }, bytes, {
        signal: ending.signal,
      })
      if (!isRefusal(answer)) sent = answer.offset
      else if (answer.refusal === 'offset_gap' && Number.isSafeInteger(answer.facts['expected']))
        sent = Number(answer.facts['expected'])
      else return answer
    }
    return null
  }
  const flush = (): Promise<Refusal | null> => {
    turn = turn.then((refusal) => refusal ?? sendAll())
    turn.catch(() => {})
    return turn
  }
  const loop = async (): Promise<void> => {
    for (;;) {
      await pause(everyMs, ending.signal)
      const refusal = await flush()
      if (refusal) return options.onRefused(refusal)
    }
  }
  // It meets whoever flushes as well, who can end the lease for it: thrown here it would end vpd.
  loop().catch((error: unknown) => {
    if (!(error instanceof Ended)) options.onFault(error)
  })
  return { flush, stop: () => ending.abort() }
}

const readPortion = async (file: string, from: number, length: number): Promise<Buffer> => {
  const handle = await open(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await handle.read(bytes, 0, length, from)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
