/** Which agents can this version of vpd drive on this machine? */
import { version } from '../command/version.ts'
import type { Setup } from '../work/port.ts'
import { claudeDriver } from './claude-driver.ts'
import { codexDriver } from './codex-driver.ts'
import { commandDriver } from './command-driver.ts'
import type { Driver } from './driver.ts'
import { sampleDriver } from './sample-driver.ts'

/** The sample agent, the agents that are found here, and every configured command, by name. A command may take the place of a found one, never the sample's. */
export const driversOf = (setup: Setup): Driver[] => [
  sampleDriver(setup.home, version),
  ...[claudeDriver, codexDriver()].filter(({ name }) => !Object.hasOwn(setup.commands, name)),
  ...Object.entries(setup.commands)
    .filter(([name]) => name !== 'sample')
    .map(([name, command]) => commandDriver(name, command)),
]
