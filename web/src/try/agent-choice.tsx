/** Which agent does it? Those that can, the usual one first; the others with what they lack. */
import { ableAgents, agentLack, isScript, noAgentNext, realAgents } from '@viewportai/core/try/choose-agent'
import type { LookedAgent } from '@viewportai/core/try/looked'
import { modelWords } from '@viewportai/core/try/words'
import { AgentMark } from '../look/avatar.tsx'
import { Badge } from '../look/badge.tsx'
import { Notice } from '../look/notice.tsx'
import { Sentence } from '../look/sentence.tsx'

export const AgentChoice = ({
  agents,
  chosen,
  onChoose,
}: {
  agents: readonly LookedAgent[]
  chosen: LookedAgent | null
  onChoose: (name: string) => void
}) => (
  <fieldset className="choice">
    <legend>Agent</legend>
    {realAgents(agents).length === 0 && (
      <Notice tone="wait" title="No coding agent was found on that machine">
        <Sentence text={`${noAgentNext} Then look again.`} />
      </Notice>
    )}
    {inOrder(agents).map((agent) => {
      const lack = agentLack(agent)
      return (
        <label key={agent.name} className={lack === null ? undefined : 'off'}>
          <input
            type="radio"
            name="agent"
            checked={agent.name === chosen?.name}
            disabled={lack !== null}
            onChange={() => onChoose(agent.name)}
          />
          <AgentMark name={agent.name} />
          <span>
            {agent.name} {agent.version !== null && <span className="mute">{agent.version}</span>}{' '}
            {agent.model.way === 'login' && <Badge tone="wait">gateway off</Badge>}
            <span className={lack === null ? 'how mute' : 'how wait'}>
              <Sentence text={lack ?? wayWords(agent)} />
            </span>
          </span>
        </label>
      )
    })}
  </fieldset>
)

/** Those that can, as they would be taken; the script; those that cannot. */
const inOrder = (agents: readonly LookedAgent[]): LookedAgent[] => {
  const able = ableAgents(agents)
  const scripts = agents.filter(({ name }) => isScript(name))
  return [...able, ...scripts, ...realAgents(agents).filter((one) => !able.includes(one))]
}

const wayWords = (agent: LookedAgent): string =>
  isScript(agent.name)
    ? `${modelWords(agent)}: it knows the one bug of the sample repository`
    : agent.model.way === 'login'
      ? `${modelWords(agent)}: nothing is counted, only the time is limited`
      : `${modelWords(agent)}${agent.tested ? '' : '; this version is untested'}`
