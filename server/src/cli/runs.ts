/** `viewport runs [RUN]`: what runs and what has run; one run with its steps. */
import { Option } from 'commander'
import type { z } from 'zod'
import type { RunView } from '@viewportai/core/api/runs'
import { modelWords } from '@viewportai/core/view/model-words'
import type { BoardRow } from '@viewportai/core/view/shapes'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { runRef } from './run-ref.ts'
import { ago, columns, inLine, lasting, shortDigest, type Terminal } from './terminal.ts'
import { followTimeline, giveEnd } from './timeline.ts'

type Options = {
  state?: 'waiting' | 'running' | 'finished'
  workflow?: string
  limit: string
  follow?: boolean
  cancel?: true | string
}

const help = `
Examples:
  viewport runs --state waiting
  viewport runs 12              one run: its steps, what it asks, what it did
  viewport runs 12 --follow     what happened, and what happens until it has ended; Ctrl-C ends the looking alone
  viewport runs 12 --cancel "started by mistake"`

export const addRuns: AddCommand = (program, cli) => {
  program
    .command('runs')
    .description('list runs, or show one')
    .argument('[run]', 'its number or id')
    .addOption(new Option('--state <state>', 'only these').choices(['waiting', 'running', 'finished']))
    .option('--workflow <name>', 'only of this workflow')
    .option('--limit <count>', 'how many', '20')
    .option('-f, --follow', 'print what happens until the run has ended')
    .option('--cancel [reason]', 'stop the run')
    .addHelpText('after', help)
    .action(async (word: string | undefined, options: Options) => {
      const { terminal, api } = cli()
      const reach = api()
      if (word === undefined) {
        if (options.follow || options.cancel !== undefined)
          throw new Stop('usage', 'Name the run to follow or to cancel.')
        const limit = Number(options.limit)
        if (!Number.isInteger(limit) || limit < 1 || limit > 200)
          throw new Stop('usage', `--limit is a whole number from 1 to 200, not ${options.limit}.`)
        const { rows } = await reach.runs({
          query: {
            limit,
            ...(options.state && { state: options.state }),
            ...(options.workflow && { workflow: options.workflow }),
          },
        })
        return terminal.give({ rows }, () => list(terminal, rows))
      }
      const run = runRef(word)
      if (options.cancel !== undefined) {
        await reach.cancelRun({ params: { run }, body: { reason: options.cancel === true ? '' : options.cancel } })
        return terminal.give({ run, cancelling: true }, () => terminal.line(`Run ${word} is being stopped.`))
      }
      const view = await reach.run({ params: { run } })
      if (!options.follow) return terminal.give(view, () => show(terminal, reach.url, view))
      const outcome = await followTimeline(reach, terminal, view.run)
      giveEnd(terminal, { run: view.run, number: view.number, outcome })
    })
}

const list = (terminal: Terminal, rows: readonly BoardRow[]): void => {
  if (rows.length === 0) return terminal.line('There are no runs. Start one with `viewport run WORKFLOW`.')
  const lines = rows.map((row) => [
    `#${row.number}`,
    terminal.paint(row.state.tone, `${inLine(row.state.words)}${row.rehearsal ? ' (rehearsal)' : ''}`),
    inLine(row.source),
    inLine(row.workflow),
    ago(row.startedAt),
    inLine(row.title),
  ])
  for (const line of columns(lines)) terminal.line(line)
}

const show = (terminal: Terminal, url: string, run: z.infer<typeof RunView>): void => {
  terminal.line(
    `${terminal.paint('bold', `#${run.number} ${inLine(run.title)}`)}  ${terminal.paint(run.state.tone, inLine(run.state.words))}`,
  )
  terminal.line(
    terminal.paint(
      'dim',
      `${run.workflow} v${run.workflowVersion}, from ${inLine(run.source)}, started ${ago(run.startedAt)}${run.runsOn ? `, on ${inLine(run.runsOn.name)}${run.runsOn.online ? '' : ' (away)'}` : ''}`,
    ),
  )
  if (run.rehearsal) terminal.line('A rehearsal with a sample event: nothing outside is done.')
  if (run.tainted) terminal.line(terminal.paint('wait', 'Text from outside the workspace reached this run.'))
  if (run.why && run.outcome === null) terminal.line(inLine(run.why))
  if (run.why && run.outcome === null && run.unfit.length > 1)
    for (const one of run.unfit) terminal.line(`  ${inLine(one.runner)}: ${one.lacks.map(inLine).join(', ')}`)
  if (run.outcomeWhy && run.outcome !== 'succeeded') terminal.line(`It ended: ${inLine(run.outcomeWhy)}`)
  for (const warning of run.budgetWarnings) terminal.line(terminal.paint('wait', inLine(warning)))
  terminal.line()
  const steps = run.steps.map((step) => [
    step.id,
    terminal.paint(step.tone, inLine(step.label)),
    step.startedAt !== null && step.finishedAt !== null ? lasting(step.finishedAt - step.startedAt) : '',
    inLine(step.why ?? [step.detail, ...modelWords(step.usage, step.model)].filter(Boolean).join(', ')),
  ])
  for (const line of columns(steps, '  ')) terminal.line(line)
  for (const { action, target, receipt } of run.receipts)
    terminal.line(
      `  ${terminal.paint('done', 'did')} ${inLine(action)} on ${inLine(target)}: ${inLine(receipt.id)}${receipt.url ? ` ${inLine(receipt.url)}` : ''}`,
    )
  if (run.change)
    terminal.line(`  change ${run.change.id}: ${run.change.ref} into ${run.change.into}, ${run.change.state}`)
  if (run.change?.failure)
    terminal.line(
      `    ${terminal.paint('stop', 'not merged')}: ${inLine(`${run.change.failure.summary} ${run.change.failure.check}`)}`,
    )
  if (run.gate) terminal.line(`  asks: viewport decide ${run.gate}`)
  terminal.line()
  terminal.line(
    terminal.paint(
      'dim',
      `${run.run}, ${run.head.count} facts, head ${shortDigest(run.head.hash)}. ${url}/runs/${run.number}`,
    ),
  )
}
