/** What can this machine do for a step: which agents and tools are here, in which versions, and how processes are held? */
import type { Capabilities, DetectedAgent } from '@viewportai/core/wire/messages'
import { chooseAccess, hasKeys } from '../model/choose-access.ts'
import { offeredByLogin, offeredModels } from '../model/offered.ts'
import { findProgram } from '../process/find-program.ts'
import { planWall } from '../walls/choose.ts'
import type { Setup } from '../work/port.ts'
import type { Driver } from './driver.ts'
import { driversOf } from './drivers.ts'
import { programVersion } from './program-version.ts'

/** Programs that tell their version, and how. */
const tools: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['git', 'git', '--version'],
  ['node', 'node', '--version'],
  ['npm', 'npm', '--version'],
  ['pnpm', 'pnpm', '--version'],
  ['yarn', 'yarn', '--version'],
  ['python', 'python3', '--version'],
  ['go', 'go', 'version'],
  ['cargo', 'cargo', '--version'],
  ['make', 'make', '--version'],
  ['java', 'java', '-version'],
  ['php', 'php', '--version'],
  ['docker', 'docker', '--version'],
]

/** Agents, tools and isolation of this machine. */
export const detectCapabilities = async (
  setup: Setup,
): Promise<Pick<Capabilities, 'agents' | 'tools' | 'isolation'>> => {
  const [mine, found] = await Promise.all([
    Promise.all(driversOf(setup).map((driver) => detectDriver(driver, setup))),
    Promise.all(tools.map(([name, program, ...args]) => detectTool(name, program, args))),
  ])
  return {
    agents: mine.filter((agent) => agent !== null),
    tools: found.filter((tool) => tool !== null),
    isolation: { ...(await planWall(setup, 'agents')).isolation, modelGateway: await hasKeys(setup.model) },
  }
}

/** An agent with its driver: usable when it has a model too. null: a known agent that is not here; what the owner configured is listed anyway. */
const detectDriver = async (driver: Driver, setup: Setup): Promise<DetectedAgent | null> => {
  const found = await driver.detect()
  if (!found.usable || driver.speaks.length === 0)
    return found.usable ||
      found.path !== null ||
      [setup.commands, setup.acp ?? {}].some((given) => Object.hasOwn(given, found.name))
      ? found
      : null
  const choice = await chooseAccess(driver, setup.model)
  if (choice.way === 'gateway')
    return {
      ...found,
      ...(driver.takesModel && setup.model && { models: await offeredModels(choice.upstreams, setup.model) }),
    }
  if (choice.way === 'login')
    return {
      ...found,
      ...(driver.takesModel && setup.model && { models: offeredByLogin(driver.speaks[0]!, setup.model) }),
      note: ['with a login of its owner: nothing is counted', found.note].filter(Boolean).join('; '),
    }
  return { ...found, usable: false, note: `found, not used: ${choice.why}`.slice(0, 500) }
}

const detectTool = async (
  name: string,
  program: string,
  args: readonly string[],
): Promise<Capabilities['tools'][number] | null> => {
  const file = findProgram(program)
  return file === null ? null : { name, version: await programVersion(file, args) }
}
