/**
 * What must be said before a template is a workflow of one's own, and what is it then?
 * Its blanks are read from the file itself; filled in, the text keeps its comments and its form. It never asks what exists.
 */
import { isMap, isScalar, isSeq, parseDocument, Scalar, visit, type Document, type Node } from 'yaml'
import { tools } from '../event/tools.ts'

/** One thing that is particular to a team. `id` names it in `fillTemplate`; `value` is what stands in the template. */
export type Blank = {
  readonly id: string
  readonly kind: 'repository' | 'team' | 'pool' | 'condition'
  readonly title: string
  readonly value: string
}

/** The blanks of a template: its repositories, its team, its pool, and the plain conditions of its triggers, in the order of the file. */
export const blanksOf = (source: string): Blank[] => {
  const document = parseDocument(source)
  const team = document.get('team')
  const pool = document.getIn(['runner', 'pool'])
  return [
    ...conditionsOf(document),
    ...repositoriesOf(document).map((value): Blank => ({
      id: `repository:${value}`,
      kind: 'repository',
      title: 'Repository',
      value,
    })),
    ...(typeof team === 'string' ? [{ id: 'team', kind: 'team', title: 'Team', value: team } as const] : []),
    ...(typeof pool === 'string' ? [{ id: 'pool', kind: 'pool', title: 'Pool of runners', value: pool } as const] : []),
  ]
}

/** The template with what was said for its blanks, by id; a blank that is not named, or is empty, stays as it is. */
export const fillTemplate = (source: string, said: Readonly<Record<string, string>>): string => {
  const document = parseDocument(source)
  const edits: Edit[] = []
  for (const { id, kind, value } of blanksOf(source)) {
    const to = Object.hasOwn(said, id) ? said[id]!.trim() : ''
    if (to === '' || to === value) continue
    if (kind === 'repository') edits.push(...everywhere(document, value, to))
    else if (kind === 'team')
      edits.push(...at(document.get('team', true), to), ...everywhere(document, `team:${value}`, `team:${to}`))
    else if (kind === 'pool') edits.push(...at(document.getIn(['runner', 'pool'], true), to))
    else edits.push(...at(document.getIn(pathOf(id), true), to))
  }
  // From the end, so that places before an edit stay where they are.
  return edits
    .toSorted((one, other) => other.from - one.from)
    .reduce((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), source)
}

type Edit = { readonly from: number; readonly to: number; readonly text: string }

const pathOf = (at: string): (string | number)[] =>
  at.split('/').map((part) => (/^\d+$/.test(part) ? Number(part) : part))

const repositoriesOf = (document: Document): string[] => {
  const found: string[] = []
  const repos = document.get('repos')
  const items = isSeq(repos) ? repos.items : [repos]
  for (const item of items) {
    if (isScalar(item) && typeof item.value === 'string') found.push(item.value)
    else if (isMap(item)) for (const { key } of item.items) if (isScalar(key)) found.push(String(key.value))
  }
  return found
}

/** Keys of a trigger that are no conditions. */
const plain = new Set(['event', 'started_by', 'own_events', 'inputs', 'missed'])

const conditionsOf = (document: Document): Blank[] => {
  const repos = new Set(repositoriesOf(document))
  const trigger = document.get('trigger')
  const entries = isSeq(trigger)
    ? trigger.items.map((item, i) => ({ item, at: `trigger/${i}` }))
    : [{ item: trigger, at: 'trigger' }]
  return entries.flatMap(({ item, at }) => {
    if (!isMap(item)) return []
    return item.items.flatMap(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : ''
      if (!isMap(value)) return []
      return value.items.flatMap(({ key: field, value: held }): Blank[] => {
        const of = isScalar(field) ? String(field.value) : ''
        if (plain.has(of) || !isScalar(held) || typeof held.value !== 'string' || repos.has(held.value)) return []
        return [
          {
            id: `${at}/${name}/${of}`,
            kind: 'condition',
            title: `${tools[name]?.title ?? name}: ${of}`,
            value: held.value,
          },
        ]
      })
    })
  })
}

/** Every text that is exactly this one, keys too. */
const everywhere = (document: Document, text: string, to: string): Edit[] => {
  const edits: Edit[] = []
  visit(document, {
    Scalar: (_key, node) => {
      if (node.value === text) edits.push(...at(node, to))
    },
  })
  return edits
}

/** One text in its place. What was written plain may no longer be: `#support`, `yes`, `1.0`. */
const at = (node: unknown, to: string): Edit[] => {
  if (!isScalar(node as Node)) return []
  const { range, type } = node as Scalar
  if (!range) return []
  const text = type === Scalar.PLAIN && isPlain(to) ? to : JSON.stringify(to)
  return [{ from: range[0], to: range[1], text }]
}

const isPlain = (text: string): boolean => {
  if (/[\s,[\]{}]/.test(text)) return false
  const read = parseDocument(`[${text}]`)
  return read.errors.length === 0 && read.getIn([0]) === text
}
