/** Which agents can this version of vpd drive on this machine? */
import { readFileSync } from 'node:fs'
import type { Setup } from '../work/port.ts'
import { commandDriver } from './command-driver.ts'
import type { Driver } from './driver.ts'
import { sampleDriver } from './sample-driver.ts'

/** The sample agent and every configured command, by name; the sample's own name cannot be taken. */
export const driversOf = (setup: Setup): Driver[] => [
  sampleDriver(setup.home, vpdVersion()),
  ...Object.entries(setup.commands)
    .filter(([name]) => name !== 'sample')
    .map(([name, command]) => commandDriver(name, command)),
]

/** vpd's own version, from the package this file belongs to. */
export const vpdVersion = (): string => {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const read = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as {
        name?: string
        version?: string
      }
      if (read.name === '@viewportai/daemon' && read.version) return read.version
    } catch {
      // not here: in a clone it is one folder further up than in the bundle
    }
  }
  return '0.0.0'
}
