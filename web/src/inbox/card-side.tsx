/** The right column: votes, what you are shown, cost, trust. Label left, value right. */
import { changeIn } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import { useQuery } from '@tanstack/react-query'
import { questions } from '../api/queries.ts'
import type { Evidence } from '../body/use-body.ts'
import type { DraftOf } from '../decide/drafts.ts'
import { approvals, decides, verdictWords } from '../decide/words.ts'
import { PersonMark } from '../look/avatar.tsx'
import { counted } from '../look/amounts.ts'
import { CostSection } from '../look/cost-section.tsx'
import { Digest } from '../look/digest.tsx'
import { KeyValue } from '../look/key-value.tsx'
import { When } from '../look/when.tsx'
import { PathList } from '../text/path-list.tsx'
import { isolationWords } from './isolation.ts'

export const CardSide = ({ card, evidence, draft }: { card: GateCard; evidence: Evidence; draft: DraftOf }) => (
  <div className="side">
    {card.subject.kind === 'plan' && <MayTouch files={card.subject.files} />}
    <Votes card={card} />
    <section>
      <h2>What you are shown</h2>
      <KeyValue label="Digest">
        <Digest of={card.digest} />
      </KeyValue>
      {card.body && (
        <KeyValue label="Held at">
          {card.body.home === 'stored' ? 'the control plane' : (card.held?.name ?? 'a runner')}
        </KeyValue>
      )}
      <KeyValue
        label="Checked"
        tone={
          evidence.state === 'here' || evidence.state === 'none' ? 'done' : evidence.state === 'wrong' ? 'stop' : 'wait'
        }
      >
        {evidence.state === 'here' || evidence.state === 'none'
          ? 'in this browser'
          : evidence.state === 'wrong'
            ? 'does not fit'
            : 'not yet'}
      </KeyValue>
      <ReadSoFar card={card} read={draft.draft.read} />
    </section>
    <CostSection usage={card.usage} budgetUsd={card.budgetUsd} />
    <Trust card={card} />
  </div>
)

const MayTouch = ({ files }: { files: readonly string[] }) => (
  <section>
    <h2>
      Files it may touch <span className="mute">{files.length}</span>
    </h2>
    {files.length > 0 && <PathList paths={files} />}
    <p className="mute">
      {files.length > 0
        ? 'A file beyond these is marked at the next gate.'
        : 'The plan names no file: at the next gate every file counts as planned by nobody.'}
    </p>
  </section>
)

const Votes = ({ card }: { card: GateCard }) => {
  const me = useQuery(questions.me()).data?.person
  const mine = me && card.votes.some((vote) => vote.person === me.id)
  return (
    <section>
      <h2>
        {card.kind === 'question' ? 'Answer' : 'Votes'}{' '}
        <span className="mute">{card.kind === 'question' ? '' : `${approvals(card)} of ${card.required}`}</span>
      </h2>
      {card.votes.map((vote) => (
        <div className="vote" key={`${vote.person}${vote.at}`}>
          <PersonMark name={vote.name} />
          {vote.name}
          <span
            className={`right nw ${vote.verdict === 'approve' || vote.verdict === 'answer' ? 'done' : vote.verdict === 'reject' ? 'stop' : 'wait'}`}
          >
            {verdictWords[vote.verdict]} <When at={vote.at} as="moment" />
          </span>
        </div>
      ))}
      {card.votes.some((vote) => vote.selfApproved) && (
        <p className="wait">Self-approved: the requester is alone among the approvers.</p>
      )}
      {me && card.may.decide && !mine && (
        <div className="vote">
          <PersonMark name={me.handle} />@{me.handle}
          <span className="right wait">
            {card.kind === 'question' ? 'your answer decides' : decides(card) ? 'your vote decides' : 'your vote'}
          </span>
        </div>
      )}
      {card.state === 'open' && (
        <p className="mute">May vote: {card.approvers.map((approver) => approver.label).join(', ')}.</p>
      )}
      {card.excluded.map((person) => (
        <p className="mute" key={person.name}>
          {person.name} {person.why} and cannot vote.
        </p>
      ))}
      {card.expiresAt !== null && card.state === 'open' && (
        <p className="mute">
          Open until <When at={card.expiresAt} as="moment" />; then it is not approved.
        </p>
      )}
    </section>
  )
}

const ReadSoFar = ({ card, read }: { card: GateCard; read: readonly string[] }) => {
  const files = changeIn(card.subject)?.files
  if (!files) return null
  const seen = files.filter((file) => read.includes(file.path)).length
  return (
    <KeyValue label="Read so far" tone={seen === files.length ? 'done' : undefined}>
      {seen} of {counted(files.length, 'file')}
    </KeyValue>
  )
}

const Trust = ({ card }: { card: GateCard }) => {
  const held = card.isolation && isolationWords(card.isolation)
  return (
    <section>
      <h2>Trust</h2>
      {card.agent && (card.isolation || card.agentVersion) && (
        <KeyValue
          label={card.agentVersion ? `${card.agent} ${card.agentVersion}` : card.agent}
          tone={card.agentTested === false ? 'wait' : undefined}
        >
          {card.agentTested === null ? 'version not known' : card.agentTested ? 'tested version' : 'untested version'}
        </KeyValue>
      )}
      {held && card.isolation && (
        <>
          <KeyValue label="Isolation" tone={card.isolation.level === 'none' ? 'wait' : undefined}>
            {held.short}, {held.network}
          </KeyValue>
          <KeyValue label="Processes">{held.processes}</KeyValue>
        </>
      )}
      <KeyValue label="Pushes refused" tone={card.pushesRefused > 0 ? 'stop' : undefined}>
        {card.pushesRefused}
      </KeyValue>
    </section>
  )
}
