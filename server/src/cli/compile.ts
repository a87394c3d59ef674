/**
 * `viewport compile FILE`: is this file a workflow, and what does it mean?
 * Needs no server. Every error at once, with its place and the line it is about.
 */
import { compileWorkflow, type CompileResult } from '@viewportai/core/workflow/compile'
import type { WorkflowError } from '@viewportai/core/workflow/mistake'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { nameOf, readInput } from './input.ts'
import { inLine, type Terminal } from './terminal.ts'

export const addCompile: AddCommand = (program, cli) => {
  program
    .command('compile')
    .description('check a workflow file; print its steps, summary and digest, or every error')
    .argument('<file>', 'the workflow file, or - for the standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  viewport compile bug-to-pr.workflow.yaml\n  viewport compile --json - < bug-to-pr.workflow.yaml\n\nExits 2 when the file is not valid.',
    )
    .action(async (file: string) => {
      const { terminal } = cli()
      const source = await readInput(file)
      const result = compileWorkflow(source, nameOf(file))
      if (!result.ok) {
        showErrors(terminal, source, result.errors)
        const count = `${result.errors.length} ${result.errors.length === 1 ? 'error' : 'errors'}`
        throw new Stop('usage', `${nameOf(file)} is not valid: ${count}.`, null, {}, result)
      }
      const { digest, graph, summary, compiled } = result
      terminal.give({ ok: true, digest, graph, summary, compiled }, () => showCompiled(terminal, result))
    })
}

const showCompiled = (
  terminal: Terminal,
  { compiled, digest, summary, graph }: Extract<CompileResult, { ok: true }>,
): void => {
  terminal.line(`${terminal.paint('bold', compiled.name)}  sha256:${digest}`)
  terminal.line()
  for (const { id, label } of graph.nodes) {
    const needs = graph.edges.filter((edge) => edge.kind === 'needs' && edge.to === id).map((edge) => edge.from)
    terminal.line(
      `  ${id}  ${terminal.paint('dim', `${inLine(label)}${needs.length > 0 ? `, after ${needs.join(', ')}` : ''}`)}`,
    )
  }
  for (const { title, lines } of summary) {
    terminal.line()
    terminal.line(terminal.paint('bold', title))
    for (const line of lines)
      terminal.line(`  ${inLine(line.text)}${line.default ? terminal.paint('dim', '  (default)') : ''}`)
  }
}

/** Errors as an editor would show them: place, sentence, the line with a caret. */
export const showErrors = (terminal: Terminal, source: string, errors: readonly WorkflowError[]): void => {
  const lines = source.split('\n')
  const told = new Set<string>() // a long list of words once
  for (const error of errors) {
    terminal.line(
      `${terminal.paint('bold', `${inLine(error.file)}:${error.line}:${error.column}`)}: ${inLine(error.message)}`,
    )
    for (const line of excerpt(lines, error)) terminal.line(terminal.paint('dim', line))
    if (error.fix) terminal.line(`  ${inLine(error.fix.label)}.`)
    else if (isUnknown(error) && !told.has(error.expected)) {
      told.add(error.expected)
      terminal.line(`  Expected: ${inLine(error.expected)}.`)
    }
    terminal.line()
  }
}

/** Is it a word that is none of the valid ones, and near to none? The sentence does not say the valid ones. */
const isUnknown = (error: WorkflowError): error is WorkflowError & { expected: string } =>
  error.code.startsWith('unknown_') && error.expected !== null && error.nearest === null

/** The line of an error and a line of carets under it. Tabs and hidden characters are shown, so the carets are placed by what is seen. */
export const excerpt = (
  lines: readonly string[],
  { line, column, endLine, endColumn }: Pick<WorkflowError, 'line' | 'column' | 'endLine' | 'endColumn'>,
): string[] => {
  const text = (lines[line - 1] ?? '').replace(/\r$/, '')
  const before = [...inLine(text.slice(0, column - 1))].length
  const marked = [...inLine(text.slice(column - 1, endLine === line ? endColumn - 1 : text.length))].length
  const number = String(line)
  return [
    `  ${number} | ${inLine(text)}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(before)}${'^'.repeat(Math.max(1, marked))}`,
  ]
}
