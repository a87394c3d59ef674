/** `viewport workflows`: list, show, save, enable and disable. */
import type { z } from 'zod'
import type { WorkflowItem } from '@viewportai/core/api/workflows'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { commandName } from '../up/data-folder.ts'
import type { AddCommand } from './cli.ts'
import { showErrors } from './compile.ts'
import type { Api } from './connect.ts'
import { Stop } from './exit.ts'
import { nameOf, readInput } from './input.ts'
import { columns, inLine, shortDigest, type Terminal } from './terminal.ts'

type Item = z.infer<typeof WorkflowItem>
const examples = `
Examples:
  viewport workflows
  viewport workflows save bug-to-pr.workflow.yaml --enable
  viewport workflows show bug-to-pr > bug-to-pr.workflow.yaml
  viewport workflows disable bug-to-pr`

export const addWorkflows: AddCommand = (program, cli) => {
  const workflows = program
    .command('workflows')
    .description('list, save, enable and disable workflows')
    .addHelpText('after', examples)
  workflows
    .command('list', { isDefault: true })
    .description('the workflows and whether they are ready')
    .action(async () => {
      const { terminal, api } = cli()
      const { workflows: all } = await api().workflows()
      terminal.give({ workflows: all }, () => {
        if (all.length === 0) terminal.line('There are no workflows. Save one: viewport workflows save FILE')
        for (const line of columns(
          all.map((item) => [
            inLine(item.name),
            `v${item.version}`,
            shortDigest(item.digest),
            stateOf(terminal, item),
            `${item.runs} ${item.runs === 1 ? 'run' : 'runs'}`,
            item.triggers.map(inLine).join('; '),
          ]),
        ))
          terminal.line(line)
        for (const item of all) showMissing(terminal, item)
      })
    })
  workflows
    .command('show')
    .description('print the source of a workflow')
    .argument('<name>', 'as the file names it')
    .option('--at <version>', 'an older version')
    .action(async (name: string, options: { at?: string }) => {
      const { terminal, api } = cli()
      const view = await api().workflow({
        params: { workflow: name },
        query: options.at === undefined ? {} : { version: versionIn(options.at) },
      })
      terminal.give(view, () => terminal.line(view.source.replace(/\n$/, '')))
    })
  workflows
    .command('save')
    .description('save a file as a new version; the name is in the file')
    .argument('<file>', 'the workflow file, or - for the standard input')
    .option('--note <words>', 'why it changes')
    .option('--enable', 'and enable it')
    .action(async (file: string, options: { note?: string; enable?: boolean }) => {
      const { terminal, api } = cli()
      const source = await readInput(file)
      const checked = compileWorkflow(source, nameOf(file))
      if (!checked.ok) {
        showErrors(terminal, source, checked.errors)
        throw new Stop('usage', `${nameOf(file)} is not valid; nothing was saved.`, null, { errors: checked.errors })
      }
      const reach = api()
      const saved = await reach.saveWorkflow({ body: { source, note: options.note ?? null } })
      for (const note of saved.notes) terminal.note(inLine(note))
      const item = options.enable ? await enable(terminal, reach, saved) : saved
      terminal.give({ ...item, notes: saved.notes }, () => {
        terminal.line(
          `${item.name} v${item.version} is saved, sha256:${item.digest}, ${item.enabled ? 'enabled' : 'not enabled'}.`,
        )
        showMissing(terminal, item)
        if (!item.enabled && item.ready) terminal.line(`Enable it: viewport workflows enable ${item.name}`)
      })
    })
  for (const [word, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    workflows
      .command(word)
      .description(enabled ? 'let events start it' : 'let nothing start it')
      .argument('<name>', 'as its file names it')
      .action(async (name: string) => {
        const { terminal, api } = cli()
        const item = await api().enableWorkflow({ params: { workflow: name }, body: { enabled } })
        terminal.give(item, () =>
          terminal.line(`${item.name} v${item.version} is ${item.enabled ? 'enabled' : 'disabled'}.`),
        )
      })
  }
}

/** Enables what was just saved. A refusal says that it is saved all the same. */
const enable = async (terminal: Terminal, reach: Api, saved: Item): Promise<Item> => {
  try {
    return await reach.enableWorkflow({ params: { workflow: saved.name }, body: { enabled: true } })
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    showMissing(terminal, saved)
    throw new Stop(
      error.kind,
      `${saved.name} v${saved.version} is saved, and not enabled. ${error.message}`,
      `${error.next ?? ''} Then: ${commandName()} workflows enable ${saved.name}`.trim(),
      error.facts,
      saved,
    )
  }
}

const versionIn = (text: string): number => {
  const version = Number(text)
  if (Number.isInteger(version) && version > 0) return version
  throw new Stop('usage', `--at is the number of a version, like 2, not ${inLine(text)}.`)
}

const stateOf = (terminal: Terminal, item: Item): string =>
  !item.ready
    ? terminal.paint('wait', 'not ready')
    : item.enabled
      ? terminal.paint('done', 'enabled')
      : terminal.paint('dim', 'disabled')

/** What does not resolve yet, each with what mends it. */
const showMissing = (terminal: Terminal, item: Item): void => {
  for (const { kind, name, why, fix } of item.missing)
    terminal.line(
      `  ${terminal.paint('wait', 'missing')} for ${item.name}: ${kind} ${inLine(name)}: ${inLine(why).replace(/\.?$/, '.')} ${inLine(fix.command ? `${fix.label}: ${fix.command}` : fix.label)}`,
    )
}
