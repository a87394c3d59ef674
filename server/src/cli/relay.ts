/** `viewport relay`: a separate relay, for runners that reach it and not the control plane, or by one WebSocket alone. */
import { InvalidArgumentError } from 'commander'
import { startForward } from '../relay/forward.ts'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { readPort } from './up.ts'

const help = `
It needs no database, no key and no folder, and keeps nothing: end it and start it as you like, and start as many as you like.
What passes is sealed between the runner and the control plane. Put TLS in front where it is reached from outside.
On the runner: vpd worker start --relay https://relay.example.com

Examples:
  viewport relay --listen 127.0.0.1:7180 --to https://viewport.example.com`

type Options = { listen: { host: string; port: number }; to: string; connections: number }

export const addRelay: AddCommand = (program, cli) => {
  program
    .command('relay')
    .description('pass the sockets of runners on to a control plane, without being able to read them')
    .requiredOption('--listen <host:port>', 'where it listens; port 0: one that is free', listen)
    .requiredOption('--to <url>', 'the one control plane it passes them on to', target)
    .option('--connections <n>', 'sockets at a time at most', count, 2_000)
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { terminal } = cli()
      const { host, port } = options.listen
      const forward = await startForward({ host, port, to: options.to, connections: options.connections }).catch(
        (error: NodeJS.ErrnoException) => {
          throw new Stop('refused', `Nothing can listen on ${host}:${port} (${error.code ?? error.message}).`)
        },
      )
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${forward.port}`
      terminal.give({ relay: url, to: options.to }, () =>
        terminal.line(`relay on ${url}, to ${options.to}. Ctrl-C ends it; runners poll meanwhile.`),
      )
      await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
      await forward.close()
    })
}

const listen = (text: string): Options['listen'] => {
  const [, host = '', port = ''] = /^(?:\[(?=.*\]))?([^[\]]*?)\]?:(\d+)$/.exec(text) ?? []
  if (host === '') throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:7180.')
  return { host, port: readPort(port) }
}

const target = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash || url.pathname !== '/')
    throw new InvalidArgumentError('It must be the address of a control plane, such as https://viewport.example.com.')
  return url.origin
}

const count = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1 || n > 100_000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 100000.')
  return n
}
