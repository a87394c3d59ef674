/**
 * Which workflows can a team begin with?
 * Files in the folder beside this one: each compiles as it stands, and says in its description what it is for. It never saves one.
 */
import { readFileSync } from 'node:fs'
import { actionForm } from '@viewportai/core/action/actions'
import { tools } from '@viewportai/core/event/tools'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { blanksOf, type Blank } from '@viewportai/core/gallery/fill'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Compiled } from '@viewportai/core/workflow/compiled'

/** In the order in which people are shown them. */
export const templateNames = [
  'bug-to-pr',
  'support-to-pr',
  'ci-failure-fix',
  'pr-review',
  'ticket-triage',
  'docs-refresh',
] as const

/** `tools`: titles of the outside tools that it listens to or acts at. `events`: what would start it, as if it had come in. */
export type Template = {
  readonly name: string
  readonly says: string
  readonly source: string
  readonly tools: readonly string[]
  readonly compiled: Compiled
  readonly blanks: readonly Blank[]
  readonly events: readonly TriggerEvent[]
}

const known = new Map<string, Template>()

/** The template of this name, or null. Throws (a fault) when its file is missing or does not compile. */
export const readTemplate = (name: string): Template | null => {
  if (!(templateNames as readonly string[]).includes(name)) return null
  const held = known.get(name)
  if (held) return held
  const source = fileText(`${name}.workflow.yaml`)
  const result = compileWorkflow(source)
  if (!result.ok) throw new Error(`The template ${name} does not compile: ${result.errors[0]?.message}`)
  const { compiled } = result
  const template = {
    name,
    says: compiled.description ?? '',
    source,
    tools: outsideTools(compiled),
    compiled,
    blanks: blanksOf(source),
    events: JSON.parse(fileText(`${name}.events.json`)) as TriggerEvent[],
  }
  known.set(name, template)
  return template
}

export const allTemplates = (): Template[] => templateNames.map((name) => readTemplate(name)!)

const fileText = (name: string): string => readFileSync(new URL(`./templates/${name}`, import.meta.url), 'utf8')

const outsideTools = ({ triggers, steps }: Compiled): string[] => {
  const named = [
    ...triggers.map(({ tool }) => tool),
    ...steps.flatMap((step) => (step.kind === 'action' ? (actionForm(step.action)?.tool ?? []) : [])),
  ]
  return [...new Set(named)].filter((name) => tools[name]?.builtIn === false).map((name) => tools[name]!.title)
}
