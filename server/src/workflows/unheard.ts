/**
 * Which triggers wait for something that no connection lets in?
 * A connection may be about some teams, projects or channels alone: what happens elsewhere is ignored before anything is matched, so a
 * workflow that asks for it would never start and nobody would be told.
 */
import { conditionHolds } from '@viewportai/core/policy/condition'
import type { Compiled, Condition } from '@viewportai/core/workflow/compiled'
import { sayCondition } from '@viewportai/core/workflow/summary/condition'
import type { Narrowed } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { lacking, type Finding } from './finding.ts'
import type { World } from './world.ts'

/** One finding for each condition that cannot be met. */
export const unheard = (
  { triggers }: Pick<Compiled, 'triggers'>,
  { connections }: Pick<World, 'connections'>,
): Finding[] =>
  triggers.flatMap(({ tool, event, where }): Finding[] => {
    const all = connections.filter((one) => one.tool === tool)
    const narrows = toolNamed(tool)?.narrows
    if (all.length === 0 || narrows === undefined) return [] // that the tool is not connected is said elsewhere
    return Object.entries(where).flatMap(([field, condition]): Finding[] => {
      const told = all.map((one) => ({ name: one.name, narrowed: narrows(one).find((by) => by.field === field) }))
      if (
        told.some(({ narrowed }) => narrowed === undefined || narrowed.values.some((value) => mayFit(condition, value)))
      )
        return []
      const heard = told.map(({ name, narrowed }) => `${name} is about ${narrowed!.values.join(', ')} alone`)
      return [
        lacking(
          'connection',
          tool,
          `${heard.join('; ')}, and the trigger ${event} asks for ${field} ${sayCondition(condition).replace(/^is (?!not )/, '')}`,
          `Widen ${told[0]!.narrowed!.setting} of the connection, or change the trigger`,
          { href: '/connections', command: widening(told[0]!.name, told[0]!.narrowed!, condition) },
        ),
      ]
    })
  })

/** What lets it in: with what is asked for, where that is said in whole values. */
const widening = (name: string, { setting, values }: Narrowed, condition: Condition): string => {
  const more = 'is' in condition ? condition.is.map(String) : ['…']
  return `viewport connections change ${JSON.stringify(name)} --set ${JSON.stringify(`${setting}=${[...values, ...more].join(', ')}`)}`
}

/** Could a value fit that is written in small or capital letters otherwise than in the settings? */
const mayFit = (condition: Condition, value: string): boolean =>
  conditionHolds(JSON.parse(JSON.stringify(condition).toLowerCase()) as Condition, value.toLowerCase()) === 'yes'
