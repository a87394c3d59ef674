/** Can the relay of a pairing be used from here? */
import { readKey } from '../identity/key.ts'
import { keyFileOf, type Pairing } from '../identity/pairing.ts'
import { withSuccessors } from '../identity/successors.ts'
import { dial, NoRelay } from '../relay/dial.ts'
import { bad, good, type Finding } from './finding.ts'

/** Opens the socket, proves both ends, and closes it again. `url`: of the socket. */
export const relayFinding = async (home: string, pairing: Pairing, url: string): Promise<Finding> => {
  const what = `relay ${pairing.relay ?? pairing.server}`
  try {
    const { cut } = await dial({
      url,
      runner: pairing.runner,
      key: await readKey(keyFileOf(home, pairing.runner)),
      believed: (successions) => withSuccessors(pairing.serverKeys, successions),
      signal: AbortSignal.timeout(10_000),
    })
    cut('it was only looked at')
    return good(what, 'opens, and the control plane is at its end')
  } catch (error) {
    if (!(error instanceof NoRelay)) throw error
    return bad(
      what,
      `cannot be used: ${error.message}`,
      `Let WebSockets to ${new URL(url).host} through, or use --transport polling; until then the worker polls.`,
    )
  }
}
