/**
 * In which order do the steps run?
 * Gives every draft its id and its needs, and knows what comes before what. Steps run in order unless `needs` says otherwise.
 */
import type { Mistakes } from '../mistakes.ts'
import type { StepDraft } from './draft.ts'

export type Placed = { draft: StepDraft; id: string; needs: string[] }
export type Order = {
  steps: Placed[]
  byId: ReadonlyMap<string, Placed>
  /** Ids of everything that is done before this step starts. */
  before: (id: string) => ReadonlySet<string>
  /** Are ids and needs sound? If not, nothing that follows from the order is judged. */
  sound: boolean
}

/** Orders the drafts. `missing`: some steps could not be read, so an unknown name may be theirs. */
export const orderSteps = (drafts: readonly StepDraft[], missing: boolean, mistakes: Mistakes): Order => {
  const counted = mistakes.count()
  const ids = namesFor(drafts, mistakes)
  const named = mistakes.count() === counted // if not, two steps of one name would look like a circle
  const known = new Set(ids)
  const steps = drafts.map((draft, i): Placed => {
    const id = ids[i]!
    if (draft.needs === null) return { draft, id, needs: i === 0 ? [] : [ids[i - 1]!] }
    const needs = [...new Set(draft.needs)]
    for (const need of needs) {
      if (need === id)
        mistakes.add({
          code: 'cycle',
          path: [...draft.path, 'needs'],
          message: `${id} waits for itself.`,
          found: need,
          expected: 'a step before it',
        })
      else if (!known.has(need) && !missing)
        mistakes.add({
          code: 'unknown_name',
          path: [...draft.path, 'needs'],
          message: `There is no step \`${need}\`.`,
          found: need,
          expected: [...known].join(', '),
          words: [...known].filter((word) => word !== id),
          word: need,
        })
    }
    return { draft, id, needs: needs.filter((need) => known.has(need) && need !== id) }
  })
  const byId = new Map(steps.map((step) => [step.id, step]))
  const cycle = named ? cycleIn(steps, byId) : null
  if (cycle)
    mistakes.add({
      code: 'cycle',
      path: [...byId.get(cycle[0]!)!.draft.path, 'needs'],
      message: `These steps wait for each other: ${[...cycle, cycle[0]].join(' <- ')}.`,
      found: cycle.join(', '),
      expected: 'an order',
    })
  return { steps, byId, before: beforeIn(byId), sound: mistakes.count() === counted && !missing }
}

/** Written ids first, then a name by kind with a number where it is taken. */
const namesFor = (drafts: readonly StepDraft[], mistakes: Mistakes): string[] => {
  const taken = new Map<string, number>()
  for (const [i, draft] of drafts.entries()) {
    if (draft.id === null) continue
    if (taken.has(draft.id))
      mistakes.add({
        code: 'duplicate',
        path: [...draft.path, 'id'],
        message: `Two steps are called \`${draft.id}\`.`,
        found: draft.id,
        expected: 'each id once',
      })
    else taken.set(draft.id, i)
  }
  return drafts.map((draft, i) => {
    if (draft.id !== null) return draft.id
    const wanted = nameOf(draft)
    let name = wanted
    for (let n = 2; taken.has(name); n++) name = `${wanted.slice(0, 36)}_${n}`
    taken.set(name, i)
    return name
  })
}

const nameOf = (draft: StepDraft): string => {
  switch (draft.kind) {
    case 'agent':
      return draft.written.mode === 'edit' ? 'implement' : draft.written.mode
    case 'run':
      return 'verify'
    case 'gate':
      return draft.name
    case 'action':
      return draft.action.replace('.', '_')
    case 'remember':
      return 'remember'
  }
}

const cycleIn = (steps: readonly Placed[], byId: ReadonlyMap<string, Placed>): string[] | null => {
  const done = new Set<string>()
  const walk = (id: string, trail: string[]): string[] | null => {
    const seen = trail.indexOf(id)
    if (seen >= 0) return trail.slice(seen)
    if (done.has(id)) return null
    for (const need of byId.get(id)?.needs ?? []) {
      const cycle = walk(need, [...trail, id])
      if (cycle) return cycle
    }
    done.add(id)
    return null
  }
  for (const { id } of steps) {
    const cycle = walk(id, [])
    if (cycle) return cycle
  }
  return null
}

const beforeIn = (byId: ReadonlyMap<string, Placed>): ((id: string) => ReadonlySet<string>) => {
  const held = new Map<string, ReadonlySet<string>>()
  const before = (id: string): ReadonlySet<string> => {
    const known = held.get(id)
    if (known) return known
    held.set(id, new Set()) // ends a cycle, which is a mistake of its own
    const all = new Set<string>()
    for (const need of byId.get(id)?.needs ?? []) for (const earlier of [need, ...before(need)]) all.add(earlier)
    held.set(id, all)
    return all
  }
  return before
}
