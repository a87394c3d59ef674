/** The bar under an item: what a vote binds to, why nothing can be decided now, the buttons. Keys and buttons are one. */
import './decide.css'
import { Link } from '@tanstack/react-router'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { ReactNode } from 'react'
import { bytes } from '../look/amounts.ts'
import { shortDigest } from '../look/digest.tsx'
import { Dot } from '../look/dot.tsx'
import { When } from '../look/when.tsx'
import { useDecisionKeys } from './use-decision-keys.ts'
import type { Decision } from './use-decision.ts'
import { offered, type Verdict } from './standing.ts'
import { approvals, buttonWords, outcomeWords, undoWords, verdictWords, voteWords } from './words.ts'
import type { DraftOf } from './drafts.ts'
import { WritingField } from './writing-field.tsx'

const keyOf: Readonly<Record<Verdict, string>> = { approve: 'a', request_changes: 'c', reject: 'r', answer: 'a' }

export const DecisionBar = ({ card, decision, draft }: { card: GateCard; decision: Decision; draft: DraftOf }) => {
  const { standing } = decision
  const verdicts = offered(card)
  const ready = standing.at === 'ready'
  const sayable = (verdict: Verdict): boolean => verdict !== 'answer' || answered(card, decision)
  const { click } = useDecisionKeys(`${card.gate} ${card.digest} ${standing.at}`, {
    ...Object.fromEntries(
      verdicts.map((verdict) => [keyOf[verdict], () => sayable(verdict) && decision.choose(verdict)]),
    ),
    u: decision.withdraw,
  })
  if (decision.writing) return <WritingField card={card} decision={decision} draft={draft} click={click} />
  const voting =
    ready ||
    standing.at === 'sending' ||
    standing.at === 'checking' ||
    standing.at === 'drawing' ||
    standing.at === 'away' ||
    standing.at === 'wrong' ||
    standing.at === 'drifted'
  return (
    <footer className="decide" data-standing={standing.at}>
      <output className="what">
        <Words card={card} decision={decision} lines={draft.draft.lines.length} />
      </output>
      {card.withdrawable && (
        <button type="button" className="btn" disabled={decision.withdrawing} onClick={click(decision.withdraw)}>
          Withdraw <kbd>u</kbd>
        </button>
      )}
      {voting &&
        verdicts.map((verdict) => (
          <button
            key={verdict}
            type="button"
            className={`btn${verdict === 'reject' ? ' no' : verdict === 'request_changes' ? '' : ' pri'}`}
            disabled={!ready || !sayable(verdict)}
            onClick={click(() => decision.choose(verdict))}
          >
            {buttonWords(card, verdict)} <kbd>{keyOf[verdict]}</kbd>
          </button>
        ))}
      {!voting && card.next && (
        <Link className="btn pri" to="/inbox/$gate" params={{ gate: card.next }}>
          Next item
        </Link>
      )}
    </footer>
  )
}

const answered = (card: GateCard, { answer }: Decision): boolean => {
  const choice = card.choices.find((candidate) => candidate.id === answer.choice)
  return choice !== undefined && (choice.text !== 'required' || answer.text.trim() !== '')
}

const Words = ({ card, decision, lines }: { card: GateCard; decision: Decision; lines: number }): ReactNode => {
  const { standing } = decision
  const binds = <code>{shortDigest(card.digest)}</code>
  switch (standing.at) {
    case 'checking':
      return (
        <>
          <Dot tone="run" live /> Checking {bytes(standing.checked)} of {bytes(standing.of)} in this browser.
          <br />
          Nothing can be decided before.
        </>
      )
    case 'drawing':
      return <>Nothing can be decided before it is on the screen.</>
    case 'away':
      return <>Nothing can be decided while the evidence is away.</>
    case 'wrong':
      return <span className="stop">Nothing can be decided: what came is not what the gate names.</span>
    case 'drifted':
      return <span className="wait">What is asked changed after you opened this. Look at it first.</span>
    case 'sending':
      return <>Sending your decision on {binds}.</>
    case 'forbidden':
      return <>{standing.why}</>
    case 'closed':
      return <Closed card={card} />
    case 'voted':
      return (
        <>
          <b>You {verdictWords[standing.verdict] ?? standing.verdict}</b>, on {binds}.
          <br />
          {card.state === 'open' ? `${approvals(card)} of ${card.required} votes are there.` : ''}
        </>
      )
    case 'ready':
      return (
        <>
          {voteWords(card)} It binds to {binds}.
          <br />
          {lines > 0 ? `${lines === 1 ? 'One comment goes' : `${lines} comments go`} with it. ` : ''}
          {undoWords(card)}
        </>
      )
  }
}

const Closed = ({ card }: { card: GateCard }) => {
  const last = card.votes.at(-1)
  return (
    <>
      <b>{outcomeWords[card.outcome ?? ''] ?? 'Closed'}</b>
      {last && card.outcome !== 'superseded' && <> by {last.name}</>}
      {card.closedAt !== null && (
        <>
          {' '}
          <When at={card.closedAt} as="moment" />
        </>
      )}
      .<br />
      {card.withdrawable
        ? 'It can be taken back until its effect begins.'
        : card.outcome === 'expired'
          ? 'Not enough people decided in time, so it is not approved.'
          : 'Nothing can be changed here any more.'}
    </>
  )
}
