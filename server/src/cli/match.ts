/**
 * `viewport match EVENT`: what would an event start, and why not the others?
 * Asks the control plane, or with --workflow the files that are named, without a server. Nothing is started.
 */
import { Option } from 'commander'
import { z } from 'zod'
import type { MatchLine } from '@viewportai/core/api/deliveries'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { match, type WorkflowEntry } from '@viewportai/core/match/match'
import { fieldsFor } from '@viewportai/core/event/fields'
import { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { AddCommand } from './cli.ts'
import { showErrors } from './compile.ts'
import { Stop } from './exit.ts'
import { nameOf, readInput } from './input.ts'
import { columns, inLine, type Terminal } from './terminal.ts'

type Options = { workflow: string[] }
type Line = {
  name: string
  version: number
  matched: boolean
  why: string
  rows: { condition: string; expected: string; found: string; pass: boolean; why: string | null }[]
}

const help = `
EVENT is JSON: tool, event and fields are enough; the rest is filled in.
  {"tool": "webhook", "event": "received", "fields": {"type": "bug.reported", "data.severity": "high"}}

Examples:
  viewport match event.json
  echo '{"tool":"linear","event":"issue_assigned","fields":{"team":"Payments"}}' | viewport match - --workflow bug-to-pr.workflow.yaml`

export const addMatch: AddCommand = (program, cli) => {
  program
    .command('match')
    .description('explain what an event would start, without starting it')
    .argument('<event>', 'a file with the event, or - for the standard input')
    .addOption(
      new Option(
        '--workflow <file...>',
        'match these files instead of the enabled workflows of the control plane',
      ).default([], 'none'),
    )
    .addHelpText('after', help)
    .action(async (file: string, options: Options) => {
      const { terminal, api } = cli()
      const event = readEvent(await readInput(file), nameOf(file))
      if (options.workflow.length > 0) {
        const report = match(event, await compileAll(terminal, options.workflow))
        terminal.give(report, () =>
          show(terminal, [
            ...report.answers.map((a) => ({ ...a, matched: a.outcome === 'starts' })),
            ...report.elsewhere.map((e) => ({
              ...e,
              matched: false,
              why: `Listens to ${e.listens.join(', ') || 'nothing'}.`,
              rows: [],
            })),
          ]),
        )
        return
      }
      const { lines } = await api().explainMatch({ body: { event } })
      terminal.give({ lines }, () =>
        show(
          terminal,
          lines.map((line) => ({
            ...line,
            rows: rowsOf(line),
          })),
        ),
      )
    })
}

type Asked = z.infer<typeof MatchLine>

/** Every condition, and who may start it where that is none of them. A workflow that listens to something else was asked nothing. */
export const rowsOf = ({ conditions, actor }: Pick<Asked, 'conditions' | 'actor'>): Line['rows'] => [
  ...conditions.map(({ field, ...rest }) => ({ condition: field, ...rest })),
  ...(conditions.length > 0 && conditions.every(({ field }) => field !== 'started by')
    ? [{ condition: 'started by', expected: 'may start it', found: actor.why, pass: actor.pass, why: null }]
    : []),
]

const compileAll = (terminal: Terminal, files: string[]): Promise<WorkflowEntry[]> =>
  Promise.all(
    files.map(async (file, at) => {
      const source = await readInput(file)
      const result = compileWorkflow(source, nameOf(file))
      if (result.ok)
        return { id: `wf_${at + 1}`, name: result.compiled.name, version: 1, enabled: true, compiled: result.compiled }
      showErrors(terminal, source, result.errors)
      throw new Stop('usage', `${file} is not valid.`, null, { errors: result.errors })
    }),
  )

const Written = z.looseObject({
  tool: z.string(),
  event: z.string(),
  fields: z.record(z.string(), z.unknown()).default({}),
  actor: z.looseObject({}).default({}),
  subject: z.looseObject({}).default({}),
})

/** An event as people write it, filled up to a whole one. An actor that is not described is unknown, as it would be in life. */
export const readEvent = (text: string, name: string, now = Date.now()): TriggerEvent => {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch (error) {
    throw new Stop('usage', `${name} is not JSON: ${(error as Error).message}.`)
  }
  const written = Written.safeParse(raw)
  if (!written.success) throw new Stop('usage', `${name} is not an event:\n${z.prettifyError(written.error)}`)
  const { actor, subject, fields, ...rest } = written.data
  const event = TriggerEvent.safeParse({
    id: 'example',
    at: now,
    text: '',
    outsideText: false,
    ...rest,
    // What is not told is nothing, as in an event of the tool itself; what its table does not know stays, and matches nothing.
    fields: { ...fieldsFor(rest.tool, rest.event, {}), ...fields },
    actor: { id: 'unknown', name: 'unknown', trust: 'unknown', person: null, teams: [], ...actor },
    subject: { label: 'example', title: 'Example', url: null, ...subject },
  })
  if (!event.success) throw new Stop('usage', `${name} is not an event:\n${z.prettifyError(event.error)}`)
  return event.data
}

const show = (terminal: Terminal, lines: Line[]): void => {
  if (lines.length === 0) terminal.line('There is no enabled workflow.')
  for (const line of lines) {
    terminal.line(
      `${line.matched ? terminal.paint('done', 'starts  ') : terminal.paint('dim', 'not     ')} ${terminal.paint('bold', inLine(line.name))} v${line.version}  ${inLine(line.why)}`,
    )
    const rows = line.rows.map((row) => [
      row.pass ? terminal.paint('done', 'yes') : terminal.paint('stop', 'no'),
      inLine(row.condition),
      `expected ${inLine(row.expected)}`,
      `found ${inLine(row.found)}${row.pass || row.why === null ? '' : `: ${inLine(row.why)}`}`,
    ])
    for (const text of columns(rows, '           ')) terminal.line(text)
  }
}
