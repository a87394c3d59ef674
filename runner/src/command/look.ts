/**
 * `vpd look [REPOSITORY]`: what would work on this repository use here, and what would leave the machine?
 * Agents with the way to their model, the wall, the repository's own checks. It starts no agent and writes nothing into the repository.
 */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Option, type Command } from 'commander'
import type { DetectedAgent } from '@viewportai/core/wire/messages'
import { driversOf } from '../agent/drivers.ts'
import { GitFailed } from '../git/run-git.ts'
import { homeFolder, policyFile } from '../identity/home.ts'
import { chooseAccess } from '../model/choose-access.ts'
import { estimateFor, reckoned, type Estimate } from '../model/estimate.ts'
import { readPolicy } from '../policy/policy.ts'
import { checkCommands } from '../work/check-commands.ts'
import type { Setup } from '../work/port.ts'
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

/** How an agent reaches its model: through the gateway to these addresses, with its own login, by itself (a command that names none), or not. */
type Way =
  | { readonly way: 'gateway'; readonly providers: readonly { readonly name: string; readonly url: string }[] }
  | { readonly way: 'login' }
  | { readonly way: 'own' }
  | { readonly way: 'none'; readonly why: string }
type Looked = DetectedAgent & { readonly model: Way; readonly estimate: Estimate | null }

const run = async (repository: string | undefined, options: Options): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const policy = await readPolicy(policyFile(home))
  const { agents: found, isolation } = await capabilitiesOf({ home, policy, slots: 1, mode: 'persistent' })
  const setup = setupOf(home, policy, home)
  const agents = await Promise.all(found.map((agent) => withModel(agent, setup)))
  const checks = repository === undefined ? null : await checksOf(path.resolve(repository), options.commit)
  for (const { name, version, usable, note, model } of agents)
    print.line(
      `  ${usable ? '✓' : '✗'} ${plain(name)}${version === null ? '' : ` ${plain(version)}`}: ${plain(usable ? wayWords(model) : (note ?? 'not usable'))}`,
    )
  print.line(`  · wall: ${isolation.level}, network ${isolation.network}`)
  if (checks)
    print.line(
      `  · checks: ${checks.from === null ? 'none found' : plain(`${checks.commands.join(', ')} (${checks.from})`)}`,
    )
  print.event({ event: 'look', agents, isolation, network: policy.network, reckoned, checks })
}

const withModel = async (agent: DetectedAgent, setup: Setup): Promise<Looked> => {
  const driver = driversOf(setup).find(({ name }) => name === agent.name)
  if (!driver || driver.speaks.length === 0) return { ...agent, model: { way: 'own' }, estimate: null }
  const choice = await chooseAccess(driver, setup.model)
  if (choice.way === 'none') return { ...agent, model: choice, estimate: null }
  if (choice.way === 'login') return { ...agent, model: { way: 'login' }, estimate: null }
  const providers = choice.upstreams.map(({ name, base }) => ({ name, url: base }))
  return {
    ...agent,
    model: { way: 'gateway', providers },
    estimate: providers[0] ? estimateFor(providers[0].name, setup.model?.prices) : null,
  }
}

const wayWords = (model: Way): string =>
  model.way === 'gateway'
    ? `its model at ${model.providers.map(({ url }) => new URL(url).host).join(', ')}, through the gateway of vpd`
    : model.way === 'login'
      ? 'its own login, past the gateway'
      : model.way === 'own'
        ? 'vpd gives it no model'
        : model.why

const checksOf = async (folder: string, commit: string): ReturnType<typeof checkCommands> => {
  const there = await stat(folder).catch(() => null)
  if (!there?.isDirectory())
    throw new CommandEnd(
      exitCodes.refused,
      `${plain(folder)} is ${there ? 'a file' : 'not there'}: name the folder of a git repository.`,
    )
  try {
    return await checkCommands(folder, commit)
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error
    throw new CommandEnd(exitCodes.refused, `${plain(folder)} cannot be read at ${plain(commit)}: ${plain(error.err)}`)
  }
}
