/** Which of the agents on a machine does the work? The first that can plan and edit; of those that cannot, what each lacks. */
import type { LookedAgent } from './looked.ts'

const preferred = ['claude', 'codex']

/** Those that can, the one to be taken first in front. The sample's script knows one bug, so it is taken only when a person names it. */
export const ableAgents = (agents: readonly LookedAgent[]): LookedAgent[] => {
  const rank = ({ name }: LookedAgent): number =>
    preferred.includes(name) ? preferred.indexOf(name) : preferred.length
  return realAgents(agents)
    .filter((agent) => agentLack(agent) === null)
    .toSorted((a, b) => rank(a) - rank(b))
}

/** Without the sample's script. */
export const realAgents = (agents: readonly LookedAgent[]): LookedAgent[] =>
  agents.filter(({ name }) => !isScript(name))

/** Is it the sample's script, which asks no model and knows one bug? */
export const isScript = (agent: string): boolean => agent === 'sample'

/** Why an agent cannot plan and carry out a change there; null when it can. */
export const agentLack = ({ usable, note, modes, model }: LookedAgent): string | null => {
  if (model.way === 'none') return model.why
  if (!usable) return note ?? 'it is not usable'
  const lacks = (['plan', 'edit'] as const).filter((mode) => !modes.includes(mode))
  return lacks.length === 0 ? null : `it has no mode ${lacks.join(' and no mode ')}`
}

/** What to do where there is no agent at all. */
export const noAgentNext =
  'Install one (Claude Code as `claude`, Codex as `codex`), or write any command into policy.yaml of the runner: docs/agents.md says how.'
