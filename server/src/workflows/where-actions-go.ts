/**
 * Is it known, before anything runs, through which connection each action of a workflow would go?
 * What is written in the file is looked up: a repository that is at no connected server, and a thing that several connections may hold. What only an
 * event says (the issue that is answered) is not judged: it goes by the connection that the event came by.
 */
import { actionForm } from '@viewportai/core/action/actions'
import { holding, namesOf, settingNaming } from '@viewportai/core/run/choose-connection'
import type { About } from '@viewportai/core/tools/reaching'
import type { ActionStep, Compiled } from '@viewportai/core/workflow/compiled'
import { lacking, type MissingThing } from './finding.ts'
import type { World } from './world.ts'

type Seen = Pick<World, 'connections' | 'repositories'>

/** What is missing for every event that could start it. */
export const whereActionsGo = (compiled: Compiled, world: Seen): MissingThing[] => {
  const tools = [...new Set(compiled.triggers.map(({ tool }) => tool))]
  const [first = [], ...others] = tools.map((tool) => placeless(compiled, world, tool))
  // One that some events could be worked on with is refused for the others when they come.
  return first.filter((one) => others.every((all) => all.some((other) => other.why === one.why)))
}

/** What is missing when it is started by an event of this tool: such an event says which of several connections is meant. */
export const placeless = (compiled: Compiled, world: Seen, cameBy: string): MissingThing[] =>
  compiled.steps.flatMap((step) => (step.kind === 'action' ? placelessStep(step, compiled, world, cameBy) : []))

const placelessStep = (step: ActionStep, compiled: Compiled, world: Seen, cameBy: string): MissingThing[] => {
  const tool = actionForm(step.action)?.tool
  if (tool === undefined || tool === 'git' || tool === 'webhook') return []
  const all = world.connections.filter((one) => one.tool === tool)
  const held = all.find((one) => one.held)
  if (held && all.length > 1)
    return [
      lacking(
        'connection',
        tool,
        `there are ${all.length} connections to ${tool}, and a runner holds the credential of ${held.name}; with one so held it must be the only one`,
        'Remove the others, or give the credential to the control plane',
        { href: '/connections' },
      ),
    ]
  const target = targetIn(step, compiled)
  if (all.length === 0 || target === null) return []
  const repos = compiled.repos.flatMap(({ name }) => world.repositories.find((one) => one.name === name) ?? [])
  if (repos.length < compiled.repos.length) return [] // the repository is what is missing
  const about: About = { target, params: step.params, repos }
  const may = holding(tool, all, about)
  if (may.length === 1 || (may.length > 1 && cameBy === tool)) return []
  const at = repos.find(({ name }) => name === target)?.url
  return may.length === 0
    ? [
        lacking(
          'connection',
          tool,
          `${step.action} is about ${target}${at === undefined ? '' : ` (${at})`}, and ${namesOf(tool, all)} ${all.length === 1 ? 'does' : 'do'} not hold it`,
          'Connect the server where it is, or use an action of the tool that it is at',
          { href: '/connections', command: `viewport connect ${tool}` },
        ),
      ]
    : [
        lacking(
          'connection',
          tool,
          `${step.action} is about ${target}, and ${may.length} connections to ${tool} may hold it (${namesOf(tool, may)}): nothing says which is meant`,
          `Name it in the one that is meant${settingNaming(tool) === null ? '' : ` (${settingNaming(tool)!.split('=')[0]})`}, or remove the others`,
          {
            href: '/connections',
            command:
              settingNaming(tool) === null ? null : `viewport connections change ID --set ${settingNaming(tool)}`,
          },
        ),
      ]
}

/** What the action is about, where the file says it; null: an event, or an action before it, does. */
const targetIn = ({ action, params }: ActionStep, { repos }: Compiled): string | null => {
  const form = actionForm(action)!
  if (form.after.length > 0) return null
  const written = form.targetParam === null ? undefined : params[form.targetParam]
  const named = written ?? params['repo'] ?? params['team'] ?? params['project'] ?? params['channel']
  if (typeof named === 'string') return named.includes('{{') ? null : named
  return form.change ? (repos.find(({ access }) => access === 'write')?.name ?? null) : null
}
