/**
 * How is the sample's runner started?
 * `vpd` as a program of its own, with a home below the data folder and an environment that is chosen here: the sample never reaches
 * into the runner's inside, and the runner never sees this program's settings.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** How `vpd` is called, or null when it is not on this machine. */
export const findVpd = (searchPath: string): [program: string, ...words: string[]] | null => {
  const own = fileURLToPath(new URL('../../../runner/bin/vpd.js', import.meta.url)) // of the clone
  if (existsSync(own)) return [process.execPath, own]
  const name = process.platform === 'win32' ? 'vpd.cmd' : 'vpd'
  const found = searchPath
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file))
  return found ? [found] : null
}

const passed = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot']

/** The environment of the sample's runner: an allow-list, and a home that is not the user's. */
export const runnerEnvironment = (home: string, env: NodeJS.ProcessEnv): Record<string, string> => ({
  ...Object.fromEntries(passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  HOME: home,
  VPD_HOME: path.join(home, 'vpd'),
  NO_COLOR: '1',
})
