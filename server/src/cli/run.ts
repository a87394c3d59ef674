/** `viewport run WORKFLOW`: start work by hand, and follow it. */
import { InvalidArgumentError } from 'commander'
import type { Api } from './connect.ts'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { readInput } from './input.ts'
import { giveEnd, showTimeline } from './timeline.ts'

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
      const inputs = await typedInputs(reach, workflow, options.input)
      const started = await reach.startRun({
        body: { workflow, title, text, inputs, request: options.request ?? null },
      })
      const about = { ...started, url: `${reach.url}/runs/${started.number}` }
      if (!options.follow)
        return terminal.give(about, () => terminal.line(`Run ${started.number} has started: ${about.url}`))
      terminal.note(`Run ${started.number} has started: ${about.url}`)
      const outcome = await showTimeline(reach, terminal, started.run, { follow: true })
      return giveEnd(terminal, { ...about, outcome })
    })
}

const addPair = (text: string, before: Record<string, string>): Record<string, string> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError(`An input is written name=value, not ${text}.`)
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** Words of the command line become what the workflow's inputs say they are. What it does not declare stays a text; the control plane refuses it. */
const typedInputs = async (
  api: Api,
  workflow: string,
  given: Record<string, string>,
): Promise<Record<string, string | number | boolean>> => {
  if (Object.keys(given).length === 0) return {}
  const { compiled } = await api.workflow({ params: { workflow } })
  const declared = Object.assign(
    {},
    ...compiled.triggers.map((trigger) => trigger.inputs),
  ) as (typeof compiled.triggers)[number]['inputs']
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [name, typed(name, text, declared[name]?.type ?? 'string')]),
  )
}

const typed = (name: string, text: string, type: 'string' | 'number' | 'boolean'): string | number | boolean => {
  if (type === 'string') return text
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  if (type === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  throw new Stop('usage', `The input ${name} is a ${type}, and ${JSON.stringify(text)} is none.`)
}
