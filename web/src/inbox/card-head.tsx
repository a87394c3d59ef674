/** The top of a card: the consequence as a verb, who asks and for what, three badges, the facts a decision needs. */
import { Link } from '@tanstack/react-router'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { ReactNode } from 'react'
import type { Evidence } from '../body/use-body.ts'
import type { Standing } from '../decide/standing.ts'
import { AgentMark } from '../look/avatar.tsx'
import { Badge } from '../look/badge.tsx'
import { counted } from '../look/amounts.ts'
import { When } from '../look/when.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'
import { CardFacts } from './card-facts.tsx'
import { isolationWords } from './isolation.ts'

export const CardHead = ({ card, evidence, standing }: { card: GateCard; evidence: Evidence; standing: Standing }) => {
  const hidden = hiddenIn(`${card.verb}\n${card.title}`, card.kind === 'command')
  const asker = card.subject.kind === 'question' && card.subject.about !== 'agent' ? null : card.agent
  return (
    <header className="gate-head" tabIndex={-1}>
      <h1 className="verb">
        <Verb card={card} />
      </h1>
      {hidden && <p className="taint">{hidden}</p>}
      <p className="by">
        {asker && <AgentMark name={asker} />}
        <span>
          <b className="m">{asker ?? 'Viewport'}</b> {card.kind === 'plan' ? 'proposes' : 'asks'}, for{' '}
          <Link className="link" to="/runs/$run" params={{ run: String(card.number) }}>
            <Revealed text={card.source} />
          </Link>{' '}
          <Revealed text={card.title} />
        </span>
        <span className="mute">
          {card.workflow} · run {card.number}
          {card.round > 1 ? ` · round ${card.round}` : ''} · <When at={card.openedAt} as="ago" />
        </span>
      </p>
      <div className="badges">
        {card.rehearsal && <Badge icon="note">Rehearsal: approved or not, nothing outside is done</Badge>}
        {card.tainted && (
          <Badge tone="taint" icon="eye">
            Tainted by outside text
          </Badge>
        )}
        <EvidenceBadge card={card} evidence={evidence} standing={standing} />
        {card.isolation && (
          <Badge icon="box" {...(card.isolation.level === 'none' ? { tone: 'wait' as const } : {})}>
            {isolationWords(card.isolation).level}
          </Badge>
        )}
      </div>
      <CardFacts card={card} />
    </header>
  )
}

/** The sentence on top. The program's own words; a command's argument list stands below, whole. */
const Verb = ({ card }: { card: GateCard }): ReactNode => {
  const { subject } = card
  if (subject.kind === 'plan')
    return `Carry out this plan: ${[...(subject.steps > 0 ? [counted(subject.steps, 'step')] : []), counted(subject.files.length, 'file')].join(', ')}`
  if (subject.kind === 'command' && !subject.push)
    return (
      <>
        Run <code>{subject.argv[0]}</code> with {counted(subject.argv.length - 1, 'argument')}
      </>
    )
  if (subject.kind === 'command' && subject.push)
    return (
      <>
        Allow git push to <Revealed text={subject.push.change.repo} code /> on{' '}
        <code>
          <Revealed text={subject.push.ref.replace(/^refs\/heads\//, '')} code />
        </code>
      </>
    )
  return <Revealed text={card.verb} />
}

const EvidenceBadge = ({ card, evidence, standing }: { card: GateCard; evidence: Evidence; standing: Standing }) => {
  const where = card.body?.home === 'stored' ? 'stored' : 'at the edge'
  if (standing.at === 'wrong' || evidence.state === 'wrong')
    return (
      <Badge tone="stop" icon="warn">
        Evidence does not fit its digest
      </Badge>
    )
  if (evidence.state === 'none') return <Badge icon="seal">All of it is on this page</Badge>
  if (evidence.state === 'loading')
    return (
      <Badge tone="run" icon="seal">
        Evidence {where}, checking
      </Badge>
    )
  if (evidence.state === 'away')
    return (
      <Badge tone="wait" icon="seal">
        Evidence away
      </Badge>
    )
  return (
    <Badge tone="done" icon="seal">
      Evidence {where}, verified
    </Badge>
  )
}
