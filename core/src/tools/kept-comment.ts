/**
 * How is a comment below an issue the message that says how a run goes?
 * It is looked for and written like any comment of a run; only changing it differs from tool to tool.
 */
import { code } from './forge-text.ts'
import type { Action, Found, Receipt } from './port.ts'
import type { StatusKeeper } from './port.ts'

/** All of a keeper but `rewrite`, from the tool's own action that comments. */
export const keptComment = (comment: Action): Omit<StatusKeeper, 'rewrite'> => ({
  marks: { quote: code, link: (url, words) => `[${words}](${url})` },
  // Each change is written to whoever watches the page, and counts against a small limit for writing.
  pauseMillis: 15_000,
  look: async (effect, connection, outside): Promise<Found> => {
    const found = await comment.look(effect, connection, outside)
    return found.is === 'there' ? { ...found, receipt: named(found.receipt) } : found
  },
  write: async (effect, connection, outside) => {
    const went = await comment.carryOut(effect, connection, outside)
    return went.is === 'done' ? { ...went, receipt: named(went.receipt) } : went
  },
})

/** The receipt of the message as it stands after a change. */
export const rewritten = (target: string, message: string, url: string | null): Receipt => ({
  id: message,
  url,
  observed: { ref: target, message },
  readBack: false,
})

const named = (receipt: Receipt): Receipt => ({ ...receipt, observed: { ...receipt.observed, message: receipt.id } })
