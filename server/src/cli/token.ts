/** `viewport token`: API tokens for programs, with your rights; make, list and revoke them. */
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { ago, columns, inLine } from './terminal.ts'

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

export const addToken: AddCommand = (program, cli) => {
  const token = program
    .command('token')
    .description('make, list and revoke your API tokens')
    .addHelpText(
      'after',
      '\nExamples:\n  export VIEWPORT_TOKEN=$(viewport token "ci" --days 90)\n  viewport token list\n  viewport token revoke ci',
    )
  token
    .command('make', { isDefault: true })
    .description('make an API token; it is shown once')
    .argument('<name>', 'what it is for')
    .option('--days <count>', 'how long it works', '30')
    .action(async (name: string, options: { days: string }) => {
      const { terminal, api } = cli()
      const days = Number(options.days)
      if (!Number.isInteger(days) || days < 1 || days > 365)
        throw new Stop('usage', `--days is a whole number from 1 to 365, not ${options.days}.`)
      const made = await api().makeToken({ body: { name, days } })
      terminal.give(made, () => {
        terminal.line(made.token)
        terminal.note(`It works until ${day(made.expiresAt)} and is not shown again.`)
      })
    })
  token
    .command('list')
    .description('your tokens, without their secrets')
    .action(async () => {
      const { terminal, api } = cli()
      const found = await api().tokens()
      terminal.give(found, () => {
        if (found.tokens.length === 0) terminal.line('You have no tokens. Make one: viewport token NAME')
        for (const line of columns(
          found.tokens.map((one) => [
            one.id,
            inLine(one.name),
            `until ${day(one.expiresAt)}`,
            one.usedAt === null ? 'never used' : `used ${ago(one.usedAt)}`,
          ]),
        ))
          terminal.line(line)
      })
    })
  token
    .command('revoke')
    .description('end one of your tokens at once')
    .argument('<token>', 'its name, or its id as `viewport token list` shows it')
    .action(async (word: string) => {
      const { terminal, api } = cli()
      const reach = api()
      const { tokens } = await reach.tokens()
      const known = tokens.filter((one) => one.id === word || one.name === word)
      if (known.length > 1)
        throw new Stop('usage', `You have ${known.length} tokens called ${word}.`, `Name its id: ${idsOf(known)}.`)
      const [one] = known
      if (!one) throw new Stop('usage', `You have no token ${word}.`, 'See them with `viewport token list`.')
      await reach.revokeToken({ params: { token: one.id } })
      terminal.give({ id: one.id, name: one.name, revoked: true }, () =>
        terminal.line(`The token ${inLine(one.name)} works no more.`),
      )
    })
}

const idsOf = (tokens: readonly { id: string }[]): string => tokens.map((one) => one.id).join(' or ')
