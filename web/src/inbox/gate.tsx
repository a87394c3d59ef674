/** One gate of the inbox: its card, its bytes, the decision. */
import { useQuery } from '@tanstack/react-query'
import type { GateCard } from '@viewportai/core/view/shapes'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { useBody } from '../body/use-body.ts'
import { DecisionBar } from '../decide/decision-bar.tsx'
import { useDraft } from '../decide/drafts.ts'
import { useDecision } from '../decide/use-decision.ts'
import { ScrollArea } from '../look/scroll-area.tsx'
import { Held } from '../frame/held.tsx'
import { CardBody } from './card-body.tsx'
import { CardHead } from './card-head.tsx'
import { CardNotices } from './card-notices.tsx'
import { CardSide } from './card-side.tsx'

export const Gate = ({ id }: { id: string }) => {
  const answer = useQuery(questions.gate(id))
  return (
    <div className="gate">
      <Held answer={answer} what="this item">
        {(card) => <OpenGate card={card} />}
      </Held>
    </div>
  )
}

/** A question keeps everything about it (text being written, lines, answer) until another one is shown. */
const OpenGate = ({ card: newest }: { card: GateCard }) => {
  const [opened, setOpened] = useState(newest)
  return <Asked key={opened.digest} newest={newest} opened={opened} onShow={() => setOpened(newest)} />
}

/** What was opened stays on the screen when something else is asked meanwhile: the change is announced, then shown on demand. */
const Asked = ({ newest, opened, onShow }: { newest: GateCard; opened: GateCard; onShow: () => void }) => {
  // The same question with news about votes, runner or outcome: nothing of what is read changes.
  const card =
    newest.digest === opened.digest
      ? newest
      : { ...opened, state: newest.state, outcome: newest.outcome, closedAt: newest.closedAt, votes: newest.votes }
  const evidence = useBody(card.run, card.body)
  const [drawn, setDrawn] = useState(false)
  const draft = useDraft(card.gate, card.digest)
  const decision = useDecision(
    newest.digest === opened.digest ? newest : { ...card, digest: newest.digest },
    evidence,
    opened.digest,
    drawn,
    draft,
  )
  return (
    <>
      <CardNotices card={card} evidence={evidence} decision={decision} onShow={onShow} />
      <ScrollArea label="What is asked">
        <div className={`gate-in${card.kind === 'plan' ? ' wide' : ''}`}>
          <CardHead card={card} evidence={evidence} standing={decision.standing} />
          <CardSide card={card} evidence={evidence} draft={draft} />
          <div className="gate-rest">
            <CardBody card={card} evidence={evidence} decision={decision} draft={draft} onDrawn={setDrawn} />
          </div>
        </div>
      </ScrollArea>
      <DecisionBar card={card} decision={decision} draft={draft} />
    </>
  )
}
