/** `viewport sources`: addresses that take signed webhooks. */
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { idOf } from './id-of.ts'
import { afterChange, hoursIn, oldForFlag, oldForSays, oldLines } from './old-secret.ts'
import { ago, columns, inLine } from './terminal.ts'

const speaks = 'accounts of which it may say who did something: with what their ids begin, such as tracker:'

/** Follows the name of a source. */
const speaksFor = (accounts: readonly string[] | null): string =>
  accounts === null
    ? 'speaks for any account'
    : accounts.length === 0
      ? 'speaks for no account'
      : `speaks for ${accounts.map(inLine).join(', ')}`

export const addSources: AddCommand = (program, cli) => {
  const sources = program
    .command('sources')
    .description('list, add, change and remove webhook addresses, and change their secrets')
    .addHelpText(
      'after',
      '\nDeliveries are signed as https://www.standardwebhooks.com says.\n\nExamples:\n  viewport sources add "Bug tracker"\n  viewport sources add "Tracker with its people" --account tracker:\n  viewport sources rotate "Bug tracker"\n  viewport sources remove src_4c9k2e',
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
            speaksFor(source.accounts),
          ]),
        ))
          terminal.line(line)
        for (const source of found.sources)
          for (const line of oldLines(source.oldSecrets))
            terminal.line(terminal.paint('wait', `${inLine(source.name)}: ${line}`))
      })
    })
  sources
    .command('add')
    .description('make a webhook address; its secret is shown once')
    .argument('<name>', 'what sends there')
    .option('--account <beginning...>', speaks)
    .action(async (name: string, { account = [] }: { account?: string[] }) => {
      const { terminal, api } = cli()
      const made = await api().addSource({ body: { name, accounts: account } })
      terminal.give(made, () => {
        terminal.line(made.source.url)
        terminal.line(made.secret)
        terminal.note('The second line is the secret. It is not shown again.')
        terminal.note(`It ${speaksFor(made.source.accounts)}.`)
      })
    })
  sources
    .command('change')
    .description('say for which accounts it may speak, all of them at once')
    .argument('<source>', 'its id, or its name')
    .option('--account <beginning...>', speaks)
    .option('--no-account', 'for none: what it tells is nobody’s but its own')
    .action(async (word: string, { account }: { account?: string[] | boolean }) => {
      const { terminal, api } = cli()
      if (account === undefined || account === true)
        throw new Stop(
          'usage',
          'Say for which accounts it may speak.',
          `For example: viewport sources change ${word} --account tracker: (or --no-account)`,
        )
      const source = idOf('sources', word, (await api().sources()).sources)
      const changed = await api().changeSource({ params: { source }, body: { accounts: account || [] } })
      terminal.give(changed, () => terminal.line(`${inLine(changed.name)} ${speaksFor(changed.accounts)}.`))
    })
  sources
    .command('rotate')
    .description('make a new secret, shown once; the one before is taken for a while')
    .argument('<source>', 'its id, or its name')
    .option(oldForFlag, oldForSays)
    .action(async (word: string, { oldFor }: { oldFor?: string }) => {
      const { terminal, api } = cli()
      const oldHours = hoursIn(oldFor)
      const source = idOf('sources', word, (await api().sources()).sources)
      const made = await api().rotateSource({
        params: { source },
        body: oldHours === undefined ? {} : { oldHours },
      })
      terminal.give(made, () => {
        terminal.line(made.secret)
        terminal.note(`That is the new secret of ${inLine(made.source.name)}. It is not shown again.`)
        for (const line of afterChange(made.source.oldSecrets, `viewport sources end-old ${source}`))
          terminal.note(line)
      })
    })
  sources
    .command('end-old')
    .description('end the secrets of before now: only the newest is taken')
    .argument('<source>', 'its id, or its name')
    .action(async (word: string) => {
      const { terminal, api } = cli()
      const source = idOf('sources', word, (await api().sources()).sources)
      await api().endOldSecrets({ params: { source } })
      terminal.give({ source, ended: true }, () => terminal.line(`${source} takes its newest secret alone.`))
    })
  sources
    .command('remove')
    .description('remove a webhook address')
    .argument('<source>', 'its id, or its name')
    .action(async (word: string) => {
      const { terminal, api } = cli()
      const source = idOf('sources', word, (await api().sources()).sources)
      await api().removeSource({ params: { source } })
      terminal.give({ source, removed: true }, () => terminal.line(`${source} takes nothing any more.`))
    })
}
