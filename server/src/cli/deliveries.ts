/**
 * `viewport deliveries [DELIVERY]`: what came in, and why it did or did not start work.
 * With --match or --never: how a workflow's text would have to change for it. Nothing is saved.
 */
import { InvalidArgumentError, Option } from 'commander'
import { deliveryOutcomes, type DeliveryOutcome } from '@viewportai/core/api/deliveries'
import { onlyByWebhook, wayWords } from '@viewportai/core/event/how-came'
import { linkCommand } from '@viewportai/core/event/link-command'
import { readDuration } from '@viewportai/core/workflow/amounts'
import type { AddCommand } from './cli.ts'
import type { Api } from './connect.ts'
import { Stop } from './exit.ts'
import { ago, columns, inLine, type Terminal } from './terminal.ts'

type Narrowed = {
  search?: string
  tool?: string
  event?: string
  from?: string
  outcome?: DeliveryOutcome
  actor?: string
  workflow?: string
  since?: number
  until?: number
  before?: string
  limit: number
}
type Options = Narrowed & {
  match?: string
  never?: string
  choice?: number
  text?: boolean
  again?: boolean
  reason?: string
}

const examples = `
Examples:
  viewport deliveries
  viewport deliveries --outcome nearly --since 7d
  viewport deliveries dlv_4c9k2e
  viewport deliveries dlv_4c9k2e --match bug-to-pr
  viewport deliveries dlv_4c9k2e --again
  viewport deliveries dlv_4c9k2e --never bug-to-pr --text | viewport backtest -`

/** A moment: a duration before now (`7d`), or a date. Milliseconds. */
const momentIn = (text: string): number => {
  const seconds = readDuration(text)
  if (seconds !== null) return Date.now() - seconds * 1_000
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new InvalidArgumentError('It is a duration such as 24h or 7d, or a date such as 2026-11-29.')
  return at
}

const wholeIn = (most: number) => (text: string) => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new InvalidArgumentError(`It must be from 1 to ${most}.`)
  return number
}

export const addDeliveries: AddCommand = (program, cli) => {
  program
    .command('deliveries')
    .description('list what came in, explain one delivery, or change a workflow so that it starts it')
    .argument('[delivery]', 'its id')
    .option('--search <words>', 'a part of title, event, verdict, actor or source, or a whole id')
    .option('--tool <tool>', 'what came from this tool')
    .option('--event <event>', 'what happened')
    .option('--from <source>', 'the name of the source or connection it came by')
    .addOption(new Option('--outcome <outcome>', 'what came of it').choices(deliveryOutcomes))
    .option('--actor <name>', 'who did it')
    .option('--workflow <name>', 'what this workflow was started by, or nearly')
    .addOption(new Option('--since <when>', 'received since then: 24h, 7d, 2026-11-29').argParser(momentIn))
    .addOption(new Option('--until <when>', 'received before then').argParser(momentIn))
    .option('--before <place>', 'go on where a list ended')
    .addOption(new Option('--limit <number>', 'at most so many').argParser(wholeIn(200)).default(50))
    .addOption(new Option('--match <workflow>', 'how this workflow would have to change to be started by it'))
    .addOption(
      new Option('--never <workflow>', 'how it would have to change to never be started like this again').conflicts(
        'match',
      ),
    )
    .addOption(
      new Option('--choice <number>', 'with --text: which of the changes, 1 when not said').argParser(wholeIn(20)),
    )
    .option('--text', 'print the whole changed text')
    .addOption(
      new Option('--again', 'work again on one that could not be read or was set aside').conflicts(['match', 'never']),
    )
    .option('-m, --reason <words>', 'why, with --again')
    .addHelpText('after', examples)
    .action(async (id: string | undefined, options: Options) => {
      const { terminal, api } = cli()
      const { match, never } = options
      if (id === undefined && (match ?? never ?? options.text ?? options.choice) !== undefined)
        throw new Stop('usage', '--match, --never, --choice and --text are about one delivery: name it.')
      if (id === undefined && options.again) throw new Stop('usage', '--again is about one delivery: name it.')
      if (id === undefined) return list(terminal, api(), options)
      if (options.again) {
        const body = { reason: options.reason ?? '' }
        const put = await api().readDeliveryAgain({ params: { delivery: id }, body })
        return terminal.give(put, () => terminal.line(`${put.delivery} waits for its turn again.`))
      }
      const workflow = match ?? never
      if (workflow !== undefined)
        return propose(terminal, api(), id, workflow, match !== undefined ? 'match' : 'never', options)
      if (options.text || options.choice) throw new Stop('usage', '--text and --choice go with --match or --never.')
      await explain(terminal, api(), id)
    })
}

const list = async (terminal: Terminal, api: Api, { search, ...options }: Narrowed): Promise<void> => {
  const { tool, event, from, outcome, actor, workflow, since, until, before, limit } = options
  const found = await api.deliveries({
    query: { q: search, tool, event, from, outcome, actor, workflow, since, until, before, limit },
  })
  terminal.give(found, () => {
    if (found.deliveries.length === 0) {
      const narrowed = [search, tool, event, from, outcome, actor, workflow, since, until, before]
      terminal.line(narrowed.some((one) => one !== undefined) ? 'No delivery fits.' : 'Nothing has come in yet.')
    }
    for (const line of columns(
      found.deliveries.map((one) => [
        one.id,
        ago(one.at),
        inLine(toldAs(one)),
        short(inLine(one.verdict)),
        inLine(one.title),
      ]),
    ))
      terminal.line(line)
    if (found.older) terminal.note(`There are older ones: --before ${found.older}`)
  })
}

/** `slack.app_mention`; of what was not read as an event, the tool alone. */
const toldAs = ({ tool, event }: { readonly tool: string; readonly event: string }): string =>
  event === '' ? tool : `${tool}.${event}`

/** The reason of a refusal may be long, and each row would be as wide: `viewport deliveries ID` says it whole. */
const short = (verdict: string): string =>
  [...verdict].length > 90 ? `${[...verdict].slice(0, 89).join('')}…` : verdict

const explain = async (terminal: Terminal, api: Api, id: string): Promise<void> => {
  const one = await api.delivery({ params: { delivery: id } })
  terminal.give(one, () => {
    terminal.line(
      `${terminal.paint('bold', inLine(one.title || one.id))}  ${inLine(toldAs(one))}${one.actor ? ` by ${inLine(one.actor)}` : ''}, ${ago(one.at)}: ${inLine(one.verdict)}`,
    )
    const only = one.came === 'webhook' && one.eventRead ? onlyByWebhook(one.tool, one.eventRead.event) : null
    if (one.came !== null) terminal.line(`${wayWords[one.came]}, from ${inLine(one.source)}.${only ? ` ${only}` : ''}`)
    if (one.eventRead?.actor.id) {
      const command = linkCommand(one.eventRead.actor)
      terminal.line(
        `Done by ${inLine(one.eventRead.actor.id)}${command === null ? '.' : `. Where it is one of you, an admin says so once: ${inLine(command)}`}`,
      )
    }
    if (one.sameAs !== null) terminal.line(`It came before as ${one.sameAs}.`)
    if (one.problem) terminal.line(inLine(one.problem))
    for (const line of one.lines) {
      terminal.line(
        `${line.matched ? terminal.paint('done', 'started') : terminal.paint('dim', 'not    ')} ${inLine(line.name)} v${line.version}  ${inLine(line.why)}${line.run ? `  ${line.run}` : ''}`,
      )
      const rows = line.conditions.map((condition) => [
        condition.pass ? terminal.paint('done', 'yes') : terminal.paint('stop', 'no'),
        inLine(condition.field),
        `expected ${inLine(condition.expected)}`,
        `found ${inLine(condition.found)}${condition.pass || condition.why === null ? '' : `: ${inLine(condition.why)}`}`,
      ])
      for (const text of columns(rows, '        ')) terminal.line(text)
      if (line.route) terminal.line(`        ${inLine(line.route.why)}`)
    }
  })
}

const propose = async (
  terminal: Terminal,
  api: Api,
  delivery: string,
  workflow: string,
  wanted: 'match' | 'never',
  { text, choice = 1 }: Options,
): Promise<void> => {
  const found = await api.proposeChange({ params: { delivery }, body: { workflow, wanted } })
  const { changes, cannot, version } = found
  if (changes.length === 0) throw new Stop('refused', cannot ?? 'There is no such change.', null, found)
  const chosen = changes[choice - 1]
  if (!chosen)
    throw new Stop(
      'usage',
      `There ${changes.length === 1 ? 'is 1 change' : `are ${changes.length} changes`}, and no number ${choice}.`,
    )
  if (text)
    return terminal.give({ ...found, source: chosen.source }, () => terminal.line(chosen.source.replace(/\n$/, '')))
  const { source } = await api.workflow({ params: { workflow }, query: { version } })
  terminal.give(found, () => {
    terminal.line(`${inLine(workflow)} v${version} would have to change in one of these ways:`)
    for (const [at, change] of changes.entries()) {
      terminal.line(`${at + 1}. ${inLine(change.words)}`)
      for (const line of changedLines(source, change.source))
        terminal.line(`     ${terminal.paint(line.startsWith('-') ? 'stop' : 'done', inLine(line))}`)
    }
    terminal.note('Nothing is saved. --text prints the whole of one: save it with viewport workflows save FILE.')
  })
}

/** Lines of one text that are not in the other: a small change needs no more to be read. */
const changedLines = (before: string, after: string): string[] => {
  const [old, now] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head++
  let tail = 0
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++
  return [
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
  ]
}
