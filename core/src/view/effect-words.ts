/**
 * How does what is done outside read to people: before it is done, once it is done, and where?
 * From the form of the action and what the tool itself answered. It never says more than the receipt does.
 */
import { actionForm } from '../action/actions.ts'
import type { Receipt } from '../run/facts.ts'

/** What is to be done, as a sentence begins: "Open a pull request". The push that goes before is no action of its own in a workflow. */
export const effectSays = (action: string): string =>
  action === 'git.push' ? 'Push the branch' : (actionForm(action)?.says ?? action)

/** The same within a sentence: "open a pull request". */
export const effectDoes = (action: string): string => {
  const says = effectSays(action)
  return says === action ? action : `${says.charAt(0).toLowerCase()}${says.slice(1)}`
}

const branch = (ref: string): string => ref.replace(/\brefs\/heads\//, '')

/** Where it was done, as people call it there: the key of an issue, a channel, a thread. The tool knows these only once it was asked, so until then it is the target. */
export const effectWhere = (target: string, receipt: Pick<Receipt, 'observed'> | null): string => {
  const { key, channel, ref, on } = receipt?.observed ?? {}
  const known = [key, channel, ref, on].find(
    (one): one is string => typeof one === 'string' && one !== '' && !one.startsWith('refs/'),
  )
  return known?.replace(/@([0-9a-f]{8})[0-9a-f]{32}$/, '@$1') ?? branch(target)
}

/** What was done and where, after its actor: "moved PAY-1 to In Review". */
export const effectDid = (action: string, target: string, receipt: Pick<Receipt, 'observed'>): string => {
  const did = action === 'git.push' ? 'pushed' : (actionForm(action)?.did ?? `did ${action} at`)
  const { ref, status, assignee, draft } = receipt.observed
  const isBranch = typeof ref === 'string' && ref.startsWith('refs/')
  const to = [status, assignee].find((one) => typeof one === 'string')
  const moved = to === undefined ? '' : ` to ${to as string}`
  return `${did} ${isBranch ? branch(ref) : effectWhere(target, receipt)}${moved}${draft === true ? ' as a draft' : ''}`
}
