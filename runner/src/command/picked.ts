/** Which runner of this machine is a command about? */
import { pairingMeant } from '../identity/find-server.ts'
import { homeFolder, runnerFolder } from '../identity/home.ts'
import { readPairings, type Pairing } from '../identity/pairing.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import type { WithServer } from './options.ts'

export type Picked = { home: string; folder: string; pairing: Pairing }

/** The pairing that the options mean, with its folder. Throws NoServer when there is none or it is not clear which. */
export const picked = async (options: WithServer): Promise<Picked> => {
  const home = homeFolder(options.home)
  const pairing = pairingMeant(await readPairings(home), options)
  return { home, folder: runnerFolder(home, pairing.runner), pairing }
}

/** The id of a run, fit to name a file here. */
export const runId = (text: string): string => {
  if (/^#?\d+$/.test(text))
    throw new CommandEnd(
      exitCodes.usage,
      `Here a run is named by its id, like run_…, not by its number. \`viewport runs ${text.replace('#', '')}\` and the run's page show it.`,
    )
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(text))
    throw new CommandEnd(exitCodes.usage, `${JSON.stringify(text)} is not the id of a run; it looks like run_….`)
  return text
}
