/** `viewport token NAME`: an API token for programs, with your rights. */
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'

export const addToken: AddCommand = (program, cli) => {
  program
    .command('token')
    .description('make an API token; it is shown once')
    .argument('<name>', 'what it is for')
    .option('--days <count>', 'how long it works', '30')
    .addHelpText('after', '\nExamples:\n  export VIEWPORT_TOKEN=$(viewport token "ci" --days 90)')
    .action(async (name: string, options: { days: string }) => {
      const { terminal, api } = cli()
      const days = Number(options.days)
      if (!Number.isInteger(days) || days < 1 || days > 365)
        throw new Stop('usage', `--days is a whole number from 1 to 365, not ${options.days}.`)
      const made = await api().makeToken({ body: { name, days } })
      terminal.give(made, () => {
        terminal.line(made.token)
        terminal.note(`It works until ${new Date(made.expiresAt).toISOString().slice(0, 10)} and is not shown again.`)
      })
    })
}
