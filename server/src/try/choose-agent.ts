/** Which of the agents on this machine does the work? The one that was named, else the first that can plan and edit. */
import { Stop } from '../cli/exit.ts'
import { inLine } from '../cli/terminal.ts'
import type { Looked, LookedAgent } from './look.ts'

const preferred = ['claude', 'codex']

/** Chooses. Throws a `Stop` that says of every agent that was found what it lacks. The sample's script knows one bug, so it is taken only when named. */
export const chooseAgent = ({ agents }: Looked, asked: string | undefined): LookedAgent => {
  if (asked !== undefined) {
    const named = agents.find(({ name }) => name === asked)
    if (!named)
      throw new Stop(
        'usage',
        `There is no agent ${inLine(asked)} on this machine.`,
        `There are ${agents.map(({ name }) => inLine(name)).join(', ')}.`,
      )
    const why = whyNot(named)
    if (why !== null) throw new Stop('refused', `${inLine(named.name)} cannot do it: ${why}.`)
    return named
  }
  const real = agents.filter(({ name }) => name !== 'sample')
  const able = real.filter((agent) => whyNot(agent) === null)
  const rank = ({ name }: LookedAgent): number =>
    preferred.includes(name) ? preferred.indexOf(name) : preferred.length
  const first = able.toSorted((a, b) => rank(a) - rank(b))[0]
  if (first) return first
  if (real.length === 0)
    throw new Stop(
      'refused',
      'No coding agent was found on this machine.',
      'Install one (Claude Code as `claude`, Codex as `codex`), or write any command into policy.yaml of the runner: docs/agents.md says how.',
    )
  throw new Stop(
    'refused',
    `No agent on this machine can be used now:${real.map((agent) => `\n  ${inLine(agent.name)}: ${whyNot(agent)}`).join('')}`,
    'Mend one of these; `vpd look` shows them again.',
  )
}

/** Why it cannot plan and carry out a change here; null when it can. */
const whyNot = ({ usable, note, modes, model }: LookedAgent): string | null => {
  if (model.way === 'none') return inLine(model.why)
  if (!usable) return inLine(note ?? 'it is not usable')
  const lacks = (['plan', 'edit'] as const).filter((mode) => !modes.includes(mode))
  return lacks.length === 0 ? null : `it has no mode ${lacks.join(' and no mode ')}`
}
