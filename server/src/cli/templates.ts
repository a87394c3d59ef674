/** `viewport templates [NAME]`: workflows to begin with, and one of them filled in, as a file. No server is needed. */
import { fillTemplate } from '@viewportai/core/gallery/fill'
import { nearest } from '@viewportai/core/workflow/nearest'
import { allTemplates, readTemplate, templateNames, type Template } from '../gallery/templates.ts'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { columns, type Terminal } from './terminal.ts'

export const addTemplates: AddCommand = (program, cli) => {
  program
    .command('templates')
    .description('workflows to begin with; with a name, that one as a file on the standard output')
    .argument('[name]', 'which one')
    .option('--set <blank=words...>', 'what is particular to your team, by the names that the list of blanks has')
    .addHelpText(
      'after',
      `
Examples:
  viewport templates
  viewport templates bug-to-pr
  viewport templates bug-to-pr --set team=web --set repository:acme/payments-api=acme/shop > bug-to-pr.workflow.yaml`,
    )
    .action((name: string | undefined, { set }: { set?: string[] }) => {
      const { terminal } = cli()
      if (name === undefined) return showAll(terminal, set)
      const template = readTemplate(name)
      if (!template)
        throw new Stop(
          'usage',
          `There is no template ${name}.`,
          `There are ${templateNames.join(', ')}.${didYouMean(name)}`,
        )
      const given = saidIn(template, set ?? [])
      const source = fillTemplate(template.source, given)
      terminal.give({ name, says: template.says, source, blanks: template.blanks, events: template.events }, () => {
        terminal.line(source.trimEnd())
        const left = template.blanks.filter(({ id }) => !Object.hasOwn(given, id))
        for (const { id, value } of left) terminal.note(`--set ${quoted(id)}=…  (${value})`)
      })
    })
}

const quoted = (id: string): string => (/[^\w:/.-]/.test(id) ? `'${id}'` : id)

const didYouMean = (name: string): string => {
  const near = nearest(name, templateNames)
  return near === null ? '' : ` Did you mean ${near}?`
}

const showAll = (terminal: Terminal, set: string[] | undefined): void => {
  if (set) throw new Stop('usage', '--set is for one template.', 'Name it: viewport templates NAME --set …')
  const all = allTemplates()
  terminal.give({ templates: all.map(({ name, says, tools }) => ({ name, says, tools })) }, () => {
    for (const line of columns(
      all.map(({ name, tools, says }) => [terminal.paint('bold', name), tools.join(', '), says]),
    ))
      terminal.line(line)
    terminal.note('viewport templates NAME prints one; viewport workflows save FILE keeps it.')
  })
}

const saidIn = ({ name, blanks }: Template, set: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    set.map((one) => {
      const at = one.indexOf('=')
      const id = at < 0 ? one : one.slice(0, at)
      const blank = blanks.find((known) => known.id === id)
      if (at < 0 || !blank)
        throw new Stop(
          'usage',
          at < 0 ? `--set ${one} has no "=".` : `${name} has no blank ${id}.`,
          `Its blanks are ${blanks.map((known) => known.id).join(', ')}.`,
        )
      return [id, one.slice(at + 1)]
    }),
  )
