/** `viewport up`: the control plane, its database and the web app on this machine. */
import { InvalidArgumentError, Option } from 'commander'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'

type Options = {
  port?: number
  host?: string
  data?: string
  sample?: boolean
  headless?: boolean
  yes?: boolean
  open?: boolean
  log?: string
}

const help = `
The data folder is --data, else VIEWPORT_DATA_DIR, else .viewport-data in the clone it is started from, else ~/.viewport/data.
While it runs, the other commands find it by ~/.viewport/running.json.

Examples:
  viewport up
  viewport up --sample             a sample team whose run waits for your decision
  viewport up --sample --headless --yes
                                   decide the sample's run as its people, print what came of it, end
  DATABASE_URL=postgresql://… VIEWPORT_KEY=… VIEWPORT_PUBLIC_URL=https://viewport.example.com viewport up`

export const addUp: AddCommand = (program, cli) => {
  program
    .command('up')
    .description('start the control plane with its database and the web app')
    .addOption(
      new Option('--port <number>', 'the port to listen on (default: 7171, or the next one that is free)').argParser(
        readPort,
      ),
    )
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1; anything wider needs TLS in front)')
    .option('--data <folder>', 'where its data is kept')
    .option('--sample', 'with a sample team, a repository, a runner and a run that waits for a decision')
    .option('--headless', "decide the sample's run and end; needs --yes")
    .option('-y, --yes', "decide as the sample's people; it works in the sample workspace alone")
    .option('--open', 'open the web app in the browser')
    .option('--log <file>', 'where the log goes, - for the standard output (default: viewport.log in the data folder)')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      if ((options.headless || options.yes) && !options.sample)
        throw new Stop(
          'refused',
          '`--yes` decides only in the sample workspace.',
          'Add --sample, or decide in the inbox.',
        )
      if (options.headless !== options.yes)
        throw new Stop(
          'usage',
          options.yes
            ? '--yes goes with --headless: with the web app, you decide.'
            : "--headless decides the sample's run as its people: say so with --yes.",
        )
      const { terminal } = cli()
      const { makeClusterEarly } = await import('../up/early-cluster.ts')
      const { port, host, data, log } = options
      const early = makeClusterEarly(data, process.env)
      const { up } = await import('../up/up.ts') // heavy: only for those who start it
      process.exitCode = await up(
        {
          ...(port !== undefined && { port }),
          ...(host && { host }),
          ...(data && { data }),
          ...(log && { log }),
          sample: options.sample ?? false,
          headless: options.headless ?? false,
          open: options.open ?? false,
        },
        terminal,
        { early },
      )
    })
}

export const readPort = (text: string): number => {
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
  return port
}
