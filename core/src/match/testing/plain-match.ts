/**
 * What should `match` answer, worked out anew for every workflow, every trigger and every condition?
 * Nothing is prepared, shared or kept: slow, and short enough to be seen to be right. Only how things are said is taken from where it is said.
 */
import { eventForm, fieldKind } from '../../event/tools.ts'
import type { TriggerEvent } from '../../event/trigger-event.ts'
import { globFits } from '../../policy/glob.ts'
import { revealed } from '../../policy/hidden.ts'
import type { Trigger } from '../../workflow/compiled.ts'
import { sayCondition, sayShould, sayValue } from '../../workflow/summary/condition.ts'
import { admission, type People } from '../admission.ts'
import { alikeBut } from '../alike.ts'
import type { MatchAnswer, MatchReport, WorkflowEntry } from '../match.ts'
import type { MatchRow } from '../row.ts'
import { writing } from '../rows.ts'

type Told = MatchRow & { sentence: string }
type Wanted = Readonly<Record<string, unknown>>

const holds = (condition: unknown, value: unknown, depth = 0): boolean | null => {
  const entries = typeof condition === 'object' && condition !== null ? Object.entries(condition as Wanted) : []
  if (value === undefined || depth > 4 || entries.length !== 1) return null
  const [operator, wanted] = entries[0]!
  const members: unknown[] = Array.isArray(value) ? value : [value]
  if (operator === 'not') {
    const inner = holds(wanted, value, depth + 1)
    return inner === null ? null : !inner
  }
  if (operator === 'exists')
    return typeof wanted === 'boolean'
      ? (value !== null && !(Array.isArray(value) && value.length === 0)) === wanted
      : null
  if (operator === 'is')
    return Array.isArray(wanted) && wanted.length > 0
      ? members.some((member) => wanted.some((one) => one === member))
      : null
  const texts: Record<string, (member: string, text: string) => boolean> = {
    prefix: (member, text) => member.slice(0, text.length) === text,
    contains: (member, text) => (Array.isArray(value) ? member === text : member.indexOf(text) >= 0),
    glob: (member, text) => globFits(text, member),
  }
  if (texts[operator])
    return typeof wanted === 'string'
      ? members.some((member) => typeof member === 'string' && texts[operator]!(member, wanted))
      : null
  if (operator !== 'gt' && operator !== 'lt') return null
  return typeof wanted === 'number' && Number.isFinite(wanted)
    ? members.some((member) => typeof member === 'number' && (operator === 'gt' ? member > wanted : member < wanted))
    : null
}

const say = (value: unknown): string => {
  if (value === undefined) return 'not known'
  if (value === null || value === '') return 'nothing'
  const text = Array.isArray(value) ? value.slice(0, 50).map(sayValue).join(', ') || 'none' : String(value)
  const seen = revealed(text.slice(0, 400)).replace(/\s+/g, ' ')
  return seen.length > 200 ? `${seen.slice(0, 199).toWellFormed()}…` : seen
}

const hint = (condition: unknown, value: unknown): string | null => {
  const { is, contains } = condition as { is?: unknown; contains?: unknown }
  const wanted = [...(Array.isArray(is) ? is : []), contains].filter((one) => typeof one === 'string').slice(0, 200)
  const found = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string').slice(0, 100)
  for (const one of found)
    for (const want of wanted) {
      const but = alikeBut(want, one)
      if (but !== null && want.trim() !== '' && one.trim() !== '') return but
    }
  return null
}

const fieldRow = (trigger: Trigger, name: string, event: TriggerEvent): Told => {
  const condition = trigger.where[name]!
  const value = Object.hasOwn(event.fields, name) ? event.fields[name] : undefined
  const isKnown = fieldKind(trigger.tool, trigger.event, name) !== null
  const held = isKnown ? holds(condition, value) : null
  const found = isKnown ? say(value) : 'not a field of this event'
  const why = !isKnown
    ? 'this event has no such field'
    : held === null
      ? value === undefined
        ? 'it is not known for this event, and what is not known fits nothing'
        : 'this version of Viewport does not understand the condition'
      : held
        ? null
        : hint(condition, value)
  const is =
    value === undefined
      ? why
      : `is ${Array.isArray(value) && value.length === 0 ? 'empty' : found}${why === null ? '' : ` (${why})`}`
  return {
    condition: name,
    expected: sayCondition(condition).replace(/^is (?!there|not |above|below)/, ''),
    found,
    pass: held === true,
    about: null,
    why,
    sentence: `${name} ${sayShould(condition)}, and ${is}`,
  }
}

const rowsOf = (
  trigger: Trigger,
  { enabled, compiled }: WorkflowEntry,
  event: TriggerEvent,
  people: People,
): Told[] => {
  const { actor } = event
  const admitted = admission(actor, trigger, people)
  const origin = {
    source: 'done by the source itself',
    bot: 'done by a program',
    self: 'done by a run',
    unknown: 'nobody can tell',
  }
  const writes = actor.trust === 'outsider' || actor.trust === 'unknown' ? writing(compiled) : null
  const who = actor.trust === 'outsider' ? 'somebody outside' : 'nobody we know'
  const [nothing, stranger] = ['a workflow that writes nothing', 'what outsiders start may write nothing']
  return [
    {
      condition: 'event',
      expected: trigger.event,
      found: event.event,
      pass: eventForm(trigger.tool, trigger.event) !== null,
      about: null,
      why: null,
      sentence: `event should be ${trigger.event}, and is ${event.event}`,
    },
    ...Object.keys(trigger.where).map((name) => fieldRow(trigger, name, event)),
    {
      condition: 'started by',
      expected: admitted.expected,
      found: admitted.found,
      pass: admitted.yes,
      about: 'actor',
      why: admitted.why,
      sentence: `${admitted.found}: ${admitted.why} (${admitted.expected} may)`,
    },
    {
      condition: 'own events',
      expected: trigger.ownEvents ? 'done by anybody, also by a run' : 'not done by a run',
      found: Object.hasOwn(origin, actor.trust) ? origin[actor.trust as keyof typeof origin] : 'done by a person',
      pass: trigger.ownEvents || actor.trust !== 'self',
      about: 'actor',
      why: null,
      sentence: 'a run of Viewport did it, and the workflow does not take what runs do',
    },
    ...(writes === null
      ? []
      : [
          {
            condition: 'outsiders',
            expected: nothing,
            found: writes,
            pass: false,
            about: 'actor' as const,
            why: stranger,
            sentence: `${who} started it, and the workflow ${writes}; ${stranger}`,
          },
        ]),
    ...(enabled
      ? []
      : [
          {
            condition: 'enabled',
            expected: 'enabled',
            found: 'not enabled',
            pass: false,
            about: null,
            why: null,
            sentence: 'the workflow is not enabled',
          },
        ]),
  ]
}

const answerOf = (workflow: WorkflowEntry, event: TriggerEvent, people: People): MatchAnswer | null => {
  const tried = workflow.compiled.triggers.flatMap((trigger, index) => {
    if (trigger.tool !== event.tool || trigger.event !== event.event) return []
    const rows = rowsOf(trigger, workflow, event, people)
    return [{ index, rows, failed: rows.filter(({ pass }) => !pass) }]
  })
  const [best] = tried.toSorted((a, b) => a.failed.length - b.failed.length || a.index - b.index)
  if (best === undefined) return null
  const { index, rows, failed } = best
  const names = failed.map(({ condition }) => condition)
  return {
    id: workflow.id,
    name: workflow.name,
    version: workflow.version,
    enabled: workflow.enabled,
    outcome: failed.length === 0 ? 'starts' : failed.length === 1 ? 'near_miss' : 'no',
    trigger: index,
    mayStart: failed.every(({ about }) => about === null),
    passed: rows.length - failed.length,
    total: rows.length,
    rows: rows.map(({ condition, expected, found, pass, about, why }) => ({
      condition,
      expected,
      found,
      pass,
      about,
      why,
    })),
    why:
      failed.length === 0
        ? `All ${rows.length} conditions hold.`
        : failed.length === 1
          ? `Only one condition fails: ${failed[0]!.sentence}.`
          : `${failed.length} of ${rows.length} conditions fail: ${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`,
  }
}

/** Answers and those that listen elsewhere, for workflows without a route. */
export const plainMatch = (
  event: TriggerEvent,
  workflows: readonly WorkflowEntry[],
  people: People,
): Pick<MatchReport, 'answers' | 'elsewhere'> => {
  const byName = workflows.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1))
  const answers = byName.flatMap((one) => answerOf(one, event, people) ?? [])
  const told = new Set(answers.map(({ id }) => id))
  return {
    answers: (['starts', 'near_miss', 'no'] as const).flatMap((is) => answers.filter(({ outcome }) => outcome === is)),
    elsewhere: workflows.flatMap(({ id, name, version, enabled, compiled }) => {
      const listens = [...new Set(compiled.triggers.map(({ tool, event: kind }) => `${tool}.${kind}`))]
      return told.has(id) ? [] : [{ id, name, version, enabled, listens }]
    }),
  }
}
