/** Which commands does `vpd` have? */
import { Command, CommanderError } from 'commander'
import { addAudit } from './command/audit.ts'
import { addConfig } from './command/config.ts'
import { addDoctor } from './command/doctor.ts'
import { addDrain } from './command/drain.ts'
import { addEgress } from './command/egress.ts'
import { endOf, exitCodes } from './command/exit.ts'
import { addLogs } from './command/logs.ts'
import { addPair } from './command/pair.ts'
import { addStatus } from './command/status.ts'
import { addUnpair } from './command/unpair.ts'
import { description, version } from './command/version.ts'
import { addWorker } from './command/worker-start.ts'

const program = new Command('vpd')
  .description(description)
  .version(version)
  .showSuggestionAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 fault, 2 usage, 3 refused, 4 offer lost, 5 no control plane or not paired, 6 runs already,
            7 removed from its workspace, 8 unhealthy, 130 interrupted. "vpd audit verify" has its own.

Begin here:
  $ vpd pair --worker --transport=polling
  $ vpd worker start --mode persistent --transport polling`,
  )
for (const add of [
  addPair,
  addWorker,
  addStatus,
  addDoctor,
  addDrain,
  addLogs,
  addConfig,
  addEgress,
  addAudit,
  addUnpair,
])
  add(program)

// A reader that went away (`vpd logs … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exitCodes.fault))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage
  else {
    const end = endOf(error)
    if (process.argv.includes('--json'))
      process.stdout.write(
        `${JSON.stringify({ event: 'error', code: end.code, message: end.message, ...end.details })}\n`,
      )
    else process.stderr.write(`${end.message}\n`)
    process.exitCode = end.code
  }
}
