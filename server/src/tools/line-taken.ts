/** What becomes of what came over a line? The same as of a webhook: it is stored first, and answered then. */
import { isRefusal } from '@viewportai/core/refusal'
import { keepTaken, stoodSoon } from '../deliveries/keep-taken.ts'
import { keepRefused } from '../deliveries/refused.ts'
import { answerClick } from '../status/answer-click.ts'
import type { LineOptions } from './line-options.ts'
import type { Connection, LineSaid } from './port.ts'

/** Stored first, answered then: a message without an answer is sent again. */
export const takeFromLine = async (
  { db, store, address, outside }: LineOptions,
  from: { readonly workspace: string; readonly source: string; readonly kind: string },
  { taken: what, body, answer }: Extract<LineSaid, { is: 'delivery' }>,
  send: (text: string) => void,
  connection: Connection,
): Promise<void> => {
  if (isRefusal(what)) {
    await keepRefused(db, { workspace: from.workspace, source: from.source, tool: from.kind }, what)
    return send(answer(null)) // it would be refused again
  }
  if ('answer' in what) return send(answer(null))
  if ('click' in what) {
    send(answer(null))
    return answerClick({ db, outside, address }, from, what.click, connection)
  }
  const stored = await keepTaken(store, from, what, { headers: {}, body }, 'application/json')
  if (stored) send(answer(what.words ? what.words(await stoodSoon(db, from, stored.delivery, address())) : null))
}
