/** Which agents can this version of vpd drive on this machine? */
import { version } from '../command/version.ts'
import type { Setup } from '../work/port.ts'
import { knownAcpAgents } from './acp-config.ts'
import { acpDriver } from './acp-driver.ts'
import { claudeDriver } from './claude-driver.ts'
import { codexDriver } from './codex-driver.ts'
import { commandDriver } from './command-driver.ts'
import type { Driver } from './driver.ts'
import { sampleDriver } from './sample-driver.ts'

/**
 * The sample agent, the agents that are found here, and every agent and command that the owner wrote down, by name. What is written down may
 * take the place of a found one, never the sample's; a command that of an agent.
 */
export const driversOf = (setup: Setup): Driver[] => {
  const commands = Object.entries(setup.commands).filter(([name]) => name !== 'sample')
  const free = ({ name }: Driver): boolean => name !== 'sample' && !Object.hasOwn(setup.commands, name)
  const written = Object.entries(setup.acp ?? {}).map(([name, agent]) =>
    acpDriver(name, agent, knownAcpAgents[name]?.tested ?? null),
  )
  const known = [
    claudeDriver,
    codexDriver(),
    ...Object.entries(knownAcpAgents).map(([name, { tested, ...agent }]) => acpDriver(name, agent, tested)),
  ].filter(({ name }) => !written.some((one) => one.name === name))
  return [
    sampleDriver(setup.home, version),
    ...known.filter(free),
    ...written.filter(free),
    ...commands.map(([name, command]) => commandDriver(name, command)),
  ]
}
