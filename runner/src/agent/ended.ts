/** What does the end of an agent's process mean? */
import { signalOf, type Ended } from '../process/start-program.ts'
import { failed } from '../work/failure.ts'

/** Throws WorkFailed unless the program ended by itself with 0. */
export const checkEnd = (name: string, ended: Ended, seconds: number): void => {
  if (ended.why === 'time')
    throw failed(
      'budget',
      'time_limit',
      `${name} did not end within ${seconds} seconds and was stopped.`,
      'Look at the end of its log. Give the workflow more time (budget: time), or ask for less at once.',
      { started: true },
    )
  if (ended.why === 'stopped')
    throw failed('cancelled', 'cancelled', `${name} was stopped.`, 'Start a new run if it is still wanted.', {
      started: true,
    })
  const signal = signalOf(ended)
  if (ended.exit !== 0)
    throw failed(
      'agent',
      ended.exit > 128 ? 'agent_killed' : 'agent_failed',
      ended.exit > 128 ? `${name} was ended by signal ${signal}.` : `${name} ended with exit code ${ended.exit}.`,
      'The end of its log says why.',
      { started: true },
    )
}
