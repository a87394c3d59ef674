/** `viewport deliveries [DELIVERY]`: what came in, and why it did or did not start work. */
import type { AddCommand } from './cli.ts'
import { ago, columns, inLine } from './terminal.ts'

export const addDeliveries: AddCommand = (program, cli) => {
  program
    .command('deliveries')
    .description('list what came in, or explain one delivery')
    .argument('[delivery]', 'its id')
    .addHelpText('after', '\nExamples:\n  viewport deliveries\n  viewport deliveries dlv_4c9k2e')
    .action(async (id: string | undefined) => {
      const { terminal, api } = cli()
      if (id === undefined) {
        const found = await api().deliveries({ query: { limit: 50 } })
        return terminal.give(found, () => {
          if (found.deliveries.length === 0) terminal.line('Nothing has come in yet.')
          for (const line of columns(
            found.deliveries.map((one) => [
              one.id,
              ago(one.at),
              inLine(`${one.tool}.${one.event}`),
              inLine(one.verdict),
              inLine(one.title),
            ]),
          ))
            terminal.line(line)
        })
      }
      const one = await api().delivery({ params: { delivery: id } })
      terminal.give(one, () => {
        terminal.line(
          `${terminal.paint('bold', inLine(one.title || one.id))}  ${inLine(`${one.tool}.${one.event}`)} by ${inLine(one.actor)}, ${ago(one.at)}: ${inLine(one.verdict)}`,
        )
        if (one.problem) terminal.line(inLine(one.problem))
        for (const line of one.lines) {
          terminal.line(
            `${line.matched ? terminal.paint('done', 'started') : terminal.paint('dim', 'not    ')} ${inLine(line.name)} v${line.version}  ${inLine(line.why)}${line.run ? `  ${line.run}` : ''}`,
          )
          const rows = line.conditions.map((condition) => [
            condition.pass ? terminal.paint('done', 'yes') : terminal.paint('stop', 'no'),
            inLine(condition.field),
            `expected ${inLine(condition.expected)}`,
            `found ${inLine(condition.found)}`,
          ])
          for (const text of columns(rows, '        ')) terminal.line(text)
        }
      })
    })
}
