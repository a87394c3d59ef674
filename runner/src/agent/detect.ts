/** What can this machine do for a step: which agents and tools are here, in which versions, and how processes are held? */
import type { Capabilities } from '@viewportai/core/wire/messages'
import { detectIsolation } from '../process/isolation.ts'
import type { Setup } from '../work/port.ts'

/** Agents, tools and isolation of this machine. Each program is started with an allow-listed environment, an empty HOME and 3 seconds. */
export const detectCapabilities = async (
  _setup: Setup,
): Promise<Pick<Capabilities, 'agents' | 'tools' | 'isolation'>> => ({
  agents: [],
  tools: [],
  isolation: await detectIsolation(),
})
