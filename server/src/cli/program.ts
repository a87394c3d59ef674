/**
 * Which commands does `viewport` have?
 * Puts them together, runs the one that was asked for and says how it ended. The commands themselves are the files beside this one.
 */
import { Command, CommanderError, Option } from 'commander'
import { addBackup } from './backup.ts'
import { openCli, type AddCommand } from './cli.ts'
import { addCompile } from './compile.ts'
import { addDecide } from './decide.ts'
import { addDeliveries } from './deliveries.ts'
import { exitCodeHelp, exitCodes, Stop } from './exit.ts'
import { addInbox } from './inbox.ts'
import { addKeys } from './keys.ts'
import { addMatch } from './match.ts'
import { addOpenapi } from './openapi.ts'
import { addPacket } from './packet.ts'
import { addPeople } from './people.ts'
import { addRepositories } from './repositories.ts'
import { addRestore } from './restore.ts'
import { addRun } from './run.ts'
import { addRunners } from './runners.ts'
import { addRuns } from './runs.ts'
import { addSchema } from './schema.ts'
import { addSettings } from './settings.ts'
import { addSignInLink } from './sign-in-link.ts'
import { addSources } from './sources.ts'
import { addTeams } from './teams.ts'
import { addToken } from './token.ts'
import { addUp } from './up.ts'
import { version } from '../version.ts'
import { addWorkflows } from './workflows.ts'

const groups: [title: string, commands: AddCommand[]][] = [
  ['The control plane:', [addUp, addBackup, addRestore, addSettings, addKeys]],
  ['Workflows:', [addCompile, addMatch, addWorkflows]],
  ['Work:', [addRun, addRuns, addInbox, addDecide, addPacket, addDeliveries]],
  ['The workspace:', [addPeople, addTeams, addSignInLink, addToken, addRepositories, addSources, addRunners]],
  ['For programs:', [addOpenapi, addSchema]],
]

const help = `
Examples:
  viewport up --sample                     try it with a sample team
  viewport compile bug-to-pr.workflow.yaml check a workflow, no server needed
  viewport inbox                           what waits for you
  viewport decide 12 approve               approve what run 12 asks, after showing it

${exitCodeHelp}`

export const makeProgram = (env: NodeJS.ProcessEnv = process.env): Command => {
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
    .exitOverride()
    .addHelpText('after', help)
  for (const [title, commands] of groups) {
    program.commandsGroup(title)
    for (const add of commands) add(program, () => openCli(program, env))
  }
  program.commandsGroup('Others:')
  program
    .command('version')
    .description('print the version')
    .action(() => {
      const { terminal } = openCli(program, env)
      terminal.give({ version: version }, () => terminal.line(version))
    })
  return program
}

/** Runs what the words ask for and gives the exit code. Never throws. */
export const runProgram = async (words: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> => {
  const program = makeProgram(env)
  try {
    await program.parseAsync(words, { from: 'user' })
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.ok
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage // commander has said why
    return sayWhy(error, words.includes('--json'), env)
  }
}

const sayWhy = (error: unknown, json: boolean, env: NodeJS.ProcessEnv): number => {
  const stop = error instanceof Stop ? error : null
  const message = error instanceof Error ? error.message : String(error)
  if (json)
    process.stdout.write(
      `${JSON.stringify({ error: { kind: stop?.kind ?? 'fault', message, next: stop?.next ?? null, ...stop?.facts } }, null, 2)}\n`,
    )
  process.stderr.write(`${message}\n${stop?.next ? `${stop.next}\n` : ''}`)
  if (!stop && env['VIEWPORT_LOG'] === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return exitCodes[stop?.kind ?? 'refused']
}
