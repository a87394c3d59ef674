/** Which commands does `vpd` have? */
import { Command, CommanderError } from 'commander'
import { addAudit } from './command/audit.ts'
import { addConfig } from './command/config.ts'
import { addCredentials } from './command/credentials.ts'
import { addDoctor } from './command/doctor.ts'
import { addDrain } from './command/drain.ts'
import { addEgress } from './command/egress.ts'
import { endOf, exitCodes } from './command/exit.ts'
import { addLogs } from './command/logs.ts'
import { addLook } from './command/look.ts'
import { addPair } from './command/pair.ts'
import { addKeepRunning } from './command/keep-running.ts'
import { addStatus } from './command/status.ts'
import { addUnpair } from './command/unpair.ts'
import { description, version } from './command/version.ts'
import { addWorker } from './command/worker-start.ts'

let printed = '' // help or the version
const program = new Command('vpd')
  .description(description)
  .version(version)
  .showSuggestionAfterError()
  .showHelpAfterError('The same words with --help show how it is used.')
  .exitOverride()
  .configureOutput({ writeOut: (text) => void (printed += text) })
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 fault, 2 usage, 3 refused, 4 offer lost, 5 no control plane or not paired, 6 runs already,
            7 removed from its workspace, 8 unhealthy, 9 the run of an ephemeral worker did not succeed, 10 it goes on
            elsewhere, 130 interrupted. "vpd audit verify" has its own.

Begin here:
  $ vpd pair --worker --transport=polling
  $ vpd worker start --mode persistent --transport polling`,
  )
for (const add of [
  addPair,
  addWorker,
  addStatus,
  addDoctor,
  addLook,
  addDrain,
  addLogs,
  addConfig,
  addEgress,
  addCredentials,
  addAudit,
  addKeepRunning,
  addUnpair,
])
  add(program)

// A reader that went away (`vpd logs … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exitCodes.fault))

const words = process.argv.slice(2)
// Known before the words are parsed, so that a mistake in them is told in JSON too.
const json = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined).includes('--json')
const give = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) sayUsage(error)
  else {
    const end = endOf(error)
    if (json) give({ event: 'error', code: end.code, message: end.message, ...end.details })
    else process.stderr.write(`${end.message}\n`)
    process.exitCode = end.code
  }
}

// Commander has told people on stderr what is wrong.
function sayUsage({ code, exitCode, message }: CommanderError): void {
  if (exitCode !== 0) {
    const what = code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '')
    if (json) give({ event: 'error', code: exitCodes.usage, message: what })
    process.exitCode = exitCodes.usage
  } else if (json) give(code === 'commander.version' ? { version } : { help: printed })
  else process.stdout.write(printed)
}
