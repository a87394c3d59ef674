/**
 * Where does a step stand: in which order, in which workflow, and which earlier step does it mean?
 * Resolves `of`, `follows`, `fix_with`. It never judges the workflow as a whole: `rules` does.
 */
import type { AgentStep, ContextWish, RepoUse, Trigger } from '../compiled.ts'
import { defaultApprovers } from '../defaults.ts'
import type { Mistakes } from '../mistakes.ts'
import { many } from '../read-document.ts'
import type { AgentDraft, StepDraft } from './draft.ts'
import type { Order, Placed } from './order.ts'

/** Which agent works; null: the workspace's choice. `model` null: the agent's own. */
export type AgentChoice = { agent: string | null; model: string | null }

/** What is known of the workflow outside its steps. `…Broken`: that part could not be read, so what depends on it is not judged. */
export type Surroundings = {
  team: string | null
  agents: Readonly<Record<AgentStep['mode'], AgentChoice>>
  commands: AgentStep['commands']
  context: ContextWish[]
  contextBroken: boolean
  repos: RepoUse[]
  reposBroken: boolean
  triggers: Trigger[]
  triggersBroken: boolean
}
export type Place = { placed: Placed; order: Order; around: Surroundings; mistakes: Mistakes }

/** `implement` is another word for `edit`. */
export const modeOf = (draft: AgentDraft): AgentStep['mode'] =>
  draft.written.mode === 'implement' ? 'edit' : draft.written.mode
export const isEdit = (draft: StepDraft): boolean => draft.kind === 'agent' && modeOf(draft) === 'edit'
export const isPlan = (draft: StepDraft): boolean => draft.kind === 'agent' && modeOf(draft) === 'plan'

/** Who decides: as written, else the workflow's team. */
export const approversOf = (written: string | string[] | undefined, around: Surroundings): string[] =>
  written === undefined ? defaultApprovers(around.team) : [...new Set(many(written))]

/** The last step before this one that fits. */
export const lastBefore = (
  { placed, order }: Pick<Place, 'placed' | 'order'>,
  fits: (draft: StepDraft) => boolean,
): string | null => {
  const before = order.before(placed.id)
  return order.steps.findLast((step) => before.has(step.id) && fits(step.draft))?.id ?? null
}

/**
 * Resolves a reference to an earlier step that fits. null when there is none; the mistake is told once, and only while the order is sound.
 * `written`: the id in the file, null for the default. `as`: what the step must be.
 */
export const refer = (
  place: Place,
  key: string,
  written: string | null,
  fits: (draft: StepDraft) => boolean,
  as: string,
): string | null => {
  const { placed, order, mistakes } = place
  if (written === null) {
    const found = lastBefore(place, fits)
    if (found === null && order.sound)
      mistakes.add({
        code: 'missing',
        path: placed.draft.path,
        at: 'key',
        message: `${placed.id} needs ${as} before it, and there is none.`,
        expected: as,
      })
    return found
  }
  const path = [...placed.draft.path, key]
  const target = order.byId.get(written)
  const candidates = order.steps.filter((step) => fits(step.draft)).map((step) => step.id)
  if (!target) {
    if (order.sound)
      mistakes.add({
        code: 'unknown_name',
        path,
        message: `There is no step \`${written}\`.`,
        found: written,
        expected: candidates.join(', ') || as,
        words: candidates,
        word: written,
      })
    return null
  }
  if (!fits(target.draft)) {
    mistakes.add({
      code: 'wrong_step',
      path,
      message: `${written} is not ${as}.`,
      found: `${written} (${target.draft.kind})`,
      expected: candidates.join(', ') || as,
    })
    return null
  }
  if (order.sound && !order.before(placed.id).has(written))
    mistakes.add({
      code: 'wrong_order',
      path,
      message: `${written} does not come before ${placed.id}; add it to \`needs\`.`,
      found: written,
      expected: `${written} before ${placed.id}`,
    })
  return written
}
