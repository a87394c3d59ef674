/** `vpd status`: who this machine is, and what it is doing. */
import type { Command } from 'commander'
import { askControl } from '../control/socket.ts'
import { homeFolder, policyFile, runnerFolder } from '../identity/home.ts'
import { lockHolder } from '../identity/lock.ts'
import { readPairings, type Pairing } from '../identity/pairing.ts'
import type { WorkerStatus } from '../loop/worker.ts'
import { readPolicy } from '../policy/policy.ts'
import { exitCodes } from './exit.ts'
import { common, type Common } from './options.ts'
import { plain, printer, span } from './print.ts'

export const addStatus = (program: Command): void => {
  common(program.command('status'))
    .description('the pairings of this machine, whether their workers run, and what they work on')
    .addHelpText(
      'after',
      '\nExit code 5 when this machine is not paired.\n\nExamples:\n  $ vpd status\n  $ vpd status --json | jq .runners[0].work',
    )
    .action(run)
}

type Seen = { pairing: Pairing; process: number | null; live: WorkerStatus | null }

const run = async (options: Common): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  // A policy that cannot be used is the matter of `vpd doctor`; a worker of it runs on with the one it started with.
  const trust = await readPolicy(policyFile(home)).then(
    (policy) => policy.trust,
    () => [],
  )
  const seen = await Promise.all((await readPairings(home)).map((pairing) => look(home, pairing)))
  print.event({
    home,
    trust,
    runners: seen.map(({ pairing, process, live }) => ({
      runner: pairing.runner,
      name: pairing.name,
      pool: pairing.pool,
      server: pairing.server,
      workspace: pairing.workspace,
      process,
      running: process !== null,
      ...live,
    })),
  })
  if (seen.length === 0) {
    print.line('This machine is not paired yet. Run `vpd pair --worker`.')
    process.exitCode = exitCodes.noServer
  }
  for (const one of seen) lines(one).forEach(print.line)
  if (trust.length > 0)
    print.line(
      `trusts the agents' own settings of ${trust.map(plain).join(', ')} (an admin must have switched them on too)`,
    )
}

const look = async (home: string, pairing: Pairing): Promise<Seen> => {
  const folder = runnerFolder(home, pairing.runner)
  const holder = await lockHolder(folder)
  return {
    pairing,
    process: holder?.pid ?? null,
    live: holder ? ((await askControl(folder, 'GET', '/status')) as WorkerStatus | null) : null,
  }
}

/** A worker of an older vpd does not tell. */
const transportWords = (transport: WorkerStatus['transport'] | undefined): string =>
  transport === undefined || transport.wanted === transport.now
    ? (transport?.now ?? 'polling')
    : `polling, as the relay cannot be used (${plain(transport.why ?? 'it is being tried')})`

const lines = ({ pairing, process, live }: Seen): string[] => {
  const head = `${plain(pairing.name)} · pool ${plain(pairing.pool)} · ${plain(pairing.workspace.name)} · ${pairing.server}`
  if (process === null) return [head, '  not running: `vpd worker start` brings it online']
  if (!live) return [head, `  process ${process} runs and does not answer`]
  const state = live.trouble
    ? `cannot reach the control plane for ${span(Date.now() - live.trouble.since)} (${plain(live.trouble.why)})`
    : live.draining
      ? 'draining'
      : live.online
        ? 'online'
        : 'starting'
  return [
    head,
    `  ${state} · process ${process} · ${live.work.length} of ${live.slots} slots in use · ${transportWords(live.transport)}`,
    ...live.work.map((one) => `  ${one.run} ${one.step} · for ${span(Date.now() - one.since)} · ${plain(one.state)}`),
  ]
}
