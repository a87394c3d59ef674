/**
 * Which steps does a workflow without `steps` have?
 * plan -> plan_review -> implement -> verify -> pr_approval -> each action in order. Gates and checks that are switched off are left out.
 */
import { actionForm, actionNames } from '../../action/actions.ts'
import { defaults } from '../defaults.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import { many, type Item, type Written } from '../read-document.ts'
import { actionDraft, commandsOf, draftOfWord, type ActionDraft, type GateDraft, type StepDraft } from './draft.ts'
import { gateWords } from '../written/step.ts'

type Entry = { name: string; options: Record<string, unknown>; path: Path }

/** The derived steps, each with the place in the file that asked for it. */
export const deriveSteps = (written: Written, mistakes: Mistakes): StepDraft[] => {
  const approvals = written.list('approvals')
  const gates =
    approvals === null ? defaults.approvals.map((name) => ({ name, options: {}, path: [] })) : entriesOf(approvals)
  for (const [i, gate] of gates.entries())
    if (gates.findIndex((other) => other.name === gate.name) < i)
      mistakes.add({
        code: 'duplicate',
        path: gate.path,
        message: `The gate ${gate.name} is named twice.`,
        found: gate.name,
        expected: 'each gate once',
      })
  const gate = (name: string): StepDraft[] => {
    const entry = gates.find((held) => held.name === name)
    return entry ? [draftOfWord(name, entry.options, entry.path)] : []
  }
  const actions = entriesOf(written.list('actions') ?? [])
  for (const { name, path } of gates) {
    if (
      (gateWords as readonly string[]).includes(name) ||
      actions.some((action) => action.name === name) ||
      written.broken('actions')
    )
      continue
    mistakes.add({
      code: 'unknown_name',
      path,
      message: `${name} is to be approved, but it is not among the actions.`,
      found: name,
      expected: 'an action of this workflow',
      words: actions.map((action) => action.name),
      word: name,
    })
  }
  const decision = gate('pr_approval')
  // A draft is opened before the decision, so that the forge's checks have run when it is made; then it is taken out of draft.
  const before = actions.filter(
    ({ name, options }) =>
      decision.length > 0 &&
      options['draft'] === true &&
      readyAction(name) !== null &&
      !gates.some((held) => held.name === name),
  )
  return [
    draftOfWord('plan', { id: 'plan' }, ['agents']),
    ...gate('plan_review'),
    draftOfWord('implement', { id: 'implement' }, ['agents']),
    ...verifySteps(written),
    ...before.map(({ name, options, path }) => actionDraft(name, options as never, path)),
    ...decision,
    ...before.flatMap(({ name, path }) => readied(name, path, actions)),
    ...actions
      .filter((one) => !before.includes(one))
      .flatMap(({ name, options, path }) => gated(actionDraft(name, options as never, path), gates)),
  ]
}

/** The action that takes what this one opened out of draft, or null. */
const readyAction = (opens: string): string | null =>
  actionNames.find((name) => {
    const form = actionForm(name)!
    return form.after.includes(opens) && Object.hasOwn(form.params, 'ready')
  }) ?? null

/** Out of draft after the decision, unless the workflow says itself what becomes of the draft. */
const readied = (opens: string, path: Path, actions: readonly Entry[]): StepDraft[] => {
  const ready = readyAction(opens)!
  return actions.some(({ name }) => name === ready) ? [] : [actionDraft(ready, { ready: true } as never, path)]
}

/** An action, behind its own gate where `approvals` names it. */
const gated = (action: ActionDraft, gates: readonly Entry[]): StepDraft[] => {
  const entry = gates.find((gate) => gate.name === action.action)
  if (!entry) return [action]
  const gate = draftOfWord('pr_approval', entry.options, entry.path) as GateDraft
  return [{ ...gate, name: actionGate(action.action), lets: action }, action]
}

/** The name of the gate of an action: slack.comment -> slack_comment_approval. */
const actionGate = (action: string): string => `${action.replace('.', '_')}_approval`

const verifySteps = (written: Written): StepDraft[] => {
  const verify = written.section('verify')
  if (verify === false) return []
  const path = written.has('verify') ? ['verify'] : []
  const base = { path, id: 'verify', needs: null, kind: 'run', repair: true } as const
  if (verify === undefined) return [{ ...base, written: {}, commands: null }]
  if (typeof verify === 'string' || Array.isArray(verify))
    return [{ ...base, written: {}, commands: commandsOf(many(verify)) }]
  const { run, ...options } = verify as { run?: string | string[] }
  return [{ ...base, written: options, commands: run === undefined ? null : commandsOf(many(run)) }]
}

/** Entries of `approvals` or `actions`: words and opened words alike. */
const entriesOf = (items: readonly Item<'approvals' | 'actions'>[]): Entry[] =>
  items.flatMap(({ value, path }) => {
    if (value === undefined) return []
    if (typeof value === 'string') return [{ name: value, options: {}, path }]
    return Object.entries(value as Record<string, Record<string, unknown> | null>).map(([name, options]) => ({
      name,
      options: options ?? {},
      path: [...path, name],
    }))
  })
