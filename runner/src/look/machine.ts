/** What would work use on this machine? Agents with the way to their models, the wall, the hosts that steps may reach. No agent is started. */
import type { Estimate, LookedAgent, LookedMachine, ModelWay } from '@viewportai/core/try/looked'
import type { Capabilities, DetectedAgent } from '@viewportai/core/wire/messages'
import { driversOf } from '../agent/drivers.ts'
import { chooseAccess } from '../model/choose-access.ts'
import { estimateFor, reckoned } from '../model/estimate.ts'
import type { Policy } from '../policy/policy.ts'
import type { Setup } from '../work/port.ts'

/** Looks. `capabilities`: what was detected just now. */
export const lookAtMachine = async (
  { agents, isolation }: Pick<Capabilities, 'agents' | 'isolation'>,
  setup: Setup,
  { network }: Pick<Policy, 'network'>,
): Promise<LookedMachine> => ({
  agents: await Promise.all(agents.map((agent) => withModel(agent, setup))),
  isolation,
  network: { agents: network.agents, checks: network.checks },
  reckoned,
})

const withModel = async (agent: DetectedAgent, setup: Setup): Promise<LookedAgent> => {
  const is = (model: ModelWay, estimate: Estimate | null = null): LookedAgent => ({ ...agent, model, estimate })
  const driver = driversOf(setup).find(({ name }) => name === agent.name)
  if (!driver || driver.speaks.length === 0) return is({ way: 'own' })
  const choice = await chooseAccess(driver, setup.model)
  if (choice.way === 'none') return is({ way: 'none', why: choice.why })
  if (choice.way === 'login') return is({ way: 'login' })
  const providers = choice.upstreams.map(({ name, base }) => ({ name, url: base }))
  return is(
    { way: 'gateway', providers },
    providers[0] ? estimateFor(providers[0].name, setup.model?.prices, agent.name) : null,
  )
}
