/** The words that go with a request for changes or a rejection. Opens first; only its own button sends. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { useEffect, useRef } from 'react'
import { mod } from '../keys/mod.ts'
import { ProblemNotice } from '../look/notice.tsx'
import type { DraftOf } from './drafts.ts'
import type { Decision } from './use-decision.ts'

type Click = (run: () => void) => (event: React.MouseEvent) => void

export const WritingField = ({
  card,
  decision,
  draft,
  click,
}: {
  card: GateCard
  decision: Decision
  draft: DraftOf
  click: Click
}) => {
  const changes = decision.writing === 'request_changes'
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.focus(), [decision.writing])
  const lines = draft.draft.lines.length
  const may = decision.standing.at === 'ready' && (!changes || draft.draft.comment.trim() !== '' || lines > 0)
  const agent = card.agent ?? 'the agent'
  return (
    <div className="writing appears">
      {decision.problem && <ProblemNotice problem={decision.problem} />}
      <label className="m" htmlFor="words">
        {changes ? `What should ${agent} change?` : `Why not? ${agent} and the team read it.`}
      </label>
      <textarea
        ref={field}
        id="words"
        className="area"
        maxLength={20_000}
        placeholder={
          changes ? 'Say what is wrong and what you expect instead' : 'A reason helps the next run; it may stay empty'
        }
        value={draft.draft.comment}
        onChange={(event) => draft.write(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.preventDefault()
            decision.leave()
          }
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && !event.repeat && may) decision.send()
        }}
      />
      <div className="row-of">
        <span className="mute right">
          {lines > 0 ? `${lines === 1 ? 'one line comment goes' : `${lines} line comments go`} with it` : ''}
        </span>
        <button type="button" className="btn" onClick={decision.leave}>
          Back <kbd>Esc</kbd>
        </button>
        <button
          type="button"
          className={`btn ${changes ? 'pri' : 'no'}`}
          disabled={!may}
          onClick={click(decision.send)}
        >
          {changes ? `Send back to ${agent}` : card.kind === 'command' ? 'Refuse' : 'Reject and stop the run'}{' '}
          <kbd>{mod} ↵</kbd>
        </button>
      </div>
    </div>
  )
}
