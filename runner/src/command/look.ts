/**
 * `vpd look [REPOSITORY]`: what would work on this repository use here, and what would leave the machine?
 * Agents with the way to their model, the wall, the repository's own checks. It starts no agent and writes nothing into the repository.
 */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Option, type Command } from 'commander'
import { modelWords, wallWords } from '@viewportai/core/try/words'
import { GitFailed } from '../git/run-git.ts'
import { homeFolder, policyFile } from '../identity/home.ts'
import { lookAtMachine } from '../look/machine.ts'
import { readPolicy } from '../policy/policy.ts'
import { checksWithRegistries } from '../work/check-commands.ts'
import { capabilitiesOf, setupOf } from './capabilities.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { common, type Common } from './options.ts'
import { plain, printer } from './print.ts'

type Options = Common & { commit: string }

export const addLook = (program: Command): void => {
  common(program.command('look'))
    .description("look what work would use here: agents, their models, the wall, a repository's checks")
    .argument('[repository]', 'a git repository on this machine')
    .addOption(new Option('--commit <commit>', 'the commit whose checks are looked for').default('HEAD'))
    .addHelpText('after', '\nExamples:\n  $ vpd look\n  $ vpd look ../api --json')
    .action(run)
}

const run = async (repository: string | undefined, options: Options): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const policy = await readPolicy(policyFile(home))
  const found = await capabilitiesOf({ home, policy, slots: 1, mode: 'persistent', transport: 'polling' })
  const machine = await lookAtMachine(found, setupOf(home, policy, home), policy)
  const checks = repository === undefined ? null : await checksOf(path.resolve(repository), options.commit)
  for (const agent of machine.agents) {
    const { name, version, usable, note } = agent
    print.line(
      `  ${usable ? '✓' : '✗'} ${plain(name)}${version === null ? '' : ` ${plain(version)}`}: ${plain(usable ? modelWords(agent) : (note ?? 'not usable'))}`,
    )
  }
  print.line(`  · wall: ${wallWords(machine)}`)
  if (checks)
    print.line(
      `  · checks: ${checks.from === null ? 'none found' : plain(`${checks.commands.join(', ')} (${checks.from})`)}`,
    )
  print.event({ event: 'look', ...machine, checks })
}

const checksOf = async (folder: string, commit: string): ReturnType<typeof checksWithRegistries> => {
  const there = await stat(folder).catch(() => null)
  if (!there?.isDirectory())
    throw new CommandEnd(
      exitCodes.refused,
      `${plain(folder)} is ${there ? 'a file' : 'not there'}: name the folder of a git repository.`,
    )
  try {
    return await checksWithRegistries(folder, commit)
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error
    throw new CommandEnd(exitCodes.refused, `${plain(folder)} cannot be read at ${plain(commit)}: ${plain(error.err)}`)
  }
}
