/** `viewport people`: who is in the workspace; add somebody, change a role, link an account, end an access. */
import { Option, type Command } from 'commander'
import type { Api } from './connect.ts'
import type { AddCommand, Cli } from './cli.ts'
import { Stop } from './exit.ts'
import { columns, inLine } from './terminal.ts'

export const addPeople: AddCommand = (program, cli) => {
  const people = program
    .command('people')
    .description('list, add, change and link people')
    .addHelpText(
      'after',
      '\nExamples:\n  viewport people\n  viewport people add dana --name "Dana Reyes" --team payments\n  viewport people change @dana --role admin\n  viewport people change @dana --inactive\n  viewport people link @dana github:583231 --name dreyes',
    )
  people
    .command('list', { isDefault: true })
    .description('who is in the workspace')
    .action(async () => {
      const { terminal, api } = cli()
      const { people: all } = await api().people()
      terminal.give({ people: all }, () => {
        const rows = all.map((person) => [
          `@${person.handle}`,
          inLine(person.name),
          person.role,
          person.teams.join(', '),
          person.active ? '' : terminal.paint('dim', 'has left'),
        ])
        for (const line of columns(rows)) terminal.line(line)
      })
    })
  people
    .command('add')
    .description('add a person')
    .argument('<handle>', 'small letters, digits, dashes; people write it as @dana')
    .requiredOption('--name <name>', 'the full name')
    .option('--email <address>', 'where to reach them')
    .addOption(new Option('--role <role>', 'what they may do').choices(['admin', 'member']).default('member'))
    .option('--team <slug...>', 'the teams they are in')
    .action(
      async (handle: string, options: { name: string; email?: string; role: 'admin' | 'member'; team?: string[] }) => {
        const { terminal, api } = cli()
        const person = await api().addPerson({
          body: {
            handle: bare(handle),
            name: options.name,
            email: options.email ?? null,
            role: options.role,
            teams: options.team ?? [],
          },
        })
        terminal.give(person, () =>
          terminal.line(`@${person.handle} is in. Let them sign in: viewport sign-in-link @${person.handle}`),
        )
      },
    )
  people
    .command('change')
    .description('change role, teams or presence')
    .argument('<handle>', 'like @dana')
    .addOption(new Option('--role <role>', 'what they may do').choices(['admin', 'member']))
    .option('--team <slug...>', 'the teams they are in from now on')
    .option('--inactive', 'end every access of theirs')
    .option('--active', 'let them in again')
    .action(
      async (
        handle: string,
        options: { role?: 'admin' | 'member'; team?: string[]; inactive?: boolean; active?: boolean },
      ) => {
        const { terminal, api } = cli()
        if (Object.keys(options).length === 0)
          throw new Stop('usage', 'Say what changes.', 'For example: viewport people change @dana --role admin')
        if (options.active && options.inactive) throw new Stop('usage', 'Somebody is active or not, not both.')
        const reach = api()
        const active = options.inactive ? false : options.active
        const person = await reach.changePerson({
          params: { person: await personId(reach, handle) },
          body: {
            ...(options.role && { role: options.role }),
            ...(options.team && { teams: options.team }),
            ...(active !== undefined && { active }),
          },
        })
        terminal.give(person, () =>
          terminal.line(
            `@${person.handle}: ${person.role}, ${person.teams.join(', ') || 'no team'}${person.active ? '' : ', has left'}`,
          ),
        )
      },
    )
  addLink(people, cli)
  addUnlink(people, cli)
  addAccounts(people, cli)
}

/** The command under `people` that says whose an account at a tool is. */
const addLink = (people: Command, cli: () => Cli): void => {
  people
    .command('link')
    .description('say that an account at a tool is this person; events name accounts')
    .argument('<handle>', 'like @dana')
    .argument('<account>', 'as the tool names it, never by a name: github:583231, slack:T024BE7LD/U024BE7LH')
    .option('--name <name>', 'how the account is called there')
    .action(async (handle: string, account: string, options: { name?: string }) => {
      const { terminal, api } = cli()
      const reach = api()
      const person = await personId(reach, handle)
      await reach.linkAccount({ params: { person }, body: { account, name: options.name ?? account } })
      terminal.give({ person, account, linked: true }, () =>
        terminal.line(`What ${inLine(account)} does is done by @${bare(handle)} from now on.`),
      )
    })
}

/** The command under `people` that takes back whose an account is. */
const addUnlink = (people: Command, cli: () => Cli): void => {
  people
    .command('unlink')
    .description('say that an account at a tool is not this person; what waits is judged anew')
    .argument('<handle>', 'like @dana')
    .argument('<account>', 'as `viewport people accounts` names it: github:583231')
    .action(async (handle: string, account: string) => {
      const { terminal, api } = cli()
      const reach = api()
      const person = await personId(reach, handle)
      await reach.unlinkAccount({ params: { person, account } })
      terminal.give({ person, account, linked: false }, () =>
        terminal.line(`What ${inLine(account)} does is not done by @${bare(handle)} any more.`),
      )
    })
}

/** The command under `people` that says whose accounts are known. */
const addAccounts = (people: Command, cli: () => Cli): void => {
  people
    .command('accounts')
    .description('accounts at tools and whose they are')
    .action(async () => {
      const { terminal, api } = cli()
      const { accounts } = await api().accounts()
      terminal.give({ accounts }, () => {
        if (accounts.length === 0) terminal.line('No account is linked: viewport people link @HANDLE github:583231')
        for (const { account, name, handle } of accounts)
          terminal.line(`@${handle}  ${inLine(account)}${name === account ? '' : `  ${inLine(name)}`}`)
      })
    })
}

const bare = (handle: string): string => handle.replace(/^@/, '')

/** The id of a person by handle. Throws a `Stop` that names those there are. */
export const personId = async (api: Api, handle: string): Promise<string> => {
  const name = bare(handle)
  const { people } = await api.people()
  const found = people.find((person) => person.handle === name || person.id === name)
  if (found) return found.id
  throw new Stop(
    'usage',
    `There is no @${name} in the workspace.`,
    `In it are ${people
      .slice(0, 20)
      .map((person) => `@${person.handle}`)
      .join(', ')}${people.length > 20 ? ' and others' : ''}.`,
  )
}
