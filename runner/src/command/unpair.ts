/** `vpd unpair`: this machine forgets a control plane. */
import type { Command } from 'commander'
import { takeLock } from '../identity/lock.ts'
import { erasePairing } from '../identity/pairing.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { withServer, type WithServer } from './options.ts'
import { picked } from './picked.ts'
import { plain, printer } from './print.ts'

export const addUnpair = (program: Command): void => {
  withServer(program.command('unpair'))
    .description('erase the key, the journal, the logs and the evidence of a pairing from this machine')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nThe control plane still lists the runner until an admin removes it there.\nWhat only lies here (bodies of runs) cannot be shown to reviewers any more.\n\nExamples:\n  $ vpd unpair --yes',
    )
    .action(run)
}

const run = async (options: WithServer & { yes?: boolean }): Promise<void> => {
  const print = printer(options.json ?? false)
  const { home, folder, pairing } = await picked(options)
  if (!options.yes)
    throw new CommandEnd(
      exitCodes.usage,
      `This erases the key, logs and evidence of "${plain(pairing.name)}" below ${folder}. Run it with --yes.`,
    )
  const lock = await takeLock(folder)
  if (lock.held)
    throw new CommandEnd(
      exitCodes.alreadyRunning,
      `Its worker runs (process ${lock.held.pid}). Stop it first: \`vpd drain --wait\`.`,
    )
  await lock.release()
  await erasePairing(home, pairing.runner)
  print.line(`Forgot ${pairing.server}. Remove "${plain(pairing.name)}" on its runners page as well.`)
  print.event({ unpaired: pairing.runner, server: pairing.server })
}
