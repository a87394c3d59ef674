/**
 * What does an action step do, with every parameter written out?
 * Checks parameters against the action's table and the workflow's own repositories. It never fills a template.
 */
import { actionForm } from '../../action/actions.ts'
import type { ActionForm, ParamForm } from '../../action/form.ts'
import { refRefusal } from '../../policy/ref-name.ts'
import type { ActionStep } from '../compiled.ts'
import type { Plain } from '../plain-values.ts'
import { many } from '../read-document.ts'
import type { ActionDraft, StepDraft } from './draft.ts'
import { isEdit, lastBefore, refer, type Place } from './place.ts'

export const lowerAction = (draft: ActionDraft, place: Place): ActionStep | null => {
  const {
    placed: { id, needs },
    order,
    mistakes,
  } = place
  const form = actionForm(draft.action)!
  const of = form.change ? refer(place, 'of', draft.of, isEdit, 'a step that edits') : null
  if (form.change && of === null) return null
  if (form.after.length > 0 && order.sound && lastBefore(place, isOneOf(form.after)) === null)
    mistakes.add({
      code: 'wrong_order',
      path: draft.path,
      message: `${draft.action} needs ${form.after.join(' or ')} before it.`,
      expected: form.after.join(' or '),
    })
  targetOf(draft, form, place)
  return { kind: 'action', id, needs, action: draft.action, of, params: paramsOf(draft, form, place) }
}

const isOneOf =
  (names: readonly string[]) =>
  (step: StepDraft): boolean =>
    step.kind === 'action' && names.includes(step.action)

/** Without a written target there must be something the event or the run itself is about. */
const targetOf = (draft: ActionDraft, form: ActionForm, place: Place): void => {
  const { around, mistakes, order } = place
  if (
    form.target !== 'source' ||
    (form.targetParam !== null && draft.params[form.targetParam] !== undefined) ||
    around.triggersBroken ||
    !order.sound
  )
    return
  if (
    around.triggers.some((trigger) => trigger.tool === form.tool) ||
    lastBefore(
      place,
      (step) =>
        step.kind === 'action' &&
        step.action.startsWith(`${form.tool}.`) &&
        actionForm(step.action)?.results.includes('url') === true,
    ) !== null
  )
    return
  mistakes.add({
    code: 'missing',
    path: draft.path,
    at: 'key',
    message: `${draft.action} has nothing to work on: no trigger comes from ${form.tool}, so say \`${form.targetParam}\`.`,
    expected: form.targetParam ?? 'a target',
  })
}

const paramsOf = (draft: ActionDraft, form: ActionForm, place: Place): Record<string, unknown> => {
  const params: Record<string, unknown> = {}
  for (const [name, param] of Object.entries(form.params)) {
    const written = draft.params[name]
    const value =
      written === undefined
        ? fallback(draft.action, name, param, place)
        : param.kind === 'list'
          ? [...new Set(many(written as string))]
          : written
    if (value === null || value === undefined) continue
    params[name] = value
    if (written !== undefined) checkParam(draft, name, param, written, place)
  }
  return params
}

const fallback = (action: string, name: string, param: ParamForm, place: Place): unknown => {
  if (param.repo === 'write') return place.around.repos.find((repo) => repo.access === 'write')?.name
  if (action === 'slack.comment' && name === 'text') {
    // The link people want is that of what was opened.
    const opened = lastBefore(
      place,
      (step) =>
        step.kind === 'action' &&
        actionForm(step.action)?.publishes === true &&
        actionForm(step.action)!.results.includes('url'),
    )
    const draft = opened === null ? null : place.order.byId.get(opened)!.draft
    if (draft?.kind === 'action') return `Proposed: {{ actions.${draft.action}.url }}`
  }
  return Array.isArray(param.default) ? [...(param.default as string[])] : param.default
}

/** What a schema cannot say of one written parameter: which repository, branch or channel it may name. */
const checkParam = (draft: ActionDraft, name: string, param: ParamForm, written: Plain, place: Place): void => {
  if (typeof written !== 'string' || param.kind !== 'text') return
  const wrong = textRefusal(draft.action, name, param, written, place)
  if (wrong) place.mistakes.add({ path: [...draft.path, name], found: written.slice(0, 60), word: written, ...wrong })
}

type Wrong = { code: string; message: string; expected: string; words?: string[] }

const textRefusal = (
  action: string,
  name: string,
  param: ParamForm,
  written: string,
  { around }: Place,
): Wrong | null => {
  const shown = `\`${written.slice(0, 60)}\``
  if (written.includes('{{'))
    return {
      code: 'template',
      message: `\`${name}\` of ${action} takes no \`{{ }}\`: what it names must stand in the workflow.`,
      expected: 'a fixed text',
    }
  if (param.repo && !around.reposBroken) {
    const fitting = around.repos
      .filter((repo) => param.repo === 'any' || repo.access === 'write')
      .map((repo) => repo.name)
    if (!fitting.includes(written))
      return {
        code: 'unknown_name',
        message: `${shown} is not a repository of this workflow${param.repo === 'write' ? ' that may be written' : ''}.`,
        expected: fitting.join(', '),
        words: fitting,
      }
  }
  if ((name === 'into' || name === 'base') && refRefusal(`refs/heads/${written}`, { ours: false }))
    return { code: 'wrong_value', message: `${shown} is not the name of a branch.`, expected: 'a branch' }
  if (name === 'channel' && !/^#[\p{Ll}\p{N}_-]{1,80}$/u.test(written) && !/^[CG][A-Z0-9]{6,}$/.test(written))
    return { code: 'wrong_value', message: `${shown} is not a channel; write "#name" in quotes.`, expected: '"#name"' }
  return null
}
