/**
 * Which channels, teams, projects and repositories at outside tools does a workflow name in its file?
 * Whole names alone, as conditions of triggers, in rows of a route and in actions. It never knows whether they are there.
 */
import { actionForm } from '../action/actions.ts'
import type { Compiled, Condition } from './compiled.ts'

/** A name as it stands in the file. `as`: `event` is compared with what events say, letter by letter; `target` is asked of the tool when something is done there. */
export type PlaceSaid = {
  readonly tool: string
  readonly name: string
  readonly as: 'event' | 'target'
  /** The field of the event, or the action's parameter. */
  readonly field: string
  /** Where in the file, in words: "the trigger app_mention (channel)". */
  readonly where: string
}

/** By which field of an event each tool's places are named, and by which parameter of an action. A repository in an action is one of Viewport's own, by its name there. */
const fields: Readonly<Record<string, readonly string[]>> = {
  github: ['repo'],
  gitlab: ['repo'],
  jira: ['project'],
  linear: ['team'],
  slack: ['channel', 'channel_id'],
}
const params: Readonly<Record<string, readonly string[]>> = { jira: ['project'], linear: ['team'], slack: ['channel'] }

/** Every name once for each place of the file. */
export const placesSaid = ({ triggers, route, steps }: Pick<Compiled, 'triggers' | 'route' | 'steps'>): PlaceSaid[] => {
  const said = [
    ...triggers.flatMap(({ tool, event, where }) =>
      Object.entries(where).flatMap(([field, condition]) =>
        named(tool, field, condition, `the trigger ${event} (${field})`),
      ),
    ),
    ...(route?.rows ?? []).flatMap(({ when }, at) =>
      [...new Set(triggers.map(({ tool }) => tool))].flatMap((tool) =>
        Object.entries(when).flatMap(([field, condition]) =>
          named(tool, field, condition, `row ${at + 1} of the route (${field})`),
        ),
      ),
    ),
    ...steps.flatMap((step): PlaceSaid[] => {
      if (step.kind !== 'action') return []
      const tool = actionForm(step.action)?.tool ?? ''
      return (params[tool] ?? []).flatMap((param): PlaceSaid[] => {
        const name = step.params[param]
        return typeof name === 'string' && !name.includes('{{')
          ? [{ tool, name, as: 'target', field: param, where: `${step.action} (${param})` }]
          : []
      })
    }),
  ]
  return [...new Map(said.map((one) => [JSON.stringify(one), one])).values()]
}

const named = (tool: string, field: string, condition: Condition, where: string): PlaceSaid[] =>
  (fields[tool] ?? []).includes(field)
    ? wholeIn(condition).map((name) => ({ tool, name, as: 'event', field, where }))
    : []

/** Values that are compared whole, also those that must not be. */
const wholeIn = (condition: Condition): string[] => {
  if ('is' in condition) return condition.is.filter((value): value is string => typeof value === 'string')
  return 'not' in condition && typeof condition.not === 'object' && condition.not !== null
    ? wholeIn(condition.not as Condition)
    : []
}
