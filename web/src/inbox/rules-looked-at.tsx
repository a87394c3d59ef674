/** Why a person is asked about a command: the rules that held, and below them those that were looked at and did not. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { Sentence } from '../look/sentence.tsx'

type Rules = GateCard['rules']

export const RulesLookedAt = ({ rules }: { rules: Rules }) => {
  const others = rules.filter((rule) => !rule.held)
  return (
    <>
      <RuleList rules={rules.filter((rule) => rule.held)} />
      {others.length > 0 && (
        <details className="rules">
          <summary>{others.length} others did not hold</summary>
          <RuleList rules={others} />
        </details>
      )}
    </>
  )
}

const RuleList = ({ rules }: { rules: Rules }) => (
  <ul>
    {rules.map(({ rule, effect, found }) => (
      <li key={rule}>
        {effect}: {rule}
        {found !== null && (
          <>
            {', '}
            <Sentence text={found} />
          </>
        )}
      </li>
    ))}
  </ul>
)
