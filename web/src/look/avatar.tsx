/** Who is it: a person (round, an initial) or an agent (square, a glyph)? The shape tells who may decide. */
import { agentIcon, Icon } from './icon.tsx'

/** First letter of a handle, without the @. */
const initial = (name: string): string => [...name.replace(/^@/, '')][0] ?? '?'

export const PersonMark = ({ name }: { name: string }) => (
  <span className="av" aria-hidden="true">
    {initial(name)}
  </span>
)

export const AgentMark = ({ name }: { name: string }) => (
  <span className="av agent" aria-hidden="true">
    <Icon name={agentIcon(name)} />
  </span>
)
