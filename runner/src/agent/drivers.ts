/** Which agents can this version of vpd drive on this machine? */
import { version } from '../command/version.ts'
import type { Setup } from '../work/port.ts'
import { commandDriver } from './command-driver.ts'
import type { Driver } from './driver.ts'
import { sampleDriver } from './sample-driver.ts'

/** The sample agent and every configured command, by name; the sample's own name cannot be taken. */
export const driversOf = (setup: Setup): Driver[] => [
  sampleDriver(setup.home, version),
  ...Object.entries(setup.commands)
    .filter(([name]) => name !== 'sample')
    .map(([name, command]) => commandDriver(name, command)),
]
