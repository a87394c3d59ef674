/**
 * How does the sample come to life?
 * A workspace with three people, a repository with a bug, two workflows, a webhook and a runner of its own; then the bug report comes
 * in, and the run goes on until it asks. Everything through the doors a user would use; a start that was killed goes on here.
 */
import path from 'node:path'
import { connect, type Api } from '../cli/connect.ts'
import type { ControlPlane } from '../program.ts'
import { keepRunning, type KeptRunning } from '../up/child-program.ts'
import { sendBugReport } from './bug-report.ts'
import { mainWorkflow, sampleRepository, sampleRunner } from './cast.ts'
import { examplesFolder } from './examples.ts'
import { enableWorkflows, furnish, sampleSourceIn } from './furnish.ts'
import { pairRunner } from './pair-runner.ts'
import { samplePlace, type SamplePlace } from './place.ts'
import { makeRemote } from './remote.ts'
import { findVpd, runnerEnvironment } from './runner-program.ts'
import { until } from './until.ts'

type SampleParts = {
  readonly plane: Pick<ControlPlane, 'url'>
  readonly dataFolder: string
  /** An API token of the sample's admin. */
  readonly token: string
  readonly signal: AbortSignal
  readonly environment: NodeJS.ProcessEnv
  readonly tell: (words: string) => void
}
export type Sample = {
  readonly api: Api
  readonly place: SamplePlace
  readonly remote: string
}

/** Brings the sample up to the point where its run exists. `started` is told the runner as soon as it runs, so that it can be stopped whatever follows. */
export const startSample = async (parts: SampleParts, started: (runner: KeptRunning) => void): Promise<Sample> => {
  const { plane, dataFolder, token, signal, environment, tell } = parts
  const api = connect({ server: plane.url, token }, { url: null, token: null })
  const place = samplePlace(dataFolder)
  const examples = examplesFolder()
  const remote = makeRemote(place.remotes, path.join(examples, 'sample-repo'))
  const vpd = findVpd(environment.PATH ?? '')
  if (!vpd)
    throw new Error(
      'The sample needs the runner, `vpd`, and it is not on this machine. Install it with `npm install --global @viewportai/daemon`.',
    )
  const env = runnerEnvironment(place.runnerHome, environment)
  const as = { ...sampleRunner, repositories: [sampleRepository] }
  await Promise.all([furnish(api, remote), pairRunner(api, { command: vpd, env, home: place.runnerHome }, as, signal)])
  tell(`sample workspace with @jess, @sam and @dana; ${sampleRepository} has its remote in ${place.remotes}`)
  signal.throwIfAborted()
  const since = Date.now()
  const runner = await keepRunning({
    command: [...vpd, 'worker', 'start', '--mode', 'persistent', '--transport', 'polling', '--server', plane.url],
    env,
    cwd: place.runnerHome,
    logFile: place.runnerLog,
    pidFile: place.runnerPid,
    died: (how) => tell(`the sample's runner ${how} and is started again; its log: ${place.runnerLog}`),
  })
  started(runner)
  await online(parts, api, place, since)
  await enableWorkflows(api)
  await deliver(parts, api, place, path.join(examples, 'bug-report.md'))
  return { api, place, remote }
}

/** `since`: a runner that was seen before has not come back yet, whatever its row says. */
const online = async ({ signal, tell }: SampleParts, api: Api, place: SamplePlace, since: number): Promise<void> => {
  const runner = await until(
    async () => (await api.runners()).runners.find((one) => one.online && (one.lastSeen ?? 0) >= since) ?? null,
    {
      signal,
      millis: 60_000,
      words: `The sample's runner did not come online; its log: ${place.runnerLog}`,
    },
  )
  const found = runner.capabilities.agents
    .filter((agent) => agent.name !== 'sample' && agent.path !== null)
    .map((agent) => `${agent.name}${agent.version ? ` ${agent.version}` : ''}`)
  tell(`runner ${runner.name} is paired and online, log in ${place.runnerLog}`)
  if (found.length > 0) tell(`found on this machine, not used by the sample: ${found.join(', ')}`)
}

/** Sends the bug report unless its run is there. */
const deliver = async ({ signal, tell }: SampleParts, api: Api, place: SamplePlace, file: string): Promise<void> => {
  if ((await sampleRun(api)) !== null) return
  const source = await sampleSourceIn(api, place.folder)
  const ready = (await api.workflows()).workflows.find((one) => one.name === mainWorkflow)
  if (!ready?.enabled)
    return tell(`the workflow ${mainWorkflow} is not enabled, so the bug report would start nothing; it was not sent`)
  await sendBugReport(source, file)
  const run = await until(() => sampleRun(api), {
    signal,
    millis: 30_000,
    words: `The bug report came in and started nothing; see ${api.url}/deliveries`,
  })
  tell(`the bug report came in by webhook and started run ${run.number} of ${mainWorkflow}`)
}

/** The run of the bug report, or null. */
export const sampleRun = async (api: Api): Promise<{ run: string; number: number } | null> => {
  const { rows } = await api.runs({ query: { workflow: mainWorkflow, limit: 200 } })
  const first = rows.toSorted((a, b) => a.number - b.number)[0]
  return first ? { run: first.run, number: first.number } : null
}

/** The gate that waits for the sample's admin; null when the run has ended without one. */
export const waitingGate = async (
  { signal }: Pick<SampleParts, 'signal'>,
  api: Api,
  place: SamplePlace,
): Promise<string | null> =>
  until(
    async () => {
      const { open } = await api.inbox({ query: { limit: 1 } })
      if (open[0]) return open[0].gate
      const run = await sampleRun(api)
      return run === null || (await api.run({ params: { run: run.run } })).outcome !== null ? 'none' : null
    },
    {
      signal,
      millis: 90_000,
      words: `The sample's run did not come to a decision; its runner's log: ${place.runnerLog}`,
    },
  ).then((gate) => (gate === 'none' ? null : gate))
