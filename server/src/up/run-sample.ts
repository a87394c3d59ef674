/** What does a start with --sample do once the control plane answers? Shows the waiting decision, or plays the run to its end. */
import { accountOf, showAccount } from '../sample/account.ts'
import { playToTheEnd } from '../sample/play.ts'
import { findVpd, runnerEnvironment } from '../sample/runner-program.ts'
import { sampleRun, waitingGate, type Sample } from '../sample/sample.ts'
import type { Started } from './started.ts'
import { showAddress } from './show-address.ts'

/** Waits for the plan's gate, and shows the one address that opens on it. */
export const showSample = async (started: Started, { api, place }: Sample): Promise<void> => {
  const gate = await waitingGate(started, api, place)
  const run = await sampleRun(api)
  if (gate === null) {
    started.tell(`run ${run?.number} has ended; nothing waits for @${started.place.admin.handle}`)
    return showAddress(started, run ? `/runs/${run.number}` : '/')
  }
  const card = await api.gate({ params: { gate } })
  started.tell(`run ${card.number} waits for @${started.place.admin.handle}: ${card.verb}`)
  return showAddress(started, `/inbox/${gate}`)
}

/** Decides the run's gates as the people of the sample, and says how it ended. Gives the exit code. */
export const playSample = async (
  started: Started,
  { api, place, remote }: Sample,
  env: NodeJS.ProcessEnv,
): Promise<number> => {
  const { plane, terminal, signal, tell } = started
  const run = await sampleRun(api)
  if (run === null)
    throw new Error(
      'There is no run to decide on: the workflow fix-bug is not enabled. Enable it, or start with another --data folder.',
    )
  const outcome = await playToTheEnd({
    api,
    context: plane.context,
    workspace: started.place.workspace,
    run: run.run,
    signal,
    tell,
  })
  tell(`run ${run.number} has ended: ${outcome}`)
  const vpd = findVpd(env.PATH ?? '')!
  const account = await accountOf(api, run.run, place.folder, remote, {
    command: vpd,
    env: runnerEnvironment(place.runnerHome, env),
    home: place.runnerHome,
  })
  terminal.give(account, () => showAccount(terminal, account))
  return outcome === 'succeeded' && account.verified && account.branch !== null ? 0 : 1
}
