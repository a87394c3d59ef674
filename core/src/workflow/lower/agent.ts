/** What does an agent step do: which agent in which mode, with which context and rules? */
import type { AgentStep, ContextWish } from '../compiled.ts'
import { many } from '../read-document.ts'
import { commandRules } from './commands.ts'
import { lowerContext, sameWish } from './context.ts'
import type { AgentDraft } from './draft.ts'
import { isEdit, isPlan, lastBefore, modeOf, refer, type Place } from './place.ts'

export const lowerAgent = (draft: AgentDraft, place: Place): AgentStep | null => {
  const {
    placed: { id, needs },
    around,
    mistakes,
  } = place
  const { written, path } = draft
  const mode = modeOf(draft)
  if (mode !== 'edit' && written.follows !== undefined)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'follows'],
      at: 'key',
      message: `Only a step that edits follows a plan; ${id} has mode ${mode}.`,
      found: mode,
      expected: 'mode: edit',
    })
  if (mode !== 'review' && written.of !== undefined)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'of'],
      at: 'key',
      message: `Only a step that reviews looks at another one; ${id} has mode ${mode}.`,
      found: mode,
      expected: 'mode: review',
    })
  const follows =
    mode !== 'edit'
      ? null
      : written.follows === undefined
        ? lastBefore(place, isPlan)
        : refer(place, 'follows', written.follows, isPlan, 'a step that plans')
  const of = mode === 'review' ? refer(place, 'of', written.of ?? null, isEdit, 'a step that edits') : null
  if (mode === 'review' && of === null) return null
  // A model is an agent's: one that was chosen for another agent does not follow.
  const { agent, model } = written.agent === undefined ? around.agents[mode] : { agent: written.agent, model: null }
  const asked = written.model ?? model
  if (asked !== null && agent === null)
    mistakes.add({
      code: 'missing',
      path: [...path, 'model'],
      at: 'key',
      message: `${id} asks for a model and names no agent; which models there are depends on the agent.`,
      found: asked,
      expected: 'agent: NAME beside it',
    })
  return {
    kind: 'agent',
    id,
    needs,
    agent,
    ...(asked !== null && { model: asked }),
    mode,
    prompt: written.prompt ?? null,
    follows,
    of,
    commands: commandRules(around.commands, written.commands, [...path, 'commands'], mistakes),
    context: contextOf(draft, place),
    restart: written.restart ?? (mode === 'edit' ? 'ask' : 'auto'),
  }
}

/** A step can narrow the workflow's context, never widen it. */
const contextOf = (draft: AgentDraft, { around, mistakes }: Place): ContextWish[] | null => {
  if (draft.written.context === undefined) return null
  const path = [...draft.path, 'context']
  const listed = Array.isArray(draft.written.context)
  const written = many(draft.written.context).map((value, i) => ({ value, path: listed ? [...path, i] : path }))
  const wishes = lowerContext(written, around.repos, around.reposBroken, mistakes)
  if (!around.contextBroken) {
    for (const [i, wish] of wishes.entries()) {
      if (around.context.some((held) => sameWish(held, wish))) continue
      const name = wish.kind === 'name' ? wish.name : wish.kind === 'history' ? `history ${wish.of}` : wish.repo
      mistakes.add({
        code: 'wider',
        path: written[i]?.path ?? path,
        message: `${name} is not below the workflow's \`context\`; a step can only narrow it.`,
        found: name,
        expected: 'context of the workflow',
        words: around.context.flatMap((held) => (held.kind === 'name' ? [held.name] : [])),
        word: name,
      })
    }
  }
  // All of it, said in words, is the same as nothing said.
  return wishes.length === around.context.length &&
    wishes.every((wish) => around.context.some((held) => sameWish(held, wish)))
    ? null
    : wishes
}
