/** Which transports are there? */
import { CommandEnd, exitCodes } from './exit.ts'

/** Throws the end of the command for a transport that is not there. */
export const refuseRelay = (transport: string): void => {
  if (transport === 'polling') return
  if (transport === 'relay')
    throw new CommandEnd(
      exitCodes.refused,
      'The relay transport is not there yet. Use --transport polling: it needs only outgoing HTTPS.',
    )
  throw new CommandEnd(exitCodes.usage, `There is no transport "${transport}". Use --transport polling.`)
}
