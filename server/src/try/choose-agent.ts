/** Which agent does a try here: the one that was named, else the first that can? Otherwise it says of every agent what it lacks. */
import { ableAgents, agentLack, noAgentNext, realAgents } from '@viewportai/core/try/choose-agent'
import type { Looked, LookedAgent } from '@viewportai/core/try/looked'
import { Stop } from '../cli/exit.ts'
import { inLine } from '../cli/terminal.ts'

/** Chooses. Throws a `Stop` with what is in the way. */
export const chooseAgent = ({ agents }: Pick<Looked, 'agents'>, asked: string | undefined): LookedAgent => {
  if (asked !== undefined) {
    const named = agents.find(({ name }) => name === asked)
    if (!named)
      throw new Stop(
        'usage',
        `There is no agent ${inLine(asked)} on this machine.`,
        `There are ${agents.map(({ name }) => inLine(name)).join(', ')}.`,
      )
    const lack = agentLack(named)
    if (lack !== null) throw new Stop('refused', `${inLine(named.name)} cannot do it: ${inLine(lack)}.`)
    return named
  }
  const [first] = ableAgents(agents)
  if (first) return first
  const real = realAgents(agents)
  if (real.length === 0) throw new Stop('refused', 'No coding agent was found on this machine.', noAgentNext)
  throw new Stop(
    'refused',
    `No agent on this machine can be used now:${real.map((agent) => `\n  ${inLine(agent.name)}: ${inLine(agentLack(agent) ?? '')}`).join('')}`,
    'Mend one of these; `vpd look` shows them again.',
  )
}
