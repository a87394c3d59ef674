/** `viewport settings`: everything the program reads from its environment. */
import { describeSettings } from '../settings.ts'
import type { AddCommand } from './cli.ts'
import { cliSettings } from './environment.ts'

export const addSettings: AddCommand = (program, cli) => {
  program
    .command('settings')
    .description('list the environment variables it reads')
    .action(() => {
      const { terminal } = cli()
      const text = [
        describeSettings(),
        ...cliSettings.map(([name, says, fallback]) => `${name}\n  ${says}\n  Default: ${fallback}`),
      ].join('\n\n')
      terminal.give(
        {
          settings: text
            .split('\n\n')
            .map((part) => part.split('\n').map((line) => line.trim()))
            .map(([name, says, fallback]) => ({ name, says, default: fallback?.replace(/^Default: /, '') })),
        },
        () => terminal.line(text),
      )
    })
}
