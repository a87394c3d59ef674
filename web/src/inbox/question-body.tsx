/** A question with its choices. The answer is sent with the decision; a choice that needs words opens a field. */
import type { Subject } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import { textOf } from '../body/read.ts'
import type { Evidence } from '../body/use-body.ts'
import type { Decision } from '../decide/use-decision.ts'
import { Sentence } from '../look/sentence.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'
import { apart, OutsideText } from './outside-text.tsx'

type QuestionProps = {
  card: GateCard
  subject: Extract<Subject, { kind: 'question' }>
  evidence: Evidence
  decision: Decision
}

/** What is asked. The heading above has said the first sentence; what somebody outside wrote stands apart, so that it is not taken for ours. */
const Words = ({ text, verb, outside }: { text: string; verb: string; outside: boolean }) => {
  const rest = text.startsWith(verb) ? text.slice(verb.length).trim() : text
  const { ours, theirs } = outside ? apart(rest) : { ours: rest, theirs: '' }
  return (
    <>
      {ours !== '' && (
        <p className="lead question">
          <Sentence text={ours} />
        </p>
      )}
      {theirs !== '' && <OutsideText text={theirs} />}
    </>
  )
}

export const QuestionBody = ({ card, subject, evidence, decision }: QuestionProps) => {
  const text = evidence.state === 'here' ? textOf(evidence.shown.bytes) : null
  const hidden = hiddenIn(`${subject.text}${text ?? ''}`)
  const { answer, setAnswer } = decision
  const chosen = subject.choices.find((choice) => choice.id === answer.choice)
  const open = card.state === 'open' && card.may.decide && card.myVerdict === null
  const given = card.votes.find((vote) => vote.answer)?.answer
  return (
    <>
      <Words text={subject.text} verb={card.verb} outside={subject.about === 'tainted'} />
      {text !== null && (
        <pre className="raw">
          <Revealed text={text} />
        </pre>
      )}
      {hidden && <p className="taint">{hidden}</p>}
      <fieldset disabled={!open}>
        <legend className="b">{open ? 'Your answer' : 'Choices'}</legend>
        {subject.choices.map((choice) => (
          <label className="choice" key={choice.id}>
            <input
              type="radio"
              name={`choice-${card.gate}`}
              checked={open ? answer.choice === choice.id : given?.choice === choice.id}
              onChange={() => setAnswer({ ...answer, choice: choice.id })}
            />
            <span>
              <Revealed text={choice.label} />
              {choice.text === 'required' && <span className="mute"> needs words</span>}
            </span>
          </label>
        ))}
      </fieldset>
      {open && chosen && chosen.text !== 'none' && (
        <div className="form said">
          <div>
            <label htmlFor="answer">{chosen.text === 'required' ? 'In words' : 'In words, if you like'}</label>
            <textarea
              id="answer"
              className="area"
              maxLength={5_000}
              value={answer.text}
              onChange={(event) => setAnswer({ ...answer, text: event.target.value })}
              onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
            />
          </div>
        </div>
      )}
      {given?.text && (
        <p className="lead">
          “<Revealed text={given.text} />”
        </p>
      )}
    </>
  )
}
