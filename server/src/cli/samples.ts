/** `viewport samples` and `viewport rehearse WORKFLOW --sample ID`: a workflow tried with a sample event. Nothing outside is done. */
import type { AddCommand } from './cli.ts'
import { columns, inLine } from './terminal.ts'

export const addSamples: AddCommand = (program, cli) => {
  program
    .command('samples')
    .description('sample events of each tool, to try a workflow with')
    .option('--workflow <name>', 'say which of them it listens to')
    .addHelpText('after', '\nExamples:\n  viewport samples\n  viewport samples --workflow bug-to-pr')
    .action(async ({ workflow }: { workflow?: string }) => {
      const { terminal, api } = cli()
      const found = await api().samples({ query: { workflow } })
      terminal.give(found, () => {
        for (const line of columns(
          found.samples.map((one) => [
            one.id,
            `${one.tool}.${one.event}`,
            one.says,
            workflow === undefined ? '' : one.heard ? terminal.paint('done', 'listens') : terminal.paint('dim', 'no'),
          ]),
        ))
          terminal.line(line)
      })
    })
  program
    .command('rehearse')
    .description('start a run with a sample event; what it would do outside is shown and not done')
    .argument('<workflow>', 'its name')
    .requiredOption('--sample <id>', 'as `viewport samples` names it')
    .addHelpText('after', '\nExamples:\n  viewport rehearse bug-to-pr --sample linear.issue-assigned')
    .action(async (workflow: string, { sample }: { sample: string }) => {
      const { terminal, api } = cli()
      const begun = await api().rehearse({ params: { workflow }, body: { sample } })
      terminal.give(begun, () => {
        terminal.line(`Run ${begun.number} rehearses ${inLine(workflow)}: nothing outside is done.`)
        if (begun.set.length > 0) terminal.line(`Set so that its conditions hold: ${begun.set.map(inLine).join(', ')}.`)
        terminal.line(`Follow it: viewport runs ${begun.number} --follow`)
      })
    })
}
