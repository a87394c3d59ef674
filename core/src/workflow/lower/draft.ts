/**
 * What is a step before its place in the order is known?
 * The one form that written steps and derived steps are brought into. Names are as written; nothing is resolved.
 */
import type { z } from 'zod'
import { many, type Item } from '../read-document.ts'
import type { Plain } from '../plain-values.ts'
import type { Path } from '../mistakes.ts'
import {
  gateWords,
  ownChecks,
  type AgentWritten,
  type GateOptions,
  type RememberWritten,
  type RunWritten,
} from '../written/step.ts'

type Common = { path: Path; id: string | null; needs: string[] | null }
export type AgentDraft = Common & { kind: 'agent'; written: z.output<typeof AgentWritten> }
export type RunDraft = Common & {
  kind: 'run'
  written: Omit<z.output<typeof RunWritten>, 'run'>
  commands: string[] | null
  /** repair with the step that is checked, unless said otherwise */ repair: boolean
}
export type GateDraft = Common & {
  kind: 'gate'
  name: string
  of: string | null
  /** the action it lets pass, where that is not said by id */ lets: ActionDraft | null
  written: z.output<typeof GateOptions>
}
export type ActionDraft = Common & { kind: 'action'; action: string; of: string | null; params: Record<string, Plain> }
export type RememberDraft = Common & { kind: 'remember'; written: z.output<typeof RememberWritten> }
export type StepDraft = AgentDraft | RunDraft | GateDraft | ActionDraft | RememberDraft

type Written = NonNullable<Item<'steps'>['value']>
type Keyed = Record<string, Plain> & { id?: string; needs?: string | string[]; of?: string }

/** A written step as a draft. */
export const draftOf = (value: Written, path: Path): StepDraft => {
  if (typeof value === 'string') return draftOfWord(value, {}, path)
  const written = value as Keyed
  const common = commonOf(written, path)
  if ('gate' in written)
    return {
      ...common,
      kind: 'gate',
      name: written['gate'] as string,
      of: written.of ?? null,
      lets: null,
      written: written as GateDraft['written'],
    }
  if ('run' in written)
    return {
      ...common,
      kind: 'run',
      written: written as RunDraft['written'],
      commands: commandsOf(many(written['run'] as string)),
      repair: false,
    }
  if ('remember' in written)
    return { ...common, kind: 'remember', written: written as unknown as RememberDraft['written'] }
  if ('action' in written) return actionDraft(written['action'] as string, written, path)
  if ('mode' in written) return { ...common, kind: 'agent', written: written as unknown as AgentDraft['written'] }
  const [[word, options]] = Object.entries(written) as unknown as [[string, Keyed | null]]
  return draftOfWord(word, options ?? {}, [...path, word])
}

/** A step that is one word (`verify`), or one word opened (`plan_review: {...}`). */
export const draftOfWord = (word: string, options: Record<string, unknown>, path: Path): StepDraft => {
  const written = options as Keyed
  const common = commonOf(written, path)
  if ((gateWords as readonly string[]).includes(word))
    return {
      ...common,
      kind: 'gate',
      name: word,
      of: written.of ?? null,
      lets: null,
      written: written as GateDraft['written'],
    }
  if (word === 'verify') return { ...common, kind: 'run', written: {}, commands: null, repair: true }
  if (word.includes('.')) return actionDraft(word, written, path)
  return { ...common, kind: 'agent', written: { mode: word as 'plan' } }
}

export const actionDraft = (action: string, written: Keyed, path: Path): ActionDraft => {
  const { action: _action, id: _id, needs: _needs, of, ...params } = written
  return { ...commonOf(written, path), kind: 'action', action, of: of ?? null, params: params as Record<string, Plain> }
}

const commonOf = (written: Keyed, path: Path): Common => ({
  path,
  id: written.id ?? null,
  needs: written.needs === undefined ? null : many(written.needs),
})

/** null: the repository's own checks. */
export const commandsOf = (commands: readonly string[]): string[] | null =>
  commands.length === 1 && commands[0] === ownChecks ? null : [...commands]
