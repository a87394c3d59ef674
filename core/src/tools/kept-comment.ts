/**
 * How is a comment below an issue the message that says how a run goes?
 * It is looked for and written like any comment of a run; only changing it differs from tool to tool.
 */
import { ending, failed } from './ended.ts'
import { code } from './forge-text.ts'
import type { Action, Receipt } from './port.ts'
import type { StatusKeeper } from './port.ts'

type Rewrite = StatusKeeper['rewrite']

/**
 * The keeper, from the tool's own action that comments and from what changes a comment by its name. The name that is changed is that of the comment
 * with our mark for this message, by our account, in this thread: whoever kept another one (a runner that lied) has no comment of somebody's overwritten.
 */
export const keptComment = (comment: Action, change: Rewrite): StatusKeeper => {
  const look: StatusKeeper['look'] = async (effect, connection, outside) => {
    const found = await comment.look(effect, connection, outside)
    return found.is === 'there' ? { ...found, receipt: named(found.receipt) } : found
  }
  return {
    marks: { quote: code, link: (url, words) => `[${words}](${url})` },
    // Each change is written to whoever watches the page, and counts against a small limit for writing.
    pauseMillis: 15_000,
    look,
    write: async (effect, connection, outside) => {
      const went = await comment.carryOut(effect, connection, outside)
      return went.is === 'done' ? { ...went, receipt: named(went.receipt) } : went
    },
    rewrite: (effect, _message, connection, outside) =>
      ending(async () => {
        const found = await look(effect, connection, outside)
        if (found.is === 'unsure') return { is: 'unsure', why: found.why }
        if (found.is === 'absent')
          throw failed(
            'no_such_target',
            `Our comment on ${effect.target} is not there any more, or nothing says any more that it is ours.`,
            'Nothing: it is not told there any more.',
          )
        return change(effect, found.receipt.id, connection, outside)
      }),
  }
}

/** The receipt of the message as it stands after a change. */
export const rewritten = (target: string, message: string, url: string | null): Receipt => ({
  id: message,
  url,
  observed: { ref: target, message },
  readBack: false,
})

const named = (receipt: Receipt): Receipt => ({ ...receipt, observed: { ...receipt.observed, message: receipt.id } })
