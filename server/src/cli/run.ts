/** `viewport run WORKFLOW`: start work by hand, and follow it. */
import { InvalidArgumentError } from 'commander'
import type { AddCommand } from './cli.ts'
import { readInput } from './input.ts'
import { followTimeline, giveEnd } from './timeline.ts'

type Options = {
  title?: string
  text: string
  textFile?: string
  input: Record<string, string>
  follow?: boolean
  request?: string
}

const help = `
Examples:
  viewport run docs-refresh --title "Update the retry policy"
  viewport run fix-bug --input ticket=PAY-1842 --text "Charged twice" --follow
  viewport run fix-bug --text-file report.md

With --follow it ends when the run has ended: exit code 0 when it succeeded, else 1.`

export const addRun: AddCommand = (program, cli) => {
  program
    .command('run')
    .description('start a workflow by hand')
    .argument('<workflow>', 'its name')
    .option('--title <words>', 'what it is about, shown on the board (default: the first line of the text)')
    .option('--text <words>', 'the text the agent is asked about', '')
    .option('--text-file <file>', 'a file with that text, - for the standard input')
    .option('--input <name=value>', 'an input of the workflow; may be given several times', addPair, {})
    .option('--request <id>', 'the same id starts one run only, however often it is sent')
    .option('-f, --follow', 'print what happens until the run has ended')
    .addHelpText('after', help)
    .action(async (workflow: string, options: Options) => {
      const { terminal, api } = cli()
      const reach = api()
      const text = options.textFile === undefined ? options.text : await readInput(options.textFile)
      const title =
        options.title ??
        (text
          .split('\n')
          .find((line) => line.trim() !== '')
          ?.trim()
          .slice(0, 300) ||
          workflow)
      const started = await reach.startRun({
        body: { workflow, title, text, inputs: options.input, request: options.request ?? null },
      })
      const about = { ...started, url: `${reach.url}/runs/${started.number}` }
      if (!options.follow)
        return terminal.give(about, () => terminal.line(`Run ${started.number} has started: ${about.url}`))
      terminal.note(`Run ${started.number} has started: ${about.url}`)
      const outcome = await followTimeline(reach, terminal, started.run)
      return giveEnd(terminal, { ...about, outcome })
    })
}

const addPair = (text: string, before: Record<string, string>): Record<string, string> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError(`An input is written name=value, not ${text}.`)
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
