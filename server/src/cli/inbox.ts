/** `viewport inbox`: what waits for your decision? */
import { countedUpTo } from '@viewportai/core/api/inbox'
import type { GateItem } from '@viewportai/core/view/shapes'
import type { AddCommand } from './cli.ts'
import { ago, columns, inLine, type Terminal } from './terminal.ts'

export const addInbox: AddCommand = (program, cli) => {
  program
    .command('inbox')
    .description('list what waits for your decision')
    .option('--all', 'also what you decided today')
    .addHelpText('after', '\nExamples:\n  viewport inbox\n  viewport inbox --json | jq -r ".open[].gate"')
    .action(async (options: { all?: boolean }) => {
      const { terminal, api } = cli()
      const inbox = await api().inbox({ query: { limit: 100 } })
      terminal.give(inbox, () => {
        if (inbox.open.length === 0) terminal.line('Nothing waits for you.')
        show(terminal, inbox.open)
        if (inbox.total > inbox.open.length) terminal.line(moreWords(inbox.total, inbox.open.length))
        if (options.all && inbox.decided.length > 0) {
          terminal.line('\nDecided today:')
          show(terminal, inbox.decided)
        }
        if (inbox.open.length > 0)
          terminal.note(
            terminal.paint('dim', '\nSee one with `viewport decide GATE`, decide with `viewport decide GATE approve`.'),
          )
      })
    })
}

/** The line about what is not shown; what was counted to its end is told as it is. */
export const moreWords = (total: number, shown: number): string =>
  `and ${total < countedUpTo ? '' : 'at least '}${total - shown} more`

const show = (terminal: Terminal, items: readonly GateItem[]): void => {
  const rows = items.map((item) => [
    item.gate,
    `#${item.number}`,
    item.state === 'open' ? terminal.paint('wait', item.kind) : terminal.paint('idle', item.outcome ?? item.kind),
    ago(item.openedAt),
    `${inLine(item.verb)}${item.tainted ? terminal.paint('wait', '  (outside text reached it)') : ''}`,
  ])
  for (const line of columns(rows)) terminal.line(line)
}
