/** What is said about a trigger: the event, its conditions, who may start it. */
import { tools } from '../../event/tools.ts'
import type { Trigger } from '../compiled.ts'
import { cronWords } from './clock.ts'
import { sayCondition } from './condition.ts'
import { either, line, sameList, type Line } from './line.ts'

export const sayTrigger = (trigger: Trigger): Line[] => {
  const form = tools[trigger.tool]!
  const conditions = Object.entries(trigger.where)
    .filter(([name]) => !Object.hasOwn(form.settings, name))
    .map(([field, condition]) => `${field} ${sayCondition(condition)}`)
  const settings = Object.keys(form.settings).flatMap((name) =>
    trigger.where[name] ? [`${name} ${sayCondition(trigger.where[name]).replace(/^is /, '')}`] : [],
  )
  const inputs = Object.entries(trigger.inputs).map(
    ([name, input]) =>
      `${name} (${{ string: 'a text', number: 'a number', boolean: 'yes or no' }[input.type]}${input.required ? ', required' : input.default === null ? '' : `, ${String(input.default)} when left out`})`,
  )
  const head = `${form.title} ${form.events[trigger.event]?.says ?? trigger.event}${settings.length === 0 ? '' : ` (${settings.join(', ')})`}`
  return [
    ...(trigger.tool === 'schedule'
      ? sayClock(trigger)
      : [
          line(
            `${head}${conditions.length === 0 ? '' : `, where ${either(conditions, 'and')}`}${inputs.length === 0 ? '' : `, with ${either(inputs, 'and')}`}.`,
          ),
        ]),
    line(
      `${capital(either(trigger.startedBy.map(sayStarter)))} may start it.`,
      sameList(trigger.startedBy, form.startedBy),
    ),
    trigger.ownEvents ? line('Also what a run itself did.') : line('Never what a run itself did.', true),
  ]
}

/** A moment as people say it, beside what is written. */
const sayClock = ({ where }: Trigger): Line[] => {
  const said = (name: string): string =>
    where[name] === undefined ? '' : sayCondition(where[name]).replace(/^is /, '')
  const cron = said('cron')
  const words = cronWords(cron)
  const zone = said('timezone')
  return [
    line(
      `The schedule comes due ${words === null ? `at ${cron}` : words} in ${zone}${words === null ? '' : ` (${cron})`}.`,
    ),
    said('missed') === 'skip'
      ? line('What it missed while nobody looked after the clock starts nothing.')
      : line('What it missed while nobody looked after the clock starts one run.', true),
  ]
}

/** Who may start it, as people say it. */
export const sayStarter = (who: string): string => {
  if (who === 'members') return 'members of the workspace'
  if (who === 'collaborators') return 'collaborators of the repository'
  if (who === 'source') return 'the source itself (an admin set it up)'
  if (who === 'anyone') return 'anyone, outsiders too'
  if (who.startsWith('bots:')) return `the bot ${who.slice(5)}`
  return who.replace(/^(team|user):/, '$1 ')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
