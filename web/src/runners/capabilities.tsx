/** What a machine says it can do. */
import type { Capabilities } from '@viewportai/core/wire/messages'
import { AgentMark } from '../look/avatar.tsx'

export const systemOf = (can: Capabilities): string => `${can.os} ${can.arch}`

export const AgentList = ({ can }: { can: Capabilities }) =>
  can.agents.length === 0 ? (
    <span className="wait">none found</span>
  ) : (
    <ul>
      {can.agents.map((agent) => (
        <li key={agent.name} className="row-of">
          <AgentMark name={agent.name} />
          <span>
            {agent.name} {agent.version && <span className="mute">{agent.version}</span>}
            {!agent.usable ? (
              <span className="wait"> found, not used</span>
            ) : (
              !agent.tested && <span className="mute"> untested version</span>
            )}
            {agent.note && <span className="mute"> {agent.note}</span>}
            {agent.usable && agent.models && <span className="dim"> {listed(agent.models)}</span>}
          </span>
        </li>
      ))}
    </ul>
  )

/** The first few of the models that can be asked for by name, and how many there are. */
const listed = (models: readonly string[]): string =>
  models.length === 0
    ? 'no model by name'
    : `models: ${models.slice(0, 4).join(', ')}${models.length > 4 ? ` and ${models.length - 4} more` : ''}`
