/**
 * How does this machine's runner come to work for a try?
 * Paired as the admin would do it, allowed to use the repository, and started; a worker of it that runs already is used as it is.
 */
import os from 'node:os'
import path from 'node:path'
import type { z } from 'zod'
import type { RunnerView } from '@viewportai/core/api/runners'
import { letUse } from '@viewportai/core/try/furnish'
import type { Api } from '../cli/connect.ts'
import { Stop } from '../cli/exit.ts'
import { pairRunner, type RunnerProgram } from '../sample/pair-runner.ts'
import { until } from '../sample/until.ts'
import { keepRunning, type KeptRunning } from '../up/child-program.ts'
import { workerRuns } from './look.ts'

type Start = {
  readonly api: Api
  readonly program: RunnerProgram
  /** The repository's name in the workspace. */
  readonly name: string
  /** A person accepted that nothing walls agents off. */
  readonly noWall: boolean
  /** The policy was changed just now: a worker that runs already does not go by it. */
  readonly newPolicy: boolean
  readonly dataFolder: string
  readonly signal: AbortSignal
  readonly tell: (words: string) => void
}

/** How `vpd worker start` ends when a worker of this identity runs (docs/runner.md). */
const runsAlready = 'ended with code 6'

/** Gives the runner once it is online. `started`: told as soon as its program runs, so that it can be stopped whatever follows. */
export const startRunner = async (
  { api, program, name, noWall, newPolicy, dataFolder, signal, tell }: Start,
  started: (runner: KeptRunning) => void,
): Promise<z.infer<typeof RunnerView>> => {
  const runners = async () => (await api.runners()).runners
  const as = { name: runnerName((await runners()).map((one) => one.name)), pool: 'local', repositories: [name] }
  const since = Date.now()
  const id = await pairRunner(api, program, as, signal)
  if (newPolicy && (await workerRuns(program, id)))
    throw new Stop(
      'refused',
      'A worker of this runner runs already, and goes by the policy it began with. What was written holds when it starts again.',
      'Take its place (`vpd worker start --takeover`, or restart its service), then try again. No run was started.',
    )
  await letUse(api, id, name)
  if (noWall) await api.changeRunner({ params: { runner: id }, body: { acceptNoWall: true } })
  const logFile = path.join(dataFolder, 'try', 'runner.log')
  const kept = await keepRunning({
    command: [
      ...program.command,
      'worker',
      'start',
      '--mode',
      'persistent',
      '--transport',
      'polling',
      '--server',
      api.url,
    ],
    env: program.env,
    cwd: program.home,
    logFile,
    pidFile: path.join(dataFolder, 'try', 'runner.pid'),
    died(how) {
      if (how !== runsAlready) return tell(`the runner ${how} and is started again; its log: ${logFile}`)
      tell('a worker of this runner runs already and is used')
      setImmediate(() => void kept.stop(0)) // not started again
    },
  })
  started(kept)
  const online = await until(
    async () => (await runners()).find((one) => one.id === id && one.online && (one.lastSeen ?? 0) >= since) ?? null,
    { signal, millis: 60_000, words: `The runner did not come online; its log: ${logFile}` },
  )
  tell(`runner ${online.name} is paired and online, log in ${logFile}`)
  return online
}

/** The name it is let in with: this machine's, or another one when a runner has it. */
export const runnerName = (taken: readonly string[]): string => {
  const own =
    os
      .hostname()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 50) || 'this-machine'
  for (let n = 1; ; n++) {
    const name = n === 1 ? own : `${own}-${n}`
    if (!taken.includes(name)) return name
  }
}
