/** How does every piece of work end in exactly one way: with a report if the lease is still ours, in silence if it is not? */
import type { BodyRef } from '@viewportai/core/digest/body'
import type { Lease } from '@viewportai/core/wire/messages'
import { isDiskFull } from '../disk/durable.ts'
import { endsLease, type Journal } from '../journal/journal.ts'
import { Refused, wordsOf } from '../wire/refused.ts'
import { cancelledReport, fallbackReport } from './fallback.ts'
import type { Sender } from './report-sender.ts'

export type StopReason = 'cancelled' | 'lease lost' | 'shutdown'
export type Ending = {
  readonly lease: Lease
  readonly journal: Journal
  readonly sender: Sender
  /** Why the work was to stop, or null. */
  readonly stopped: StopReason | null
  /** What went wrong, or null. */
  readonly fault: unknown
  readonly log: BodyRef | null
  readonly millis: number
  say(line: string): void
}

const lastWordsMs = 10_000

/** Adds the report that the work did not make, or stops the sender where nothing more is to be said. */
export const giveResult = async (ending: Ending): Promise<void> => {
  const { journal, sender, stopped, fault, lease } = ending
  const last = journal.last()
  if (last !== null && endsLease(last)) return
  if (stopped === 'lease lost') return lastWords(sender)
  // The control plane finds a lease that is silent, or not in the next hello, lost: that is the truth here.
  if (stopped === 'shutdown' && !isDiskFull(fault)) return sender.stop()
  const report = (stopped === 'cancelled' ? cancelledReport : fallbackReport)(lease, fault, ending.log, ending.millis)
  try {
    await sender.add(report, { unwritten: true })
  } catch (error) {
    if (!(error instanceof Refused))
      ending.say(`the end of ${lease.run} ${lease.step} could not be kept: ${wordsOf(error)}`)
    sender.stop()
  }
}

/** What was reported before the lease was lost is still worth sending: the control plane keeps it as evidence. */
const lastWords = async (sender: Sender): Promise<void> => {
  const giveUp = setTimeout(() => sender.stop(), lastWordsMs)
  await sender.settled().catch(() => {})
  clearTimeout(giveUp)
  sender.stop()
}
