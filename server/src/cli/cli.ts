/** What does every command get? The terminal, the control plane, and what was said before the command's name. */
import type { Command } from 'commander'
import { connect, type Api, type Reach } from './connect.ts'
import { readCliEnvironment, type CliEnvironment } from './environment.ts'
import type { Terminal } from './terminal.ts'

export type Cli = { readonly environment: CliEnvironment; readonly terminal: Terminal; api(): Api }
/** Adds one command (with those below it) to the program. `cli` is asked when the command runs, not before. */
export type AddCommand = (program: Command, cli: () => Cli) => void

/** Reads the options that hold for every command. Call it when a command runs. */
export const openCli = (program: Command, terminal: Terminal, env: NodeJS.ProcessEnv = process.env): Cli => {
  const options = program.opts<Reach>()
  const environment = readCliEnvironment(env)
  return { environment, terminal, api: () => connect(options, environment) }
}
