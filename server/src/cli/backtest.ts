/** `viewport backtest FILE`: what would a workflow have started over what came in, beside the version in force? Nothing is started. */
import { askedAbout, backtestNotes, heldBack, outcomeWords } from '@viewportai/core/api/backtest-words'
import { longBacktest } from '@viewportai/core/api/long-backtest'
import { InvalidArgumentError, Option } from 'commander'
import type { AddCommand } from './cli.ts'
import { readInput } from './input.ts'
import { ago, columns, inLine, type Terminal } from './terminal.ts'
import type { Api } from './connect.ts'

type Tested = Awaited<ReturnType<Api['backtest']>>

const atMost = (text: string): number => {
  const limit = Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000)
    throw new InvalidArgumentError('It must be from 1 to 100000.')
  return limit
}

export const addBacktest: AddCommand = (program, cli) => {
  program
    .command('backtest')
    .description('what a workflow would have started over what came in last; nothing is started')
    .argument('<file>', 'the workflow, or - for the standard input')
    .addOption(
      new Option('--limit <number>', 'how many of the last events are looked at').argParser(atMost).default(1_000),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  viewport backtest bug-to-pr.workflow.yaml\n  viewport backtest bug-to-pr.workflow.yaml --limit 10000',
    )
    .action(async (file: string, { limit }: { limit: number }) => {
      const { terminal, api } = cli()
      const source = await readInput(file)
      const reach = api()
      const tested = await longBacktest(
        (piece) => reach.backtest({ body: piece }),
        { source, limit },
        ({ events, draft }) => {
          terminal.note(`${events} of ${limit} events looked at; it would have started ${draft.starts} so far.`)
          return true
        },
      )
      terminal.give(tested, () => show(terminal, tested))
    })
}

const show = (terminal: Terminal, tested: Tested): void => {
  if (tested.since === null) return terminal.line('Nothing has come in yet, so there is nothing to look back at.')
  terminal.line(
    `${tested.workflow} over the last ${tested.events === 1 ? 'event' : `${tested.events} events`}, since ${ago(tested.since)}; ${tested.listened} of a kind that it listens to.`,
  )
  terminal.line(`It would have started ${tested.draft.starts}${beside(tested)}, and nearly ${tested.draft.nearMisses}.`)
  for (const { words, draft, current } of heldBack(tested))
    terminal.line(`  ${words}: ${draft}${current === null ? '' : ` (version ${tested.version}: ${current})`}`)
  if (tested.beside && tested.beside.onlyDraft + tested.beside.onlyCurrent > 0)
    terminal.line(
      `Of these ${tested.beside.both} start version ${tested.version} too, ${tested.beside.onlyDraft} only this text; ${tested.beside.onlyCurrent} start version ${tested.version} alone.`,
    )
  for (const { condition, times } of tested.missedBy) terminal.line(`  only ${inLine(condition)} failed: ${times}`)
  for (const row of tested.asked) if (row.times > 0) terminal.line(asked(row))
  terminal.line(
    tested.spend === null
      ? 'What it would have cost is not known: no run of it has a known cost yet.'
      : spent(tested, tested.spend),
  )
  for (const note of backtestNotes(tested)) terminal.line(note)
  terminal.line()
  for (const line of columns(
    tested.rows.map((row) => [
      row.draft === 'starts' ? terminal.paint('done', outcomeWords.starts) : outcomeWords[row.draft],
      row.current === null || row.current === row.draft ? '' : `(v${tested.version}: ${outcomeWords[row.current]})`,
      ago(row.at),
      inLine(row.label),
      inLine(row.title),
      inLine(row.why),
    ]),
  ))
    terminal.line(line)
  if (tested.rowsLeftOut > 0) terminal.note(`${tested.rowsLeftOut} more are not shown.`)
}

const asked = (row: Tested['asked'][number]): string => {
  const about = askedAbout(row)
  return `${inLine(row.gate)} would have asked ${row.approvers.map(inLine).join(', ')} ${row.times === 1 ? 'once' : `${row.times} times`}${about === null ? '' : ` (${about})`}.`
}

/** In all, beside the version in force, and how sure that is. */
const spent = ({ current, version }: Tested, spend: NonNullable<Tested['spend']>): string => {
  const usd = (amount: number): string => `$${amount.toFixed(2)}`
  const now = current === null ? '' : ` (version ${version}: ${usd(current.starts * spend.medianUsd)})`
  const range =
    spend.runs === 1
      ? 'the only one known'
      : `the median of ${spend.runs}, from ${usd(spend.leastUsd)} to ${usd(spend.mostUsd)}`
  const unknown = spend.unknown === 0 ? '' : `; of ${spend.unknown} more it is not known`
  return `About ${usd(spend.projectedUsd)}${now}: a run of it cost ${usd(spend.medianUsd)}, ${range}${unknown}.`
}

const beside = ({ current, version, draft }: Tested): string =>
  current === null
    ? ''
    : ` (version ${version}: ${current.starts}${current.starts === draft.starts ? ', as many' : ''})`
