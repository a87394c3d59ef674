/**
 * Where does this decision stand, and do the keys count?
 * Pure: from the card, the evidence in this browser and what the person did. One place, so that buttons and keys never disagree.
 */
import type { GateCard } from '@viewportai/core/view/shapes'
import type { Evidence } from '../body/use-body.ts'
import { seenDigest, type Seen } from './seen.ts'

export type Standing =
  | { at: 'checking'; checked: number; of: number }
  | { at: 'drawing' } // checked, and not on the screen yet
  | { at: 'away'; words: string; next: string }
  | { at: 'wrong'; why: string }
  | { at: 'drifted' } // another digest is asked than the one that was opened
  | { at: 'closed'; outcome: string }
  | { at: 'voted'; verdict: string }
  | { at: 'forbidden'; why: string }
  | { at: 'sending' }
  | { at: 'ready'; digest: string }

/** `drawn`: what the digest stands for is on the screen. `opened`: the digest of the item when the person opened it. Only `ready` lets keys and buttons decide. */
export const standing = (
  card: GateCard,
  evidence: Evidence,
  opened: string,
  sending: boolean,
  drawn: boolean,
  seen: Seen | null = seenOf(card, evidence),
): Standing => {
  if (card.state === 'closed') return { at: 'closed', outcome: card.outcome ?? 'closed' }
  if (card.digest !== opened) return { at: 'drifted' }
  if (card.myVerdict !== null) return { at: 'voted', verdict: card.myVerdict }
  if (!card.may.decide) return { at: 'forbidden', why: card.may.why }
  if (sending) return { at: 'sending' }
  if (evidence.state === 'loading') return { at: 'checking', checked: evidence.checked, of: evidence.of }
  if (evidence.state === 'away') return { at: 'away', words: evidence.problem.message, next: evidence.problem.next }
  if (evidence.state === 'wrong') return { at: 'wrong', why: evidence.why }
  if (!seen) return { at: 'wrong', why: 'the evidence was not read' }
  if (!seen.ok) return { at: 'wrong', why: seen.why }
  return drawn ? { at: 'ready', digest: seen.digest } : { at: 'drawing' }
}

/** The digest that the shown bytes lead to; null while there are none to look at. Reads the whole patch: keep the answer. */
export const seenOf = (card: Pick<GateCard, 'subject' | 'digest'>, evidence: Evidence): Seen | null =>
  evidence.state === 'here'
    ? seenDigest(card.subject, card.digest, evidence.shown)
    : evidence.state === 'none'
      ? seenDigest(card.subject, card.digest, null)
      : null

export type Verdict = 'approve' | 'request_changes' | 'reject' | 'answer'

/** Which verdicts does this gate offer? A question is answered; one that an agent asks may be refused too. An action has nothing that could be sent back. */
export const offered = (card: Pick<GateCard, 'kind' | 'subject'>): Verdict[] =>
  card.kind === 'question'
    ? card.subject.kind === 'question' && card.subject.about === 'agent'
      ? ['reject', 'answer']
      : ['answer']
    : card.kind === 'action'
      ? ['reject', 'approve']
      : ['reject', 'request_changes', 'approve']
