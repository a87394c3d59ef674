/** What exactly is asked, by kind: everything the digest stands for is on the page. */
import { changeIn } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import { lazy, Suspense, useEffect } from 'react'
import type { Evidence } from '../body/use-body.ts'
import type { DraftOf } from '../decide/drafts.ts'
import type { Decision } from '../decide/use-decision.ts'
import { Skeleton } from '../look/waiting.tsx'
import { ActionBody } from './action-body.tsx'
import { CommandBody } from './command-body.tsx'
import { QuestionBody } from './question-body.tsx'

const ChangeBody = lazy(() => import('./change-body.tsx').then((module) => ({ default: module.ChangeBody })))
const PlanBody = lazy(() => import('./plan-body.tsx').then((module) => ({ default: module.PlanBody })))

type BodyProps = {
  card: GateCard
  evidence: Evidence
  decision: Decision
  draft: DraftOf
  onDrawn: (drawn: boolean) => void
}

export const CardBody = ({ card, evidence, decision, draft, onDrawn }: BodyProps) => (
  <Suspense fallback={<Skeleton what="the evidence" />}>
    {card.subject.kind === 'plan' && <PlanBody card={card} evidence={evidence} />}
    {card.subject.kind === 'command' && <CommandBody subject={card.subject} />}
    {card.subject.kind === 'question' && (
      <QuestionBody card={card} subject={card.subject} evidence={evidence} decision={decision} />
    )}
    {card.subject.kind === 'action' && <ActionBody subject={card.subject} />}
    {changeIn(card.subject) && <ChangeBody card={card} evidence={evidence} draft={draft} />}
    <Drawn is={evidence.state === 'here' || evidence.state === 'none'} onDrawn={onDrawn} />
  </Suspense>
)

/** Stands beside the evidence under one Suspense: when this one is on the page, so is the evidence. */
const Drawn = ({ is, onDrawn }: { is: boolean; onDrawn: (drawn: boolean) => void }) => {
  useEffect(() => onDrawn(is), [is, onDrawn])
  return null
}
