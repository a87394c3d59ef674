/**
 * How is a comment below an issue the message that says how a run goes?
 * It is looked for and written like any comment of a run; only changing it differs from tool to tool.
 */
import { failed } from './ended.ts'
import { code } from './forge-text.ts'
import type { Action, Connection, Effect, Receipt } from './port.ts'
import type { StatusKeeper } from './port.ts'

/** The keeper, from the tool's own action that comments and from what changes a comment by its name, which asks `onlyOurs` first. */
export const keptComment = (comment: Action, rewrite: StatusKeeper['rewrite']): StatusKeeper => ({
  marks: { quote: code, link: (url, words) => `[${words}](${url})` },
  // Each change is written to whoever watches the page, and counts against a small limit for writing.
  pauseMillis: 15_000,
  look: async (effect, connection, outside) => {
    const found = await comment.look(effect, connection, outside)
    return found.is === 'there' ? { ...found, receipt: named(found.receipt) } : found
  },
  write: async (effect, connection, outside) => {
    const went = await comment.carryOut(effect, connection, outside)
    return went.is === 'done' ? { ...went, receipt: named(went.receipt) } : went
  },
  rewrite,
})

/**
 * A comment is changed where our account wrote it, also when a person edited it meanwhile, and in this thread. The name of it may be the word of a runner that lied:
 * nobody has a comment overwritten by it. `by`: the id of who wrote it; `isMarked`: does it carry our mark? That counts where nobody knows who we are. Throws Ended.
 */
export const onlyOurs = (
  { by, isMarked, isHere = true }: { readonly by: unknown; readonly isMarked: boolean; readonly isHere?: boolean },
  { target }: Pick<Effect, 'target'>,
  { account }: Pick<Connection, 'account'>,
): void => {
  if (isHere && (account === null ? isMarked : String(by) === account.id)) return
  throw failed(
    'no_such_target',
    `What was kept as our comment on ${target} is another one.`,
    'Nothing: it is left as it is, and how the run goes is not told there any more.',
  )
}

/** The receipt of the message as it stands after a change. */
export const rewritten = (target: string, message: string, url: string | null): Receipt => ({
  id: message,
  url,
  observed: { ref: target, message },
  readBack: false,
})

const named = (receipt: Receipt): Receipt => ({ ...receipt, observed: { ...receipt.observed, message: receipt.id } })
