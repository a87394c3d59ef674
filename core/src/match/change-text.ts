/**
 * How would a workflow's text have to change so that this event starts it, or starts it never again?
 * The smallest changes of its conditions, each tried: compiled, held against the event, and seen to change nothing else. It never widens
 * who may start a workflow; that is for a person to write.
 */
import type { TriggerEvent } from '../event/trigger-event.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import type { Compiled } from '../workflow/compiled.ts'
import { digestOf } from '../digest/canonical.ts'
import { starting, stopping, type Edit } from './edit/edits.ts'
import { spliced } from './edit/splice.ts'
import { triggerPlaces } from './edit/trigger-places.ts'
import { match, type MatchAnswer } from './match.ts'
import type { People } from './rows.ts'

export type Wanted = 'match' | 'never'
/** `words`: what it says from then on, as a sentence. `source`: the whole text with the change. */
export type TextChange = { readonly words: string; readonly source: string }
/** Either changes, the narrowest first, or why there is none, in a sentence. */
export type TextChanges = { readonly changes: readonly TextChange[]; readonly cannot: string | null }

const no = (cannot: string): TextChanges => ({ changes: [], cannot })
const mostChanges = 8

/**
 * The changes of `source` after which `event` starts the workflow (`match`) or does not any more (`never`).
 * `people`: as for `match`. A source that does not compile has none.
 */
export const textChanges = (
  source: string,
  event: TriggerEvent,
  wanted: Wanted,
  people: People = new Map(),
): TextChanges => {
  const read = compileWorkflow(source)
  if (!read.ok) return no(`The workflow does not compile: line ${read.errors[0]!.line}: ${read.errors[0]!.message}`)
  const { compiled } = read
  const answer = answerOf(compiled, event, people)
  if (wanted === 'match') {
    const why = whyNotToStart(answer, compiled, event)
    if (why !== null) return no(why)
  } else if (answer?.outcome !== 'starts') return no('It does not start this as it is.')
  const edits = wanted === 'match' ? starting(compiled, event, answer) : stopping(compiled, event, answer!)
  const changes: TextChange[] = []
  for (const edit of edits) {
    if (changes.length === mostChanges) break
    const changed = applied(source, compiled, event, wanted, edit, people)
    if (changed !== null && !changes.some((one) => one.source === changed))
      changes.push({ words: edit.words, source: changed })
  }
  if (changes.length > 0) return { changes, cannot: null }
  return no(
    triggerPlaces(source) === null && /\btrigger\b/.test(source)
      ? 'Its triggers are written with aliases; they stand in other places too, so the change is for you to write.'
      : wanted === 'match'
        ? 'No change of one condition does it; write what it should listen to.'
        : 'Nothing about the event tells it from others that should start it. Disable the workflow, or write a condition.',
  )
}

const answerOf = (compiled: Compiled, event: TriggerEvent, people: People): MatchAnswer | null =>
  match(event, [{ id: compiled.name, name: compiled.name, version: 1, enabled: true, compiled }], people).answers[0] ??
  null

/** What no change of a condition may mend. */
const whyNotToStart = (answer: MatchAnswer | null, compiled: Compiled, event: TriggerEvent): string | null => {
  if (answer?.outcome === 'starts')
    return 'The text starts it as it is: enable the workflow, and the next event like this starts it.'
  const kept = answer?.rows.filter((row) => !row.pass && row.about === 'actor') ?? []
  // A run is no person whom one could name: what lets it in is the other key.
  const about = kept.find((row) => row.condition === 'own events') ?? kept[0]
  if (about)
    return `Who may start it is not widened by a click: ${about.condition} expects ${about.expected}, found ${about.found}. ${about.condition === 'started by' ? 'Where it should, write it below `started_by` yourself.' : about.condition === 'outsiders' ? 'Let it write nothing, or have a member start it.' : 'Where it should, write `own_events: true` yourself.'}`
  if (answer === null && !compiled.triggers.some(({ tool }) => tool === event.tool))
    return `It listens to nothing of this tool (${event.tool}). What a trigger for it should ask for is yours to say: add one below \`trigger\`.`
  return null
}

/** The text with the change in every trigger that it takes; null where it cannot be made, does not do it, or does more. */
const applied = (
  source: string,
  before: Compiled,
  event: TriggerEvent,
  wanted: Wanted,
  edit: Edit,
  people: People,
): string | null => {
  let text = source
  for (let round = 0; round < 20; round++) {
    const read = compileWorkflow(text)
    if (!read.ok) return null
    const answer = answerOf(read.compiled, event, people)
    if ((answer?.outcome === 'starts') === (wanted === 'match'))
      return text !== source && isOnlyConditions(before, read.compiled) ? text : null
    const places = triggerPlaces(text)
    // A trigger of the same tool is taken where none listens to this event yet.
    const index = answer?.trigger ?? read.compiled.triggers.findIndex(({ tool }) => tool === event.tool)
    const trigger = read.compiled.triggers[index]
    const place = places?.length === read.compiled.triggers.length ? places[index] : undefined
    if (!place || place.tool !== trigger?.tool || place.event !== trigger.event) return null
    const splice = edit.make(text, place, trigger, answer)
    if (splice === null) return null
    text = spliced(text, splice)
  }
  return null
}

/** Is everything but the conditions (and one event more to listen to) what it was? */
const isOnlyConditions = (before: Compiled, after: Compiled): boolean => {
  const rest = (compiled: Compiled): string =>
    digestOf({
      ...compiled,
      triggers: [
        ...new Set(
          compiled.triggers.map(({ startedBy, ownEvents, tool, inputs }) =>
            digestOf({ startedBy, ownEvents, tool, inputs }),
          ),
        ),
      ],
    })
  return rest(before) === rest(after)
}
