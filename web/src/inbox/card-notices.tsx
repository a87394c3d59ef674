/** What stands between the reader and a decision: changed, replaced, away, wrong, refused, hidden. Each with what one can do. */
import { Link } from '@tanstack/react-router'
import type { GateCard } from '@viewportai/core/view/shapes'
import { useNow } from '../api/clock.ts'
import type { Evidence } from '../body/use-body.ts'
import type { Decision } from '../decide/use-decision.ts'
import { moment } from '../look/ages.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { useInbox } from './use-inbox.ts'

type NoticesProps = {
  card: GateCard
  evidence: Evidence & { again: () => void }
  decision: Decision
  onShow: () => void
}

export const CardNotices = ({ card, evidence, decision, onShow }: NoticesProps) => (
  <div className="notices">
    {decision.standing.at === 'drifted' && (
      <Notice
        tone="wait"
        alert
        title="What is asked changed after you opened this"
        actions={
          <button type="button" className="btn sm" onClick={onShow}>
            See what changed
          </button>
        }
      >
        What you see is what you opened. A vote on it would be refused.
      </Notice>
    )}
    {card.outcome === 'superseded' && <Replaced card={card} />}
    {evidence.state === 'away' && <Away card={card} evidence={evidence} />}
    {decision.standing.at === 'wrong' && (
      <Notice
        tone="stop"
        alert
        title={
          evidence.state === 'wrong'
            ? 'The bytes that came are not the ones this gate names'
            : 'What came does not fit what this gate names'
        }
        actions={
          <button type="button" className="btn sm" onClick={evidence.again}>
            Ask for them again
          </button>
        }
      >
        {sentence(decision.standing.why)} Do not decide on this; look at the runner
        {card.held ? ` ${card.held.name}` : ''}.
      </Notice>
    )}
    {decision.problem && decision.writing === null && <ProblemNotice problem={decision.problem} />}
  </div>
)

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const Away = ({
  card,
  evidence,
}: {
  card: GateCard
  evidence: Extract<Evidence, { state: 'away' }> & { again: () => void }
}) => {
  const now = useNow()
  const { held } = card
  const where = held && !held.online
  return (
    <Notice
      tone="wait"
      alert
      title={
        where
          ? `${held.name} ${held.lastSeen === null ? 'has not answered yet' : `has not answered since ${moment(held.lastSeen, now)}`}. ${bodyWords[card.kind] ?? 'The evidence'} is there.`
          : evidence.problem.message
      }
      actions={
        <button type="button" className="btn sm" onClick={evidence.again}>
          Ask now
        </button>
      }
    >
      {where ? `Start ${held.name} again; it is asked every 15 seconds.` : evidence.problem.next}
    </Notice>
  )
}

const bodyWords: Readonly<Record<string, string>> = {
  plan: 'The plan',
  change: 'The diff',
  command: 'The diff',
  question: 'The text',
}

const Replaced = ({ card }: { card: GateCard }) => {
  const inbox = useInbox()
  const newer = inbox.walk.find((item) => item.run === card.run && item.state === 'open' && item.gate !== card.gate)
  return (
    <Notice
      tone="wait"
      title="This was replaced: the step was sent back and made again"
      actions={
        newer && (
          <Link className="btn sm" to="/inbox/$gate" params={{ gate: newer.gate }}>
            See what changed
          </Link>
        )
      }
    >
      {newer
        ? 'Votes on this round do not count for the new one.'
        : 'The new round is not there yet. It will wait in the inbox.'}
    </Notice>
  )
}
