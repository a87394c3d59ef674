/** What came of an answer that was just given about an effect: it goes on, it is done and here is its receipt, or it is closed. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { effectDid, effectSays } from '@viewportai/core/view/effect-words'
import { questions } from '../api/queries.ts'
import { Dot } from '../look/dot.tsx'
import { There } from '../look/there.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

export type Effect = AnswerOf<'effects', Response>['effects'][number]
export type Answered = { effect: Effect; choice: string }

/** The word for each answer until a receipt says more. */
const words: Readonly<Record<string, string>> = {
  again: 'is tried again',
  look: 'is looked for again',
  done: 'closed as done',
  give_up: 'given up',
  stop: 'its run is stopped',
}

const capital = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`

export const AnsweredEffect = ({ answered: { effect, choice } }: { answered: Answered }) => {
  const run = useQuery(questions.run(String(effect.number))).data
  const done = run?.receipts.find((one) => one.intent === effect.intent)
  const goesOn = done === undefined && (choice === 'again' || choice === 'look')
  return (
    <article className="effect answered" aria-label={`Answered: ${effect.action} of run ${effect.number}`}>
      <header>
        <Dot tone={done ? 'done' : goesOn ? 'run' : 'idle'} live={goesOn} />
        <h2 className="m">
          {effectSays(effect.action)}: <Revealed text={effect.target} code />
        </h2>
        <code className="mute">{effect.action}</code>
        <span className={done ? 'done' : goesOn ? 'run' : 'dim'}>{done ? 'done' : words[choice]}</span>
        {done && (
          <span className="right mute">
            <When at={done.at} as="ago" />
          </span>
        )}
      </header>
      {done && (
        <p>
          <Revealed text={capital(effectDid(done.action, done.target, done.receipt))} />
          {done.reconciled && ', found already done and not sent again'}. Receipt {done.receipt.provider}{' '}
          <Revealed text={done.receipt.id} code />
          {done.receipt.readBack && ', read back'}.{' '}
          {done.receipt.url !== null && <There url={done.receipt.url}>See it there</There>}
        </p>
      )}
      <p className="mute">
        <Link
          to="/runs/$run"
          params={{ run: String(effect.number) }}
          {...(done && { search: { show: 'receipts' } })}
          className="link"
        >
          Run {effect.number}
        </Link>{' '}
        of {effect.workflow}: <Revealed text={effect.title} />
      </p>
    </article>
  )
}
