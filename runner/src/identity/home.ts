/** Where does the runner keep what is its own? */
import os from 'node:os'
import path from 'node:path'

/** The port a Viewport on this machine listens on unless told otherwise. */
export const defaultPort = 7171

/** The runner's home: `--home`, else VPD_HOME, else ~/.viewport/runner. */
export const homeFolder = (asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string =>
  path.resolve(asked ?? (env['VPD_HOME'] || path.join(os.homedir(), '.viewport', 'runner')))

/** The folder of one pairing below the home: a runner's key, journal, evidence, logs and clones. */
export const runnerFolder = (home: string, runner: string): string => path.join(home, 'runners', runner)

/** The owner's own rules for every pairing of this home. */
export const policyFile = (home: string): string => path.join(home, 'policy.yaml')

/** Written by a control plane that runs on this machine: `{url, pid}`. */
export const runningFile = (): string => path.join(os.homedir(), '.viewport', 'running.json')
