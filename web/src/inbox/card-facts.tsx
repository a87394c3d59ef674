/** Four facts: why you, what changed since you looked, tests, what happens then. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { Sentence } from '../look/sentence.tsx'
import { RulesLookedAt } from './rules-looked-at.tsx'
import { SinceFact } from './since-fact.tsx'
import { testWords } from './test-words.ts'

export const CardFacts = ({ card }: { card: GateCard }) => (
  <dl className="facts">
    <div>
      <dt>Why you</dt>
      <dd>
        <Sentence text={[...card.reasons, card.may.decide ? card.may.why : ''].filter(Boolean).join(' ')} />
      </dd>
    </div>
    {card.rules.length > 0 && (
      <div>
        <dt>Rules</dt>
        <dd>
          <RulesLookedAt rules={card.rules} />
        </dd>
      </div>
    )}
    {card.previous && (
      <div>
        <dt>Since you looked</dt>
        <dd>
          <SinceFact card={card} />
        </dd>
      </div>
    )}
    {card.tests && (
      <div>
        <dt>Tests</dt>
        <dd>
          {testWords(card.tests).map((said) => (
            <span key={said.text} className={said.tone ? `${said.tone} m` : undefined}>
              {said.text}
            </span>
          ))}
        </dd>
      </div>
    )}
    {card.kind === 'change' && !card.tests && (
      <div>
        <dt>Tests</dt>
        <dd className="wait">No check has run on this tree.</dd>
      </div>
    )}
    {card.then.length > 0 && (
      <div>
        <dt>Then</dt>
        <dd>
          <Sentence text={card.then.join(' ')} />
        </dd>
      </div>
    )}
  </dl>
)
