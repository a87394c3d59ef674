/** `viewport sources`: addresses that take signed webhooks. */
import type { AddCommand } from './cli.ts'
import { ago, columns, inLine } from './terminal.ts'

export const addSources: AddCommand = (program, cli) => {
  const sources = program
    .command('sources')
    .description('list, add and remove webhook addresses')
    .addHelpText(
      'after',
      '\nDeliveries are signed as https://www.standardwebhooks.com says.\n\nExamples:\n  viewport sources add "Bug tracker"\n  viewport sources remove src_4c9k2e',
    )
  sources
    .command('list', { isDefault: true })
    .description('the webhook addresses')
    .action(async () => {
      const { terminal, api } = cli()
      const found = await api().sources()
      terminal.give(found, () => {
        if (found.sources.length === 0)
          terminal.line('There are no webhook addresses. Make one: viewport sources add NAME')
        for (const line of columns(
          found.sources.map((source) => [
            source.id,
            inLine(source.name),
            source.url,
            source.lastAt === null ? 'nothing yet' : ago(source.lastAt),
          ]),
        ))
          terminal.line(line)
      })
    })
  sources
    .command('add')
    .description('make a webhook address; its secret is shown once')
    .argument('<name>', 'what sends there')
    .action(async (name: string) => {
      const { terminal, api } = cli()
      const made = await api().addSource({ body: { name } })
      terminal.give(made, () => {
        terminal.line(made.source.url)
        terminal.line(made.secret)
        terminal.note('The second line is the secret. It is not shown again.')
      })
    })
  sources
    .command('remove')
    .description('remove a webhook address')
    .argument('<source>', 'its id')
    .action(async (source: string) => {
      const { terminal, api } = cli()
      await api().removeSource({ params: { source } })
      terminal.give({ source, removed: true }, () => terminal.line(`${source} takes nothing any more.`))
    })
}
