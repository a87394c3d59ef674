/** `viewport repositories`: which repositories may workflows name; add one, put one right, remove one. */
import type { Api } from './connect.ts'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { columns, inLine } from './terminal.ts'

type Changes = { url?: string; branch?: string; atOnce?: string; agentSettings?: string }

export const addRepositories: AddCommand = (program, cli) => {
  const repositories = program
    .command('repositories')
    .description('list, add, change and remove repositories')
    .addHelpText(
      'after',
      '\nThe control plane never fetches a repository: runners do, with their own credentials.\n\nExamples:\n  viewport repositories\n  viewport repositories add acme/api https://git.acme.dev/acme/api.git --branch main\n  viewport repositories add acme/api file:///srv/git/api.git\n  viewport repositories change acme/api --branch trunk\n  viewport repositories change acme/api --at-once 2\n  viewport repositories change acme/api --agent-settings base',
    )
  repositories
    .command('list', { isDefault: true })
    .description('the repositories of the workspace')
    .action(async () => {
      const { terminal, api } = cli()
      const found = await api().repositories()
      terminal.give(found, () => {
        if (found.repositories.length === 0)
          terminal.line('There are no repositories. Add one: viewport repositories add OWNER/NAME URL')
        for (const line of columns(
          found.repositories.map((repo) => [
            inLine(repo.name),
            inLine(repo.defaultBranch),
            inLine(repo.url),
            repo.atOnce === null ? '' : `${repo.atOnce} at once`,
            repo.agentSettings === 'off' ? '' : 'agents load its settings',
          ]),
        ))
          terminal.line(line)
      })
    })
  repositories
    .command('add')
    .description('add a repository')
    .argument('<name>', 'owner/name, as workflows name it')
    .argument('<url>', 'where runners fetch it')
    .option('--branch <name>', 'its default branch', 'main')
    .action(async (name: string, url: string, options: { branch: string }) => {
      const { terminal, api } = cli()
      const { id } = await api().addRepository({ body: { name, url, defaultBranch: options.branch } })
      terminal.give({ id, name, url, defaultBranch: options.branch }, () =>
        terminal.line(
          `${name} is there. A runner that is paired already must be allowed to use it: viewport runners change RUNNER --add ${name}`,
        ),
      )
    })
  repositories
    .command('change')
    .description(
      'change where runners fetch it, its default branch, how much may be done in it at once, or whether agents load its settings',
    )
    .argument('<name>', 'owner/name; it stays')
    .option('--url <address>', 'where runners fetch it from now on')
    .option('--branch <name>', 'its default branch from now on')
    .option('--at-once <number>', 'so many pieces of work may touch it at the same time, or "any"')
    .option(
      '--agent-settings <off|base>',
      'base: agents load the settings, hooks and servers that lie in it, as on its default branch, on runners whose policy trusts it too',
    )
    .action(async (name: string, options: Changes) => {
      const { terminal, api } = cli()
      const { agentSettings } = options
      if (Object.keys(options).length === 0)
        throw new Stop('usage', 'Say what changes: --url, --branch, --at-once or --agent-settings.')
      if (agentSettings !== undefined && agentSettings !== 'off' && agentSettings !== 'base')
        throw new Stop('usage', `--agent-settings takes "off" or "base", not ${JSON.stringify(agentSettings)}.`)
      if (options.atOnce !== undefined && options.atOnce !== 'any' && !/^[1-9]\d{0,2}$/.test(options.atOnce))
        throw new Stop(
          'usage',
          `--at-once takes a number from 1 to 999, or "any", not ${JSON.stringify(options.atOnce)}.`,
        )
      const reach = api()
      const now = await reach.changeRepository({
        params: { repository: await repositoryId(reach, name) },
        body: {
          ...(options.url !== undefined && { url: options.url }),
          ...(options.branch !== undefined && { defaultBranch: options.branch }),
          ...(options.atOnce !== undefined && { atOnce: options.atOnce === 'any' ? null : Number(options.atOnce) }),
          ...(agentSettings !== undefined && { agentSettings }),
        },
      })
      terminal.give(now, () =>
        terminal.line(
          `${inLine(now.name)}: ${inLine(now.defaultBranch)} of ${inLine(now.url)}, for runs that start from now on${now.atOnce === null ? '' : `; ${now.atOnce} ${now.atOnce === 1 ? 'piece' : 'pieces'} of work at once`}`,
        ),
      )
      if (now.agentSettings === 'base')
        terminal.note(
          `Agents load the settings, hooks and servers of ${inLine(now.name)} as they are on ${inLine(now.defaultBranch)}, on runners whose policy trusts it too. These are programs: who may merge there decides what runs.`,
        )
    })
  repositories
    .command('remove')
    .description('remove it; no run may work in it. Workflows that name it are not ready any more')
    .argument('<name>', 'its name or id')
    .action(async (name: string) => {
      const { terminal, api } = cli()
      const reach = api()
      const repository = await repositoryId(reach, name)
      await reach.removeRepository({ params: { repository } })
      terminal.give({ repository, removed: true }, () =>
        terminal.line(
          `${inLine(name)} is removed, also from the lists of runners. What runs did in it stays in their packets.`,
        ),
      )
    })
}

const repositoryId = async (api: Api, name: string): Promise<string> => {
  const { repositories: all } = await api.repositories()
  const known = all.find((one) => one.name === name || one.id === name)
  if (!known) throw new Stop('usage', `There is no repository ${name}.`, 'See them with `viewport repositories`.')
  return known.id
}
