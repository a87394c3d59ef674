/** Which commands does `vpd` have? */
import { Command, CommanderError } from 'commander'
import { endOf, exitCodes } from './command/exit.ts'
import { description, version } from './command/version.ts'

/** Each command by its first word, in the order of the help. Loaded when asked for: a worker needs no doctor, and whoever asks for its state no worker. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  pair: async () => (await import('./command/pair.ts')).addPair,
  worker: async () => (await import('./command/worker-start.ts')).addWorker,
  status: async () => (await import('./command/status.ts')).addStatus,
  doctor: async () => (await import('./command/doctor.ts')).addDoctor,
  look: async () => (await import('./command/look.ts')).addLook,
  network: async () => (await import('./command/network.ts')).addNetwork,
  drain: async () => (await import('./command/drain.ts')).addDrain,
  logs: async () => (await import('./command/logs.ts')).addLogs,
  config: async () => (await import('./command/config.ts')).addConfig,
  egress: async () => (await import('./command/egress.ts')).addEgress,
  credentials: async () => (await import('./command/credentials.ts')).addCredentials,
  audit: async () => (await import('./command/audit.ts')).addAudit,
  service: async () => (await import('./command/keep-running.ts')).addKeepRunning,
  unpair: async () => (await import('./command/unpair.ts')).addUnpair,
}

const words = process.argv.slice(2)
const [asked = ''] = words
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
// The help lists all of them, and so does the suggestion for a word that is none.
for (const load of Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands))
  (await load())(program)

// A reader that went away (`vpd logs … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : exitCodes.fault))

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
