/**
 * What did an earlier vpd leave behind, and what becomes of it?
 * A lease whose end was reported but not accepted is still held: its reports are sent. One whose work was cut off is not held any more:
 * its processes were swept before, and the control plane, which does not find it in the hello, counts it as lost.
 */
import { endsLease, openJournal, unfinished, type Journal } from '../journal/journal.ts'
import { logsOf } from '../evidence/step-log.ts'
import { stat } from 'node:fs/promises'
import { senderFor } from './delivery.ts'
import { startLogSender } from './log-sender.ts'
import { wordsOf } from '../wire/refused.ts'
import type { WorkerGround } from './worker-ground.ts'

/** Journals with an end that was not accepted: named in the hello. */
export type LeftBehind = { readonly held: readonly Journal[] }

/** Looks through the journal folder: closes what was cut off, keeps what can be finished. */
export const lookBehind = async (ground: WorkerGround): Promise<LeftBehind> => {
  const held: Journal[] = []
  for (const head of await unfinished(ground.folder)) {
    const journal = await openJournal(ground.folder, head)
    const last = journal.last()
    if (last !== null && endsLease(last)) held.push(journal)
    else {
      await journal.end('lost')
      ground.say(
        `${head.run} ${head.step} was cut off ${journal.began() ? 'while it ran' : 'before it began'}: the control plane decides whether it runs again`,
      )
    }
  }
  return { held }
}

/** Sends what is left of one kept lease; one that the control plane did not keep is closed. */
export const finishLeft = async (ground: WorkerGround, journal: Journal, kept: boolean): Promise<void> => {
  const { head } = journal
  if (!kept) {
    await journal.end('lost')
    return ground.say(`${head.run} ${head.step} is not ours any more: its reports are kept here as evidence`)
  }
  const log = (await logsOf(ground.folder, head.run)).find(
    (one) => one.step === head.step && one.attempt === head.attempt && one.epoch === head.epoch,
  )
  const size = log ? (await stat(log.file)).size : 0
  const logSender =
    head.bodies === 'stored' && log
      ? startLogSender({
          wire: ground.wire,
          ledger: ground.ledger,
          head,
          log: { file: log.file, bytes: () => size },
          onRefused: () => {},
          onFault: (error) => ground.say(`the log of ${head.run} ${head.step} is not sent: ${wordsOf(error)}`),
        })
      : null
  const sender = senderFor(ground, journal, logSender, (refusal) =>
    ground.say(`the reports of ${head.run} ${head.step} were refused: ${refusal.words}`),
  )
  const over = await sender.over
  logSender?.stop()
  if (over === 'stopped') return journal.leave()
  await journal.end(over === 'done' ? 'done' : 'lost')
  if (over === 'done') ground.say(`sent what was left of ${head.run} ${head.step}`)
}
