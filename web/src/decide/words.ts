/** Which words stand on the buttons and in the bar? A button says the effect; the bar says what the vote binds to and until when it can be undone. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { inWords } from '../look/amounts.ts'
import type { Verdict } from './standing.ts'

type Asked = Pick<GateCard, 'kind' | 'subject' | 'required' | 'votes' | 'leaves'>
const pushes = (card: Asked): boolean => card.leaves === 'push'

const does: Readonly<Record<string, string>> = {
  'git.open_change': 'Approve and open',
  'git.merge': 'Approve and merge',
}

/** How many have approved so far? */
export const approvals = (card: Pick<Asked, 'votes'>): number =>
  card.votes.filter((vote) => vote.verdict === 'approve').length

/** Will this approval be the one that closes the gate? */
export const decides = (card: Asked): boolean => approvals(card) + 1 >= card.required

export const buttonWords = (card: Asked, verdict: Verdict): string => {
  if (verdict === 'answer') return 'Answer'
  if (verdict === 'reject') return card.kind === 'command' || card.kind === 'question' ? 'Refuse' : 'Reject'
  if (verdict === 'request_changes') return 'Request changes'
  if (pushes(card)) return decides(card) ? 'Approve and push' : 'Approve the push'
  if (card.kind === 'change') return card.leaves === 'open' && decides(card) ? 'Approve and open' : 'Approve change'
  return card.kind === 'plan'
    ? 'Approve plan'
    : card.kind === 'command'
      ? 'Allow this once'
      : card.subject.kind === 'action'
        ? (does[card.subject.action] ?? 'Approve and send')
        : 'Approve'
}

/** What happened, for lists and bars. */
export const outcomeWords: Readonly<Record<string, string>> = {
  approved: 'Approved',
  changes_requested: 'Sent back',
  rejected: 'Rejected',
  answered: 'Answered',
  expired: 'Expired',
  superseded: 'Replaced by a newer round',
  cancelled: 'Closed: the run was stopped',
}
export const verdictWords: Readonly<Record<string, string>> = {
  approve: 'approved',
  request_changes: 'requested changes',
  reject: 'rejected',
  answer: 'answered',
}

const order = ['first', 'second', 'third', 'fourth', 'fifth']
/** "Your vote is the second of two." */
export const voteWords = (card: Asked): string => {
  if (card.kind === 'question') return 'Your answer lets the run go on.'
  if (card.required === 1) return 'Your vote decides.'
  const at = approvals(card)
  return `Your vote is the ${order[at] ?? `${at + 1}th`} of ${inWords(card.required)}.`
}

/** Until when a vote can be undone. */
export const undoWords = (card: Asked): string =>
  card.kind === 'question'
    ? ''
    : !decides(card)
      ? 'Undo until the others have voted.'
      : pushes(card)
        ? 'Undo until the push begins.'
        : card.kind === 'action'
          ? 'Undo until it begins.'
          : 'Undo until the next step begins.'
