/**
 * Which commands does `viewport` have?
 * Puts them together, runs the one that was asked for and says how it ended. The commands themselves are the files beside this one.
 */
import { Command, CommanderError, Option } from 'commander'
import { addBackup } from './backup.ts'
import { openCli, type AddCommand, type Cli } from './cli.ts'
import { addCompile } from './compile.ts'
import { addDecide } from './decide.ts'
import { addDeliveries } from './deliveries.ts'
import { addEffects } from './effects.ts'
import { addSamples } from './samples.ts'
import { exitCodeHelp, exitCodes, Stop } from './exit.ts'
import { addInbox } from './inbox.ts'
import { addKeys } from './keys.ts'
import { addBacktest } from './backtest.ts'
import { addMatch } from './match.ts'
import { addOpenapi } from './openapi.ts'
import { addPacket } from './packet.ts'
import { addPeople } from './people.ts'
import { addRelay } from './relay.ts'
import { addRepositories } from './repositories.ts'
import { addRestore } from './restore.ts'
import { addRun } from './run.ts'
import { addRunners } from './runners.ts'
import { addRuns } from './runs.ts'
import { addSchema } from './schema.ts'
import { addSettings } from './settings.ts'
import { addSignInLink } from './sign-in-link.ts'
import { addConnections } from './connections.ts'
import { addSources } from './sources.ts'
import { addTeams } from './teams.ts'
import { addTemplates } from './templates.ts'
import { addToken } from './token.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { addTry } from './try.ts'
import { addUp } from './up.ts'
import { version } from '../version.ts'
import { addWorkflows } from './workflows.ts'
import { addWorkspace } from './workspace.ts'

const groups: [title: string, commands: AddCommand[]][] = [
  ['The control plane:', [addUp, addTry, addRelay, addBackup, addRestore, addSettings, addKeys]],
  ['Workflows:', [addTemplates, addCompile, addMatch, addBacktest, addSamples, addWorkflows]],
  ['Work:', [addRun, addRuns, addInbox, addDecide, addPacket, addEffects, addDeliveries]],
  [
    'The workspace:',
    [
      addWorkspace,
      addPeople,
      addTeams,
      addSignInLink,
      addToken,
      addRepositories,
      addConnections,
      addSources,
      addRunners,
    ],
  ],
  ['For programs:', [addOpenapi, addSchema]],
]

const help = `
Examples:
  viewport up --sample                     try it with a sample team
  viewport try ../api "Fix the rounding"   let an agent do one task on your own repository
  viewport compile bug-to-pr.workflow.yaml check a workflow, no server needed
  viewport inbox                           what waits for you
  viewport decide 12 approve               approve what run 12 asks, after showing it

${exitCodeHelp}`

/** Every command. `cli`: what a command gets when it runs; `print`: takes what commander itself would print to stdout (help, the version). */
export const makeProgram = (cli: (program: Command) => Cli, print: (text: string) => void): Command => {
  const program = new Command('viewport')
    .description('The team operating layer for coding agents: the control plane and its commands.')
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'print the result as JSON')
    .addOption(new Option('--server <url>', 'the control plane to talk to (or VIEWPORT_URL)'))
    .addOption(new Option('--token <token>', 'the API token to use (or VIEWPORT_TOKEN, which no process list shows)'))
    .helpOption('-h, --help', 'show how it is used')
    .helpCommand('help [command]', 'show how a command is used')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('The same words with --help show how it is used.')
    .exitOverride()
    .configureOutput({ writeOut: print })
    .addHelpText('after', help)
  for (const [title, commands] of groups) {
    program.commandsGroup(title)
    for (const add of commands) add(program, () => cli(program))
  }
  program.commandsGroup('Others:')
  program
    .command('version')
    .description('print the version')
    .action(() => {
      const { terminal } = cli(program)
      terminal.give({ version: version }, () => terminal.line(version))
    })
  return program
}

/** Runs what the words ask for and gives the exit code. Never throws. With --json one JSON value is printed, whatever happens. */
export const runProgram = async (words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> => {
  const terminal = openTerminal(saysJson(words), env)
  let printed = ''
  const program = makeProgram(
    (made) => openCli(made, terminal, env),
    (text) => void (printed += text),
  )
  try {
    await program.parseAsync(words, { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.ok
  } catch (error) {
    if (!(error instanceof CommanderError)) return sayWhy(terminal, error, env)
    if (error.exitCode !== 0) return sayUsage(terminal, error)
    terminal.give(error.code === 'commander.version' ? { version } : { help: printed }, () =>
      terminal.line(printed.trimEnd()),
    )
    return exitCodes.ok
  }
}

/** Does the command line ask for JSON? Known before it is parsed, so that a mistake in it is told in JSON too. */
const saysJson = (words: readonly string[]): boolean =>
  words.slice(0, words.includes('--') ? words.indexOf('--') : undefined).includes('--json')

const sayWhy = (terminal: Terminal, error: unknown, env: NodeJS.ProcessEnv): number => {
  const stop = error instanceof Stop ? error : null
  const message = error instanceof Error ? error.message : String(error)
  const kind = stop?.kind ?? 'fault'
  terminal.fail({ ...stop?.result, error: { kind, message, next: stop?.next ?? null, ...stop?.facts } })
  terminal.note(`${message}${stop?.next ? `\n${stop.next}` : ''}`)
  if (!stop && env['VIEWPORT_LOG'] === 'debug' && error instanceof Error) terminal.note(`${error.stack}`)
  return exitCodes[stop?.kind ?? 'refused']
}

/** Commander has told people on stderr what is wrong with the command line. */
const sayUsage = (terminal: Terminal, { code, message }: CommanderError): number => {
  const what = code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '')
  terminal.fail({ error: { kind: 'usage', message: what, next: 'The same words with --help show how it is used.' } })
  return exitCodes.usage
}
