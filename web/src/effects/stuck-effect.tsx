/** One effect that waits for a person: why, what was tried, and the answer. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { effectSays } from '@viewportai/core/view/effect-words'
import { useId, useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Dot } from '../look/dot.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { Sentence } from '../look/sentence.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import type { Effect } from './answered-effect.tsx'

type OnAnswer = (choice: string) => void

/** `onAnswer`: the answer was taken. */
export const StuckEffect = ({ effect, onAnswer }: { effect: Effect; onAnswer: OnAnswer }) => {
  const earlier = effect.tried.slice(0, -1)
  return (
    <article className="effect stuck" aria-label={`${effect.action} of run ${effect.number}`}>
      <header>
        <Dot tone={effect.state === 'failed' ? 'stop' : 'wait'} />
        <h2 className="m">
          {effectSays(effect.action)}: <Revealed text={effect.target} code />
        </h2>
        <code className="mute">{effect.action}</code>
        <span className={effect.state === 'failed' ? 'stop' : 'wait'}>
          {effect.state === 'failed'
            ? earlier.length > 0
              ? 'failed again'
              : 'failed'
            : 'nobody knows whether it happened'}
        </span>
        <span className="right mute">
          <When at={effect.since} as="ago" />
        </span>
      </header>
      <p>
        <Sentence text={`${effect.why} ${effect.check}`.trim()} />
      </p>
      <p className="mute">
        <Link to="/runs/$run" params={{ run: String(effect.number) }} className="link">
          Run {effect.number}
        </Link>{' '}
        of {effect.workflow}: <Revealed text={effect.title} />
        {effect.ended && <span>. The run has ended.</span>}
        {effect.gate !== null && (
          <>
            {' · '}
            <Link to="/inbox/$gate" params={{ gate: effect.gate }} className="link">
              Its card in the inbox
            </Link>
          </>
        )}
      </p>
      {earlier.length > 0 && (
        <details>
          <summary>Tried {effect.attempt} times</summary>
          <ol className="tried">
            {effect.tried.map((one) => (
              <li key={one.attempt}>
                <span className="mute">
                  <When at={one.at} as="moment" />, no. {one.attempt}
                </span>
                <span>
                  {one.how === 'failed' ? 'Failed' : 'No clear end'}: <Revealed text={one.why} />
                </span>
              </li>
            ))}
          </ol>
        </details>
      )}
      {effect.gate === null ? (
        <Answer effect={effect} onAnswer={onAnswer} />
      ) : (
        <AnswerOfWhoMay effect={effect} gate={effect.gate} onAnswer={onAnswer} />
      )}
    </article>
  )
}

/** Only the card of its question knows who may answer: whoever may not is told before they choose. */
const AnswerOfWhoMay = ({ effect, gate, onAnswer }: { effect: Effect; gate: string; onAnswer: OnAnswer }) => {
  const card = useQuery(questions.gate(gate)).data
  if (card === undefined || card.may.decide) return <Answer effect={effect} onAnswer={onAnswer} />
  return (
    <p className="mute">
      {card.may.why} {card.approvers.map(({ label }) => label).join(' or ')} may say what becomes of it.
    </p>
  )
}

/** What the button does, by what is chosen. */
const effects: Readonly<Record<string, string>> = {
  look: 'Look again',
  again: 'Try again',
  done: 'Close it as done',
  give_up: 'Give it up',
  stop: 'Stop the run',
}

const Answer = ({ effect, onAnswer }: { effect: Effect; onAnswer: OnAnswer }) => {
  const id = useId()
  const [choice, setChoice] = useState<string | null>(null)
  const [text, setText] = useState('')
  const look = useLookAgain('run')
  const give = useMutation({
    mutationFn: () =>
      api.answerEffect({
        params: { intent: effect.intent },
        body: {
          choice: choice as 'look' | 'again' | 'done' | 'give_up' | 'stop',
          attempt: effect.attempt,
          text: text.trim() || null,
        },
      }),
    onSuccess: () => choice !== null && onAnswer(choice),
    onSettled: look,
  })
  const chosen = effect.choices.find((one) => one.id === choice)
  const lacks = chosen?.text === 'required' && text.trim() === ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (chosen && !lacks && !give.isPending) give.mutate()
      }}
    >
      <fieldset disabled={give.isPending}>
        <legend className="b">What becomes of it</legend>
        {effect.choices.map((one) => (
          <label className="choice" key={one.id}>
            <input type="radio" name={id} checked={choice === one.id} onChange={() => setChoice(one.id)} />
            <span>{one.label}</span>
          </label>
        ))}
      </fieldset>
      {chosen && (
        <div className="form said">
          <div>
            <label htmlFor={`${id}-text`}>
              {chosen.id === 'done'
                ? 'Where it is to be seen, with its link'
                : chosen.text === 'required'
                  ? 'Why'
                  : 'Why, if you like'}
            </label>
            <textarea
              id={`${id}-text`}
              className="area"
              maxLength={5_000}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
            />
          </div>
          <button type="submit" className="btn" disabled={lacks || give.isPending}>
            {give.isPending ? 'Saying it …' : (effects[chosen.id] ?? 'Answer')}
          </button>
        </div>
      )}
      {give.isError && <ProblemNotice problem={asProblem(give.error)} />}
    </form>
  )
}
