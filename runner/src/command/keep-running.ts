/** `vpd service`: lets the system run the worker, from its start on and again after a fault. */
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { isMissing } from '../disk/durable.ts'
import { lockHolder } from '../identity/lock.ts'
import { keeperOf, thisMachine, type Keeper } from '../service/keeper.ts'
import { writtenBy, type WorkerLine } from '../service/worker-line.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { common, withServer, type Common, type WithServer } from './options.ts'
import { picked } from './picked.ts'
import { plain, printer } from './print.ts'
import { transportMeant, withTransport, type WithTransport } from './transport.ts'
import { slotsOption } from './worker-start.ts'

type Where = { system?: boolean }
type Install = WithServer & WithTransport & Where & { print?: boolean; user?: string; slots: number }

export const addKeepRunning = (program: Command): void => {
  const service = program.command('service').description('let systemd or launchd run the worker')
  withTransport(withServer(service.command('install')))
    .description('write the service, start it now and with the machine (a user’s own: with the login)')
    .option('--system', 'a service of the whole system; it needs root, and --user')
    .option('--user <name>', 'with --system: the user that the worker runs as')
    .addOption(slotsOption())
    .option('--print', 'only show what would be written')
    .addHelpText(
      'after',
      '\nExamples:\n  $ vpd service install\n  $ vpd service install --print\n  $ sudo vpd service install --system --user vpd --home /var/lib/vpd',
    )
    .action(install)
  common(service.command('uninstall'))
    .description('stop the service, after its work has ended, and remove it')
    .option('--system', 'the service of the whole system')
    .action(uninstall)
  common(service.command('status'))
    .description('whether the service is there and runs')
    .option('--system', 'the service of the whole system')
    .action(status)
}

const install = async (options: Install): Promise<void> => {
  const print = printer(options.json ?? false)
  const all = options.system ?? false
  if (all !== (options.user !== undefined))
    throw new CommandEnd(
      exitCodes.usage,
      '--system and --user NAME belong together: a worker never runs as root by itself.',
    )
  if (all && !/^[a-z_][a-z0-9_-]{0,31}$/i.test(options.user ?? ''))
    throw new CommandEnd(exitCodes.usage, `${JSON.stringify(options.user)} is not the name of a user.`)
  const keeper = keeperFor(all, options.print)
  const { home, folder, pairing } = await picked(options)
  const line: WorkerLine = {
    program: [process.execPath, realpathSync(process.argv[1]!)],
    home,
    server: pairing.server,
    slots: options.slots,
    ...transportMeant(options, pairing),
    path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    user: options.user ?? null,
  }
  const text = keeper.text(line)
  if (options.print) {
    print.event({ kind: keeper.kind, file: keeper.file, text })
    return print.line(text.trimEnd())
  }
  await mayReplace(keeper)
  const holder = await lockHolder(folder)
  if (holder && (await existing(keeper)) === null)
    throw new CommandEnd(
      exitCodes.alreadyRunning,
      `A worker of "${pairing.name}" runs already (process ${holder.pid}). End it first: \`vpd drain --wait\`.`,
    )
  await mkdir(path.dirname(keeper.file), { recursive: true })
  await writeFile(keeper.file, text, { mode: 0o644 })
  await tell(keeper.start)
  print.line(`  ✓ ${plain(keeper.file)} · started, and starts with the ${all ? 'machine' : 'login'}`)
  print.line(`  ${keeper.after}`)
  print.event({ kind: keeper.kind, file: keeper.file, installed: true })
}

const uninstall = async (options: Common & Where): Promise<void> => {
  const print = printer(options.json ?? false)
  const keeper = keeperFor(options.system ?? false)
  if ((await existing(keeper)) === null) {
    print.event({ kind: keeper.kind, file: keeper.file, installed: false })
    return print.line(`No service is installed (${plain(keeper.file)} is not there).`)
  }
  await mayReplace(keeper)
  await tell(keeper.stop)
  await rm(keeper.file, { force: true })
  await tell(keeper.forget)
  print.line(`  ✓ stopped and removed ${plain(keeper.file)}; the pairing and its evidence stay`)
  print.event({ kind: keeper.kind, file: keeper.file, installed: false })
}

const status = async (options: Common & Where): Promise<void> => {
  const print = printer(options.json ?? false)
  const keeper = keeperFor(options.system ?? false)
  const installed = (await existing(keeper)) !== null
  const running = installed && (await call(keeper.status)).code === 0
  print.line(installed ? `${running ? 'runs' : 'does not run'} · ${plain(keeper.file)}` : 'not installed')
  print.event({ kind: keeper.kind, file: keeper.file, installed, running })
}

const keeperFor = (all: boolean, write?: boolean): Keeper => {
  const keeper = keeperOf(thisMachine(), all, write)
  if (typeof keeper === 'string') throw new CommandEnd(exitCodes.refused, keeper)
  return keeper
}

const existing = (keeper: Keeper): Promise<string | null> =>
  readFile(keeper.file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })

const mayReplace = async (keeper: Keeper): Promise<void> => {
  const text = await existing(keeper)
  if (text !== null && !text.includes(writtenBy))
    throw new CommandEnd(
      exitCodes.refused,
      `${keeper.file} was not written by vpd. Move it away first, or change it yourself: \`vpd service install --print\`.`,
    )
}

const tell = async (commands: readonly (readonly string[])[]): Promise<void> => {
  for (const command of commands) {
    const { code, said } = await call(command)
    if (code !== 0)
      throw new CommandEnd(exitCodes.fault, `\`${command.join(' ')}\` failed: ${plain(said) || `exit code ${code}`}`)
  }
}

/** A stop waits for running work, so nothing here has a limit of its own. */
const call = ([program, ...words]: readonly string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    execFile(program!, words, (error, stdout, stderr) =>
      resolve({
        code: error ? (typeof error.code === 'number' ? error.code : 1) : 0,
        said: (stderr || stdout || error?.message || '').trim().slice(0, 500),
      }),
    )
  })
