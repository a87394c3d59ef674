/** `vpd drain`: no new work; the worker ends when what runs was reported. */
import type { Command } from 'commander'
import { askControl } from '../control/socket.ts'
import { lockHolder } from '../identity/lock.ts'
import type { WorkerStatus } from '../loop/worker.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { withServer, type WithServer } from './options.ts'
import { picked } from './picked.ts'
import { plain, printer } from './print.ts'

export const addDrain = (program: Command): void => {
  withServer(program.command('drain'))
    .description('take no new work; the worker ends by itself when what runs was reported')
    .option('--wait', 'return only when it has ended')
    .addHelpText('after', '\nExamples:\n  $ vpd drain --wait && sudo reboot')
    .action(run)
}

const run = async (options: WithServer & { wait?: boolean }): Promise<void> => {
  const print = printer(options.json ?? false)
  const { folder, pairing } = await picked(options)
  if (!(await lockHolder(folder))) {
    print.line(`No worker of "${plain(pairing.name)}" runs here.`)
    return print.event({ running: false, work: [] })
  }
  const status = (await askControl(folder, 'POST', '/drain')) as WorkerStatus | null
  if (!status)
    throw new CommandEnd(
      exitCodes.fault,
      'The worker runs and does not answer. Ctrl-C or SIGTERM ends it, with its work.',
    )
  print.line(
    status.work.length
      ? `Draining: ${status.work.map((one) => `${one.run} ${one.step}`).join(', ')} still to finish.`
      : 'Draining: nothing runs.',
  )
  print.event({ running: true, work: status.work })
  while (options.wait && (await lockHolder(folder))) await new Promise((next) => setTimeout(next, 200))
  if (options.wait) print.line('Drained.')
}
