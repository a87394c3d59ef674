/**
 * Does every `{{ path }}` of a workflow name a value that can be there?
 * Checks paths against the triggers' fields, the declared inputs, and the steps and actions that come before. It fills nothing.
 */
import { actionForm } from '../action/actions.ts'
import { eventForm, fieldKind, tools } from '../event/tools.ts'
import type { Step, Trigger } from './compiled.ts'
import type { Order } from './lower/order.ts'
import type { Mistakes, Path } from './mistakes.ts'
import { eventNames, parseTemplate, roots, runNames } from './template.ts'

/** Checks the texts of all steps, and the key of concurrency. `triggersBroken`: paths of events and inputs are not judged. */
export const checkTemplates = (
  steps: readonly Step[],
  order: Order,
  triggers: readonly Trigger[],
  key: string | null,
  triggersBroken: boolean,
  mistakes: Mistakes,
): void => {
  const check = (text: string, path: Path, actions: readonly string[], written: readonly string[] = []): void => {
    const { places, faults } = parseTemplate(text)
    for (const { from, to, why } of faults)
      mistakes.add({
        code: 'template',
        path,
        part: text.slice(from, to),
        message: `${why}.`,
        found: text.slice(from, to).slice(0, 60),
        expected: 'a path, such as {{ trigger.title }}',
      })
    for (const { from, to, path: names } of places) {
      if (triggersBroken && (names[0] === 'trigger' || names[0] === 'inputs')) continue
      const words = wordsFor(names, triggers, actions, written)
      const word = names.join('.')
      if (words.includes(word) || (names[0] === 'trigger' && isOpen(names.slice(1).join('.'), triggers))) continue
      const near = words.filter((known) => known.startsWith(`${names[0]}.`))
      mistakes.add({
        code: 'template',
        path,
        part: text.slice(from, to),
        message: `\`${word}\` names nothing that can be there.`,
        found: word,
        expected: (near.length > 0 ? near : words).slice(0, 14).join(', '),
        words,
        word,
      })
    }
  }
  for (const step of steps) {
    const path = order.byId.get(step.id)!.draft.path
    const before = order.before(step.id)
    const actions = steps.flatMap((other) => (other.kind === 'action' && before.has(other.id) ? [other.action] : []))
    if (step.kind === 'agent' && step.prompt !== null) check(step.prompt, [...path, 'prompt'], actions)
    if (step.kind === 'remember') check(step.text, [...path, 'remember'], actions)
    if (step.kind !== 'action') continue
    const written = steps.flatMap((other) => (other.kind === 'agent' && before.has(other.id) ? [other.id] : []))
    for (const [name, param] of Object.entries(actionForm(step.action)!.params)) {
      if (param.kind === 'template' || param.kind === 'json')
        for (const { text, at } of textsIn(step.params[name])) check(text, [...path, name, ...at], actions, written)
    }
  }
  // Concurrency is decided before the first step.
  if (key !== null) check(key, ['concurrency', 'key'], [])
}

/** Every path that can be there, those of the same root first. */
const wordsFor = (
  names: readonly string[],
  triggers: readonly Trigger[],
  actions: readonly string[],
  written: readonly string[],
): string[] => {
  const inputs = triggers.flatMap((trigger) => Object.keys(trigger.inputs))
  const fields = triggers.flatMap((trigger) => Object.keys(eventForm(trigger.tool, trigger.event)?.fields ?? {}))
  const all = {
    trigger: [...eventNames, ...fields, ...inputs].map((name) => `trigger.${name}`),
    inputs: inputs.map((name) => `inputs.${name}`),
    steps: written.map((step) => `steps.${step}.text`),
    actions: actions.flatMap((action) => actionForm(action)!.results.map((result) => `actions.${action}.${result}`)),
    run: runNames.map((name) => `run.${name}`),
  }
  return [
    ...new Set(
      (roots as readonly string[]).includes(names[0]!)
        ? [...all[names[0] as keyof typeof all], ...Object.values(all).flat()]
        : Object.values(all).flat(),
    ),
  ]
}

const isOpen = (field: string, triggers: readonly Trigger[]): boolean =>
  triggers.some(
    (trigger) => tools[trigger.tool]?.open !== null && fieldKind(trigger.tool, trigger.event, field) === 'any',
  )

const textsIn = (value: unknown, at: Path = []): { text: string; at: Path }[] => {
  if (typeof value === 'string') return [{ text: value, at }]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, held]) =>
    textsIn(held, [...at, Array.isArray(value) ? Number(key) : key]),
  )
}
