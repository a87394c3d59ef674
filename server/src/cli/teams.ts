/** `viewport teams`: which teams are there; add one. */
import { commandName } from '../up/data-folder.ts'
import type { AddCommand } from './cli.ts'
import { columns, inLine } from './terminal.ts'

export const addTeams: AddCommand = (program, cli) => {
  const teams = program
    .command('teams')
    .description('list and add teams')
    .addHelpText('after', '\nExamples:\n  viewport teams\n  viewport teams add payments --name Payments')
  teams
    .command('list', { isDefault: true })
    .description('the teams and who is in them')
    .action(async () => {
      const { terminal, api } = cli()
      const { teams: all, people } = await api().people()
      const handles = new Map(people.map((person) => [person.id, `@${person.handle}`]))
      terminal.give({ teams: all }, () => {
        if (all.length === 0) terminal.line('There are no teams. Add one: viewport teams add payments --name Payments')
        for (const line of columns(
          all.map((team) => [team.slug, inLine(team.name), team.members.map((id) => handles.get(id) ?? id).join(', ')]),
        ))
          terminal.line(line)
      })
    })
  teams
    .command('add')
    .description('add a team')
    .argument('<slug>', 'small letters, digits, dashes; workflows name it so')
    .requiredOption('--name <name>', 'how people call it')
    .action(async (slug: string, options: { name: string }) => {
      const { terminal, api } = cli()
      const team = await api().addTeam({ body: { slug, name: options.name } })
      terminal.give(team, () =>
        terminal.line(
          `The team ${team.slug} is there. Put people in: ${commandName()} people change @HANDLE --team ${team.slug} (with --team every team of theirs is named)`,
        ),
      )
    })
}
