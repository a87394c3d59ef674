/**
 * What does a workflow bring, in one word for the board?
 * `PR`, `MR`, `change`, `review`, a tool's name, `plan` or `answer`, read from its steps.
 */
import { actionForm } from '../action/actions.ts'
import { tools } from '../event/tools.ts'
import type { Compiled } from './compiled.ts'

export const resultWord = ({ steps }: Pick<Compiled, 'steps'>): string => {
  const acted = steps.flatMap((step) => (step.kind === 'action' ? [step.action] : []))
  const published = acted.find((action) => actionForm(action)?.publishes)
  if (published !== undefined)
    return published.startsWith('github.') ? 'PR' : published.startsWith('gitlab.') ? 'MR' : 'change'
  const modes = steps.flatMap((step) => (step.kind === 'agent' ? [step.mode] : []))
  if (modes.includes('edit')) return 'change'
  if (modes.includes('review')) return 'review'
  const tool = acted.at(-1)?.split('.')[0]
  if (tool !== undefined) return (tools[tool]?.title ?? tool).replace(/^A /, '') // "A webhook", as sentences need it
  return modes.includes('plan') ? 'plan' : 'answer'
}
