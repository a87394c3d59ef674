/** `vpd logs`: what the steps of a run wrote, as it lies on this machine. */
import { open } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { logsOf, runsWithLogs } from '../evidence/step-log.ts'
import { lockHolder } from '../identity/lock.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { withServer, type WithServer } from './options.ts'
import { picked, runId } from './picked.ts'
import { plain, printer, type Printer } from './print.ts'
import { terminalFilter } from './terminal.ts'

type Options = WithServer & { step?: string; follow?: boolean }
type Log = Awaited<ReturnType<typeof logsOf>>[number]

export const addLogs = (program: Command): void => {
  withServer(program.command('logs'))
    .description('what the steps of a run wrote on this machine')
    .argument('[run]', 'the id of the run; without it, which runs there are')
    .option('--step <id>', 'only this step')
    .option('-f, --follow', 'go on while the last attempt runs')
    .addHelpText(
      'after',
      '\nOn a terminal everything but colours is shown instead of obeyed; a pipe gets the bytes as they are.\n\nExamples:\n  $ vpd logs\n  $ vpd logs run_7k2m --step implement\n  $ vpd logs run_7k2m -f',
    )
    .action(run)
}

const run = async (name: string | undefined, options: Options): Promise<void> => {
  const { folder } = await picked(options)
  const print = printer(options.json ?? false)
  if (name === undefined) return listRuns(folder, print)
  const logs = (await logsOf(folder, runId(name))).filter(({ step }) => !options.step || step === options.step)
  if (logs.length === 0)
    throw new CommandEnd(
      exitCodes.refused,
      `There are no logs of ${name}${options.step ? ` step ${options.step}` : ''} on this machine.`,
    )
  if (options.json)
    return print.event({
      logs: logs.map(({ run: id, step, attempt, epoch, file, closed }) => ({
        run: id,
        step,
        attempt,
        epoch,
        file,
        closed,
      })),
    })
  for (const log of logs) {
    if (logs.length > 1) process.stdout.write(`── ${log.step} · attempt ${log.attempt} ──\n`)
    await show(log, options.follow === true && log === logs.at(-1) ? () => stillRuns(folder, log) : null)
  }
}

/** Which runs wrote something here, the latest first, each with its steps. */
const listRuns = async (folder: string, print: Printer): Promise<void> => {
  const runs = await Promise.all(
    (await runsWithLogs(folder)).map(async (id) => ({
      run: id,
      steps: [...new Set((await logsOf(folder, id)).map(({ step }) => step))],
    })),
  )
  for (const { run: id, steps } of runs) print.line(`${plain(id)}  ${plain(steps.join(', '))}`)
  if (runs.length === 0) print.line('No run has written anything on this machine yet.')
  print.event({ runs })
}

const stillRuns = async (folder: string, log: Log): Promise<boolean> =>
  !existsSync(`${log.file}.closed`) && (await lockHolder(folder)) !== null

const show = async (log: Log, goOn: (() => Promise<boolean>) | null): Promise<void> => {
  const filter = process.stdout.isTTY ? terminalFilter() : null
  const handle = await open(log.file, 'r')
  try {
    const part = Buffer.alloc(65_536)
    for (;;) {
      // Asked before reading, so that what was written before the end is read.
      const more = goOn ? await goOn() : false
      let { bytesRead } = await handle.read(part)
      for (; bytesRead > 0; { bytesRead } = await handle.read(part))
        await write(filter ? filter.push(part.subarray(0, bytesRead)) : part.subarray(0, bytesRead))
      if (!more) break
      await new Promise((next) => setTimeout(next, 200))
    }
    if (filter) await write(filter.end())
  } finally {
    await handle.close()
  }
}

// Waits until it was taken: a pipe to a slow reader would otherwise fill the memory, and the buffer is used again.
const write = (part: string | Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => process.stdout.write(part, (error) => (error ? reject(error) : resolve())))
