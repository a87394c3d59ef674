/**
 * How often may an action be done?
 * In one run, and in any hour: what the workflow writes, else what the action's form says. It never counts.
 */
import type { Compiled } from '../workflow/compiled.ts'
import { actionForm } from './actions.ts'

/** `hour`: of this workflow; null: it writes none, and the workspace's own number holds alone. */
export type Cap = { readonly run: number; readonly hour: number | null; readonly isWritten: boolean }

/** The most that a cap may be, in a run or an hour. */
export const capAtMost = 10_000

/** Is this an action that is counted? What a run does with its own change in git is held otherwise: one branch, one change. */
export const isCapped = (action: string): boolean => {
  const form = actionForm(action)
  return form !== null && form.tool !== 'git'
}

/** The caps of an action in this workflow. */
export const capOf = ({ caps }: Pick<Compiled, 'caps'>, action: string): Cap => {
  const written = caps && Object.hasOwn(caps, action) ? caps[action]! : null
  return {
    run: written?.run ?? actionForm(action)?.perRun ?? 0,
    hour: written?.hour ?? null,
    isWritten: written !== null,
  }
}
