/**
 * What does an action step do, with every parameter written out?
 * Checks parameters against the action's table and the workflow's own repositories. It never fills a template.
 */
import { actionForm } from '../../action/actions.ts'
import type { ActionForm, ParamForm } from '../../action/form.ts'
import { refRefusal } from '../../policy/ref-name.ts'
import type { ActionStep } from '../compiled.ts'
import type { Plain } from '../located.ts'
import { many } from '../read-document.ts'
import type { ActionDraft, StepDraft } from './draft.ts'
import { isEdit, lastBefore, refer, type Place } from './place.ts'

export const lowerAction = (draft: ActionDraft, place: Place): ActionStep | null => {
  const { placed: { id, needs }, order, mistakes } = place
  const form = actionForm(draft.action)!
  const of = form.change ? refer(place, 'of', draft.of, isEdit, 'a step that edits') : null
  if (form.change && of === null) return null
  if (form.after.length > 0 && order.sound && lastBefore(place, isOneOf(form.after)) === null) mistakes.add({ code: 'wrong_order', path: draft.path, message: `${draft.action} needs ${form.after.join(' or ')} before it.`, expected: form.after.join(' or ') })
  targetOf(draft, form, place)
  return { kind: 'action', id, needs, action: draft.action, of, params: paramsOf(draft, form, place) }
}

const isOneOf = (names: readonly string[]) => (step: StepDraft): boolean => step.kind === 'action' && names.includes(step.action)

/** Without a written target there must be something the event or the run itself is about. */
const targetOf = (draft: ActionDraft, form: ActionForm, place: Place): void => {
  const { around, mistakes, order } = place
  if (form.target !== 'source' || (form.targetParam !== null && draft.params[form.targetParam] !== undefined) || around.triggersBroken || !order.sound) return
  if (around.triggers.some((trigger) => trigger.tool === form.tool) || lastBefore(place, (step) => step.kind === 'action' && step.action.startsWith(`${form.tool}.`) && actionForm(step.action)?.results.includes('url') === true) !== null) return
  mistakes.add({ code: 'missing', path: draft.path, at: 'key', message: `${draft.action} has nothing to work on: no trigger comes from ${form.tool}, so say \`${form.targetParam}\`.`, expected: form.targetParam ?? 'a target' })
}

const paramsOf = (draft: ActionDraft, form: ActionForm, place: Place): Record<string, unknown> => {
  const params: Record<string, unknown> = {}
  for (const [name, param] of Object.entries(form.params)) {
    const written = draft.params[name]
    const value = written === undefined ? fallback(draft.action, name, param, place) : param.kind === 'list' ? [...new Set(many(written as string))] : written
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
    const opened = lastBefore(place, (step) => step.kind === 'action' && actionForm(step.action)?.publishes === true && actionForm(step.action)!.results.includes('url'))
    const draft = opened === null ? null : place.order.byId.get(opened)!.draft
    if (draft?.kind === 'action') return `Proposed: {{ actions.${draft.action}.url }}`
  }
  return Array.isArray(param.default) ? [...(param.default as string[])] : param.default
}

const checkParam = (draft: ActionDraft, name: string, param: ParamForm, written: Plain, { around, mistakes }: Place): void => {
  const path = [...draft.path, name]
  if (param.repo && !around.reposBroken) {
    const fitting = around.repos.filter((repo) => param.repo === 'any' || repo.access === 'write').map((repo) => repo.name)
    if (!fitting.includes(String(written))) mistakes.add({ code: 'unknown_name', path, message: `${String(written)} is not a repository of this workflow${param.repo === 'write' ? ' that may be written' : ''}.`, found: String(written), expected: fitting.join(', '), words: fitting, word: String(written) })
  }
  if (param.kind === 'text' && typeof written === 'string' && written.includes('{{')) mistakes.add({ code: 'template', path, message: `\`${name}\` of ${draft.action} takes no \`{{ }}\`: what it names must stand in the workflow.`, found: written.slice(0, 60), expected: 'a fixed text' })
  if ((name === 'into' || name === 'base') && refRefusal(`refs/heads/${String(written)}`, { ours: false })) mistakes.add({ code: 'wrong_value', path, message: `\`${String(written).slice(0, 60)}\` is not the name of a branch.`, found: String(written).slice(0, 60), expected: 'a branch' })
  if (name === 'channel' && typeof written === 'string' && !/^#[\p{Ll}\p{N}_-]{1,80}$/u.test(written) && !/^[CG][A-Z0-9]{6,}$/.test(written)) mistakes.add({ code: 'wrong_value', path, message: `\`${written.slice(0, 60)}\` is not a channel; write "#name" in quotes.`, found: written.slice(0, 60), expected: '"#name"' })
}
