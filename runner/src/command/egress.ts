/** `vpd egress`: everything about a run that left this machine. */
import type { Command } from 'commander'
import { readLeft, type Left } from '../egress/ledger.ts'
import { levels } from '@viewportai/core/wire/level'
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
    .addHelpText(
      'after',
      '\nLevels: metadata (ids, digests, counts), paths, excerpt (short texts), full (bytes of a body).\nA line is written before the bytes go, so it may name bytes that did not arrive; never the other way round.\n\nExamples:\n  $ vpd egress run_7k2m\n  $ vpd egress run_7k2m --fields',
    )
    .action(run)
}

const run = async (name: string | undefined, options: WithServer & { fields?: boolean }): Promise<void> => {
  const print = printer(options.json ?? false)
  const { folder } = await picked(options)
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
  const total = left.reduce((sum, { bytes }) => sum + bytes, 0)
  print.line(
    `${left.length} messages, ${size(total)}, to ${[...new Set(left.map(({ to }) => to))].map(plain).join(', ')}`,
  )
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
