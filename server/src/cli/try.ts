/** `viewport try REPOSITORY "TASK"`: an agent does one task on a repository of yours, and you decide twice. */
import { InvalidArgumentError, Option } from 'commander'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { readPort } from './up.ts'

type Options = {
  base?: string
  agent?: string
  check: string[]
  budget: number
  decideHere?: boolean
  data?: string
  port?: number
  home?: string
}

const help = `
It says what it would do, what that may cost and what leaves the machine, and asks before anything starts. In the repository nothing
changes until you have approved the change; then it gets one branch, refs/heads/vp/….

Examples:
  viewport try ../api "Orders with a discount are rounded one cent too high"
  viewport try . "Rename Price to Amount" --agent codex --decide-here
  viewport try ../api "Speed up the search" --base develop --check "make test"`

export const addTry: AddCommand = (program, cli) => {
  program
    .command('try')
    .description('let an agent do one task on a repository of yours: plan, decision, change, checks, decision, branch')
    .argument('<repository>', 'the folder of a git repository on this machine')
    .argument('<task>', 'what should be done')
    .option('--base <branch>', 'the branch to begin at (default: the one that is checked out)')
    .option('--agent <name>', 'which agent (default: claude, codex, or another one that is found)')
    .option(
      '--check <command>',
      "prove the change by this instead of the repository's own checks; may be given several times",
      addOne,
      [],
    )
    .addOption(new Option('--budget <dollars>', 'what it may cost at most').argParser(dollars).default(5))
    .option('--decide-here', 'decide in this terminal; the address is printed all the same')
    .option('--data <folder>', "where Viewport's data is kept (as with `viewport up`)")
    .addOption(new Option('--port <number>', 'the port to listen on (as with `viewport up`)').argParser(readPort))
    .option('--home <folder>', "the runner's folder (default: VPD_HOME, else ~/.viewport/runner)")
    .addHelpText('after', help)
    .action(async (repository: string, task: string, { check, budget, decideHere, home, ...options }: Options) => {
      const { terminal } = cli()
      if (terminal.json) throw new Stop('usage', '`viewport try` asks a person; there is no --json of it.')
      if (task.trim() === '') throw new Stop('usage', 'Say in a sentence what should be done.')
      const { tryOut } = await import('../try/try.ts') // heavy: only for those who start it
      process.exitCode = await tryOut(
        repository,
        task.trim(),
        { ...options, checks: check, budgetUsd: budget, decideHere: decideHere ?? false, runnerHome: home },
        terminal,
      )
    })
}

const addOne = (one: string, before: string[]): string[] => [...before, one]

const dollars = (text: string): number => {
  const usd = Number(text.replace(/^\$/, ''))
  if (!Number.isFinite(usd) || usd <= 0 || usd > 1_000)
    throw new InvalidArgumentError('It must be from 0.01 to 1000 dollars.')
  return usd
}
