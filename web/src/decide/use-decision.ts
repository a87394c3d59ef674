/** How is a decision made: choose, write where words are needed, send once, take it back? */
import { useMutation } from '@tanstack/react-query'
import type { GateCard } from '@viewportai/core/view/shapes'
import { useMemo, useRef, useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem, type Problem } from '../api/problem.ts'
import type { Evidence } from '../body/use-body.ts'
import type { DraftOf } from './drafts.ts'
import { seenDigest } from './seen.ts'
import { standing, type Standing, type Verdict } from './standing.ts'

export type Answer = { choice: string; text: string }
export type Decision = {
  standing: Standing
  /** The verdict whose text field is open. */
  writing: Verdict | null
  choose: (verdict: Verdict) => void
  leave: () => void
  /** Sends what is being written. */
  send: () => void
  withdraw: () => void
  withdrawing: boolean
  problem: Problem | null
  answer: Answer
  setAnswer: (answer: Answer) => void
}

/** `opened`: the digest of the item when the person opened it. `drawn`: it is on the screen. */
export const useDecision = (
  card: GateCard,
  evidence: Evidence,
  opened: string,
  drawn: boolean,
  draft: DraftOf,
): Decision => {
  const [writing, setWriting] = useState<Verdict | null>(null)
  const [answer, setAnswer] = useState<Answer>({ choice: '', text: '' })
  /** A vote is on its way until the card was read again: nothing is ready in between. */
  const looked = useLookAgain('gate')
  const onItsWay = useRef(false) // known at once, where the state of a mutation is known only when it is drawn
  // Said as soon as it is known. A mutation keeps its error until what follows it has settled, and reading again takes long when nobody answers.
  const [problem, setProblem] = useState<Problem | null>(null)
  const failed = (error: unknown) => setProblem(asProblem(error))
  const vote = useMutation({
    mutationFn: ({ verdict, digest }: { verdict: Verdict; digest: string }) =>
      api.decide({
        params: { gate: card.gate },
        body: {
          verdict,
          digest,
          comment: draft.draft.comment.trim() || null,
          lines: draft.draft.lines,
          answer: verdict === 'answer' ? { choice: answer.choice, text: answer.text.trim() || null } : null,
        },
      }),
    onMutate: () => setProblem(null),
    onError: failed,
    onSuccess: () => {
      setWriting(null)
      draft.clear()
    },
    onSettled: async (_answer, error) => {
      const again = looked()
      // Nobody answered: there is nothing to wait for. The card is read again when the line is back.
      if (!error || asProblem(error).code !== 'unreachable') await again
      onItsWay.current = false
    },
  })
  const withdraw = useMutation({
    mutationFn: () => api.withdraw({ params: { gate: card.gate } }),
    onMutate: () => setProblem(null),
    onError: failed,
    onSettled: looked,
  })
  const shown = evidence.state === 'here' ? evidence.shown : null
  const { subject, digest } = card
  const none = evidence.state === 'none'
  // Reading a large patch again at every stroke of a key would be felt: it is read when the bytes or the question changed.
  const seen = useMemo(
    () => (shown || none ? seenDigest(subject, digest, shown) : null),
    [subject, digest, shown, none],
  )
  const now = standing(card, evidence, opened, vote.isPending, drawn, seen)

  const send = (verdict: Verdict) => {
    if (now.at !== 'ready' || onItsWay.current) return
    onItsWay.current = true
    vote.mutate({ verdict, digest: now.digest })
  }
  return {
    standing: now,
    writing: now.at === 'ready' || now.at === 'sending' ? writing : null,
    choose: (verdict) => {
      if (now.at !== 'ready') return
      if (verdict === 'request_changes' || verdict === 'reject') setWriting(verdict)
      else send(verdict)
    },
    leave: () => setWriting(null),
    send: () => writing && send(writing),
    withdraw: () => {
      if (card.withdrawable && !withdraw.isPending) withdraw.mutate()
    },
    withdrawing: withdraw.isPending,
    problem,
    answer,
    setAnswer,
  }
}
