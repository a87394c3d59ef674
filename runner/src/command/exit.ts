/** With which code does a command end? Written down for people in docs/runner.md. */
import { isRefusal } from '@viewportai/core/refusal'
import { isDiskFull } from '../disk/durable.ts'
import { NewerVpd } from '../disk/newer.ts'
import { PolicyInvalid } from '../policy/policy.ts'
import { NoServer } from '../identity/find-server.ts'
import { Ended } from '../wire/exchange.ts'
import { WorkFailed } from '../work/failure.ts'
import { Refused, wordsOf } from '../wire/refused.ts'

export const exitCodes = {
  done: 0,
  fault: 1, // something unexpected; please report it
  usage: 2, // the words of the command are not right
  refused: 3, // a clear no: by the control plane, a policy, a person
  offerLost: 4, // an ephemeral runner's one offer went to another, or was lost while it ran
  noServer: 5, // no control plane, or this machine is not paired with it
  alreadyRunning: 6, // a worker of this identity runs already
  removed: 7, // the runner was removed from its workspace
  unhealthy: 8, // `vpd doctor` found something to mend
  runFailed: 9, // the one run of an ephemeral runner ended without success
  runGoesOn: 10, // an ephemeral runner went before its run had ended; others may take it
  interrupted: 130,
} as const

/** Ends a command: what went wrong in words, and with which code. */
export class CommandEnd extends Error {
  override readonly name = 'CommandEnd'
  readonly code: number
  readonly details: Readonly<Record<string, unknown>>
  constructor(code: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

/** The end that an error means. */
export const endOf = (error: unknown): CommandEnd => {
  if (error instanceof CommandEnd) return error
  if (error instanceof NoServer) return new CommandEnd(exitCodes.noServer, error.message)
  if (error instanceof PolicyInvalid)
    return new CommandEnd(exitCodes.refused, error.message, { problems: error.problems })
  if (error instanceof NewerVpd) return new CommandEnd(exitCodes.refused, error.message)
  if (error instanceof Ended) return new CommandEnd(exitCodes.interrupted, 'Interrupted.')
  if (error instanceof Refused || isRefusal(error))
    return new CommandEnd(exitCodes.refused, wordsOf(error), { refusal: (error as Refused).refusal })
  if (error instanceof WorkFailed)
    return new CommandEnd(exitCodes.refused, `${error.failure.summary} ${error.failure.check}`, {
      code: error.failure.code,
    })
  const { code, path } = error as NodeJS.ErrnoException
  if (path && (code === 'EACCES' || code === 'EPERM' || code === 'EROFS'))
    return new CommandEnd(
      exitCodes.fault,
      `vpd may not use ${path} (${code}). Run it as the user it belongs to, or name another folder with --home.`,
    )
  if (isDiskFull(error))
    return new CommandEnd(
      exitCodes.fault,
      `The disk is full${path ? `: ${path} could not be written` : ''}. Make room and start vpd again; what it had kept is still there, and \`vpd doctor\` says how much room there is.`,
    )
  return new CommandEnd(
    exitCodes.fault,
    `vpd failed: ${wordsOf(error)}`,
    error instanceof Error ? { stack: error.stack } : {},
  )
}
