/** Remarks under a line, and the field for a new one. */
import { useState } from 'react'
import { mod } from '../keys/mod.ts'
import { AgentMark, PersonMark } from '../look/avatar.tsx'
import { focusHere } from '../look/focus-here.ts'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import type { Remark } from './remarks.ts'

export const RemarkList = ({
  remarks,
  agent,
  onDrop,
}: {
  remarks: readonly Remark[]
  agent: string | null
  onDrop?: ((remark: Remark) => void) | undefined
}) => (
  <div className="remark">
    {remarks.map((remark) => (
      <div key={`${remark.by}${remark.at}${remark.text}`}>
        <PersonMark name={remark.by} />
        <span>
          <b className="m">@{remark.by.replace(/^@/, '')}</b>{' '}
          <span className="mute">{remark.at === null ? 'not sent yet' : <When at={remark.at} as="moment" />}</span>{' '}
          <Revealed text={remark.text} />
          {remark.draft && onDrop && (
            <>
              {' '}
              <button type="button" className="link" onClick={() => onDrop(remark)}>
                Drop
              </button>
            </>
          )}
        </span>
      </div>
    ))}
    {remarks.some((remark) => remark.same !== null) && agent && (
      <div>
        <AgentMark name={agent} />
        <span>
          <b className="m">{agent}</b>{' '}
          {remarks.every((remark) => remark.same) ? (
            <span className="wait">left this line as it was.</span>
          ) : (
            <span className="done">changed this line after the comment.</span>
          )}
        </span>
      </div>
    )}
  </div>
)

/** Sends its text with Ctrl or ⌘ and Enter or the button; Escape leaves. */
export const RemarkField = ({
  about,
  onSay,
  onLeave,
}: {
  about: string
  onSay: (text: string) => void
  onLeave: () => void
}) => {
  const [text, setText] = useState('')
  const say = () => {
    if (text.trim() !== '') onSay(text.trim())
  }
  return (
    <div className="remark">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          say()
        }}
      >
        <label className="sr" htmlFor="remark">
          Comment on {about}
        </label>
        <textarea
          id="remark"
          className="area"
          ref={focusHere}
          maxLength={5_000}
          placeholder="What should change here"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) say()
            if (event.key === 'Escape') {
              event.preventDefault()
              event.stopPropagation()
              onLeave()
            }
          }}
        />
        <div className="row-of">
          <button className="btn sm" disabled={text.trim() === ''}>
            Keep for the decision <kbd>{mod} ↵</kbd>
          </button>
          <button type="button" className="btn sm" onClick={onLeave}>
            Leave <kbd>Esc</kbd>
          </button>
          <span className="mute">sent with your decision</span>
        </div>
      </form>
    </div>
  )
}
