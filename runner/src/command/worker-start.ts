/** `vpd worker start`: brings the runner online. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { readDuration } from '@viewportai/core/workflow/amounts'
import { pairingMeant } from '../identity/find-server.ts'
import { homeFolder, policyFile, runnerFolder } from '../identity/home.ts'
import { takeLock, type Lock } from '../identity/lock.ts'
import { readPairings } from '../identity/pairing.ts'
import { askControl, openControl } from '../control/socket.ts'
import { openGround } from '../loop/open-ground.ts'
import { startWorker, type WorkerEnd } from '../loop/worker.ts'
import { lookWith } from '../look/look.ts'
import { readPolicy } from '../policy/policy.ts'
import { socketUrl } from '../relay/address.ts'
import { wallWords } from '../walls/wall-words.ts'
import { statusIn, wordsOf } from '../wire/refused.ts'
import { skewWords } from '../wire/server-clock.ts'
import { doJob } from '../work/do-job.ts'
import { endAttempt } from '../work/step-folder.ts'
import { sweepLeftovers } from '../work/sweep-leftovers.ts'
import { capabilitiesOf, setupOf } from './capabilities.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { withServer, type WithServer } from './options.ts'
import { plain, printer, type Printer } from './print.ts'
import { transportMeant, withTransport, type WithTransport } from './transport.ts'

type Options = WithServer &
  WithTransport & {
    mode: 'persistent' | 'ephemeral'
    slots: number
    linger: number
    takeover?: boolean
  }

export const addWorker = (program: Command): void => {
  const worker = program.command('worker').description('run work on this machine')
  withTransport(withServer(worker.command('start')))
    .description('go online and carry out work until it is stopped')
    .addOption(
      new Option('--mode <mode>', 'persistent: until stopped; ephemeral: exactly one run, then exit')
        .choices(['persistent', 'ephemeral'])
        .default('persistent'),
    )
    .option(
      '--linger <time>',
      'ephemeral: how long to wait for the next work of the run, e.g. while people decide (90s, 10m, 2h)',
      linger,
      600_000,
    )
    .addOption(slotsOption())
    .option('--takeover', 'if a worker of this pairing runs, let it finish its work and take its place (for upgrades)')
    .addHelpText(
      'after',
      `
Ctrl-C ends the work and exits; a second Ctrl-C does so at once. \`vpd drain\` lets it finish first.

Examples:
  $ vpd worker start --mode persistent --transport polling
  $ vpd worker start --transport relay --slots 4
  $ vpd worker start --mode ephemeral        # in CI: exit 0 the run succeeded, 3 refused, 4 offer lost,
                                             # 9 the run did not succeed, 10 it goes on without this worker`,
    )
    .action(run)
}

const linger = (text: string): number => {
  const seconds = readDuration(text)
  if (seconds === null) throw new InvalidArgumentError('It must be a duration, such as 90s, 10m or 2h.')
  return seconds * 1_000
}

/** `--slots N`, for every command that starts a worker. */
export const slotsOption = (): Option =>
  new Option('--slots <n>', 'how much work at a time').argParser(slots).default(1)

const slots = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1 || n > 256)
    throw new InvalidArgumentError('It must be a whole number from 1 to 256.')
  return n
}

const run = async (options: Options): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const policy = await readPolicy(policyFile(home))
  const pairing = pairingMeant(await readPairings(home), options)
  const transport = transportMeant(options, pairing)
  const folder = runnerFolder(home, pairing.runner)
  const lock = await (options.takeover ? takeOver(folder, print) : takeLock(folder))
  if (lock.held)
    throw new CommandEnd(
      exitCodes.alreadyRunning,
      `A worker of "${pairing.name}" runs already (process ${lock.held.pid} on ${lock.held.host}). See \`vpd status\`.`,
    )
  try {
    process.exitCode = await live(print, { home, folder, policy, pairing, transport, options })
  } finally {
    await lock.release()
  }
}

/** Lets the worker that runs finish, and takes its place when it has ended: the way to a newer vpd without a lost step. */
const takeOver = async (folder: string, print: Printer): Promise<Lock> => {
  for (let asked = false; ;) {
    const lock = await takeLock(folder)
    if (!lock.held) return lock
    if (!asked && (await askControl(folder, 'POST', '/drain')) !== null) {
      asked = true
      print.line(`  · the worker that runs (process ${lock.held.pid}) was asked to finish; waiting for it`)
      print.event({ event: 'takeover', from: lock.held.pid })
    }
    await new Promise((next) => setTimeout(next, 200))
  }
}

type Parts = {
  home: string
  folder: string
  policy: Awaited<ReturnType<typeof readPolicy>>
  pairing: ReturnType<typeof pairingMeant>
  transport: ReturnType<typeof transportMeant>
  options: Options
}

const live = async (print: Printer, { home, folder, policy, pairing, transport, options }: Parts): Promise<number> => {
  const say = (line: string): void => {
    print.line(`  · ${plain(line)}`)
    print.event({ event: 'note', at: new Date().toISOString(), text: line })
  }
  const setup = setupOf(folder, policy, home)
  const walls = await wallWords(setup)
  if (walls.ok === false) throw new CommandEnd(exitCodes.refused, walls.words)
  await sweepLeftovers(setup)
  const { mode } = options
  const slots = mode === 'ephemeral' ? 1 : options.slots
  // Once the ledger is open, what detection asks of others is written there.
  let told = setup
  const capabilities = () => capabilitiesOf({ home, policy, slots, mode, transport: transport.transport, setup: told })
  const { ground, setBeat, close, end } = await openGround({
    home,
    relay: socketUrl(pairing.server, transport),
    policy,
    pairing,
    setup,
    work: doJob,
    lookAt: lookWith(capabilities, policy),
    sweep: (lease) => endAttempt(setup, lease),
    say,
    onTrouble: (why) =>
      say(
        why === null ? 'the control plane answers again' : `the control plane cannot be reached (${why}); trying again`,
      ),
    onRelay: (why) => {
      say(
        why === null
          ? 'the relay is there again'
          : `the relay cannot be used (${why}): going on by polling, and trying it again now and then`,
      )
      print.event({ event: 'transport', now: why === null ? 'relay' : 'polling', why })
    },
  })
  told = ground.setup
  const worker = startWorker(ground, {
    mode,
    slots: options.slots,
    lingerMs: options.linger,
    capabilities,
    setBeat,
    onOnline(name) {
      print.line(mode === 'ephemeral' ? '  ✓ online · waiting for one run' : '  ✓ online · waiting for assignments')
      const now = ground.wire.relay()?.open ? 'relay' : 'polling'
      if (now === 'relay') print.line(`  · by the relay ${transport.relay ?? pairing.server}`)
      print.event({ event: 'online', name, runner: pairing.runner, server: pairing.server, transport: now })
      const skew = skewWords(ground.wire.clock.skew())
      if (skew) say(skew)
    },
    close,
  })
  const closeControl = await openControl(folder, {
    status: () => worker.status(),
    drain: () => worker.drain('asked for on this machine'),
  })
  let signals = 0
  const onSignal = (): void => {
    signals++
    if (signals === 1) say('stopping: the work is ended; once more to stop at once')
    worker.stop(signals > 1)
    // Whatever still holds this process is not waited for.
    if (signals > 1) setTimeout(() => process.exit(exitCodes.interrupted), 2_000).unref()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    return codeFor(await worker.ended, mode, print)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await closeControl()
    close()
    await end()
  }
}

const codeFor = (end: WorkerEnd, mode: 'persistent' | 'ephemeral', print: Printer): number => {
  print.event({ event: 'ended', ...end })
  if (end.how === 'refused') {
    const gone = statusIn(end.refusal) === 401
    throw new CommandEnd(
      gone ? exitCodes.removed : exitCodes.refused,
      `The control plane refused this runner: ${wordsOf(end.refusal)}`,
      { refusal: end.refusal.refusal },
    )
  }
  if (mode === 'ephemeral' && end.outcome === 'left')
    throw new CommandEnd(exitCodes.offerLost, 'The last reports of this worker could not be handed over.')
  if (mode === 'ephemeral' && (end.outcome === 'offer-lost' || end.outcome === 'lost'))
    throw new CommandEnd(exitCodes.offerLost, 'The one piece of work was lost: it belongs to another runner now.')
  if (mode === 'ephemeral' && end.outcome === 'refused')
    throw new CommandEnd(exitCodes.refused, 'The one piece of work was refused by the policy of this machine.')
  if (end.run?.outcome === null)
    throw new CommandEnd(
      exitCodes.runGoesOn,
      `${end.run.run} has not ended: its next work did not come while this worker waited. Another runner of the pool takes it then.`,
      { run: end.run.run },
    )
  if (end.run && end.run.outcome !== 'succeeded')
    throw new CommandEnd(exitCodes.runFailed, `${end.run.run} ended: ${end.run.outcome}.`, { ...end.run })
  print.line(end.how === 'drained' ? '  ✓ drained · everything was reported' : '  ✓ stopped')
  return exitCodes.done
}
