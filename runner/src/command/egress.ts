/** `vpd egress`: everything about a run that left this machine. */
import type { Command } from 'commander'
import { readKept, type Kept } from '../egress/keep-texts.ts'
import type { Left } from '../egress/left.ts'
import { readLeft } from '../egress/ledger.ts'
import { summaryOf } from '../egress/summary.ts'
import { levels } from '@viewportai/core/wire/level'
import { CommandEnd, exitCodes } from './exit.ts'
import { withServer, type WithServer } from './options.ts'
import { picked, runId } from './picked.ts'
import { plain, printer, size, table } from './print.ts'

export const addEgress = (program: Command): void => {
  withServer(program.command('egress'))
    .description(
      'everything about a run that left this machine: which fields, how much they give away, which bytes of which body',
    )
    .argument('[run]', 'the id of the run; without it: what left about the machine itself')
    .option('--fields', 'one line per field')
    .option('--kept', 'the short texts of the run that stayed on this machine')
    .addHelpText(
      'after',
      '\nLevels: metadata (ids, digests, counts), paths (files, refs, hosts), asked (commands that a person decides on), excerpt (short texts), full (bytes).\nA line is written before the bytes go, so it may name bytes that did not arrive; never the other way round.\n\nExamples:\n  $ vpd egress run_7k2m\n  $ vpd egress run_7k2m --fields\n  $ vpd egress run_7k2m --kept',
    )
    .action(run)
}

const run = async (
  name: string | undefined,
  options: WithServer & { fields?: boolean; kept?: boolean },
): Promise<void> => {
  const print = printer(options.json ?? false)
  const { folder } = await picked(options)
  if (options.kept) return tellKept(print, name === undefined ? null : await readKept(folder, runId(name)))
  const left = await readLeft(folder, name === undefined ? null : runId(name))
  if (options.json) return print.event({ run: name ?? null, left })
  if (left.length === 0)
    return print.line(name ? `Nothing about ${name} left this machine.` : 'Nothing left this machine.')
  const rows = options.fields ? left.flatMap(fieldRows) : left.map(row)
  table([
    options.fields
      ? ['WHEN', 'WHAT', 'FIELD', 'LEVEL', 'COUNT', 'BYTES']
      : ['WHEN', 'STEP', 'WHAT', 'GIVES AWAY', 'BYTES'],
    ...rows,
  ]).forEach(print.line)
  const { messages, bytes, kept } = summaryOf(left)
  print.line(`${messages} messages, ${size(bytes)}, to ${[...new Set(left.map(({ to }) => to))].map(plain).join(', ')}`)
  if (kept > 0 && name !== undefined)
    print.line(`${kept} short texts stayed here: vpd egress ${plain(name)} --kept shows them.`)
}

const tellKept = (print: ReturnType<typeof printer>, kept: readonly Kept[] | null): void => {
  if (kept === null) throw new CommandEnd(exitCodes.usage, 'Say of which run: vpd egress RUN --kept.')
  if (print.json) return print.event({ kept })
  if (kept.length === 0) return print.line('No short text of this run was kept here instead of being sent.')
  for (const { at, step, what, field, text } of kept)
    print.line(`${time(at)}  ${step ?? '-'}  ${plain(what)}  ${field}\n  ${plain(text)}`)
}

const time = (at: string): string => at.slice(0, 19).replace('T', ' ')
const row = (one: Left): string[] => {
  const given = levels.filter((level) => one.fields.some((field) => field.level === level))
  const range = one.body?.digest
    ? ` ${one.body.digest.slice(0, 12)} ${one.body.from}-${one.body.to}`
    : one.body
      ? ` ${one.body.from}-${one.body.to}`
      : ''
  return [time(one.at), one.step ?? '-', plain(one.what + range), given.join(', ') || 'nothing', size(one.bytes)]
}
const fieldRows = (one: Left): string[][] =>
  one.fields.map(({ field, level, count, bytes }) => [
    time(one.at),
    plain(one.what),
    plain(field),
    level,
    String(count),
    size(bytes),
  ])
