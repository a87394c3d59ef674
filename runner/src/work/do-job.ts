/** How is one leased job done on this machine, from its first report to its last? */
import type { Usage } from '@viewportai/core/run/facts'
import { noUsage } from '@viewportai/core/run/state'
import type { Finished } from './agent-result.ts'
import { doAgentStep } from './agent-job.ts'
import type { Tally } from './agent-work.ts'
import { unknownUsage } from '../agent/driver.ts'
import { doChecks } from './checks-job.ts'
import { doEffect } from './effect-job.ts'
import { failed, failureOf, Superseded, WorkFailed } from './failure.ts'
import type { Port, Setup } from './port.ts'
import { makeStepFolder, type StepFolder } from './step-folder.ts'

/**
 * Does the job of `port.lease` and reports everything about it. Resolves when the work is over, whatever its outcome: failures are reports.
 * When `port.signal` aborts with 'lease lost' or 'shutdown' it cleans up and reports nothing more; with 'cancelled' it reports the failure `cancelled`.
 * Rejects only when a report cannot be written.
 */
export const doJob = async (port: Port, setup: Setup): Promise<void> => {
  const began = performance.now() // the machine's clock may be set meanwhile
  const folder = await makeStepFolder(setup, port.lease)
  try {
    const { job } = port.lease
    if (job.kind === 'effect') return await doEffect(port, setup, job, folder.scratch)
    await doStep(port, setup, folder, began)
  } finally {
    await folder.remove()
  }
}

const doStep = async (port: Port, setup: Setup, folder: StepFolder, began: number): Promise<void> => {
  const { job } = port.lease
  const tally: Tally = { usage: job.kind === 'agent' ? unknownUsage : noUsage, started: false }
  // Steps of the run that begin later know from the control plane what this one used.
  const settled = (): void => void port.settled().then(tally.known, () => {})
  let finished: Finished | null
  try {
    finished =
      job.kind === 'checks'
        ? { result: await doChecks(port, setup, job, folder), session: null }
        : job.kind === 'agent'
          ? await doAgentStep(port, setup, job, folder, tally)
          : null
  } catch (error) {
    if (error instanceof Superseded) return
    if (port.signal.aborted && port.signal.reason !== 'cancelled') return
    await reportFailure(port, error, tally, began)
    return settled()
  }
  if (finished === null) return settled() // parked
  if (port.signal.aborted && port.signal.reason !== 'cancelled') return
  await port.report({
    type: 'finished',
    result: finished.result,
    session: finished.session,
    usage: tally.usage,
    log: await port.log.close(),
    millis: Math.round(performance.now() - began),
  })
  settled()
}

const reportFailure = async (
  port: Port,
  error: unknown,
  { usage, started }: { usage: Usage; started: boolean },
  began: number,
): Promise<void> => {
  const stopped = port.signal.aborted && !(error instanceof WorkFailed && error.failure.class === 'cancelled')
  const thrown = stopped
    ? failed('cancelled', 'cancelled', 'The step was stopped.', 'Start a new run if it is still wanted.', { started })
    : error
  const failure = failureOf(thrown, started)
  port.log.own(`[vpd] ${failure.code}: ${failure.summary}`)
  await port.report({
    type: 'failed',
    failure,
    usage: started ? usage : noUsage,
    log: await port.log.close(),
    millis: Math.round(performance.now() - began),
  })
}
