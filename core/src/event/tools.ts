/**
 * Which tools can start a workflow?
 * Every tool is here whether or not a workspace connected it, so that a file is valid or not by itself. It never says what is connected.
 */
import type { EventForm, FieldKind, ToolForm } from './listen.ts'
import { api, manual, schedule, webhook } from './tool/built-in.ts'
import { ci } from './tool/ci.ts'
import { github } from './tool/github.ts'
import { gitlab } from './tool/gitlab.ts'
import { jira } from './tool/jira.ts'
import { linear } from './tool/linear.ts'
import { slack } from './tool/slack.ts'

export const tools: Readonly<Record<string, ToolForm>> = {
  github,
  slack,
  linear,
  jira,
  gitlab,
  ci,
  schedule,
  manual,
  api,
  webhook,
}

/** The form of an event, or null when the tool or the event is unknown. */
export const eventForm = (tool: string, event: string): EventForm | null => {
  const form = Object.hasOwn(tools, tool) ? tools[tool]! : null
  return form && Object.hasOwn(form.events, event) ? form.events[event]! : null
}

/** The kind of a field of an event, or null when the event has no such field. Open fields (`data.x`) hold what the sender put there. */
export const fieldKind = (tool: string, event: string, field: string): FieldKind | 'any' | null => {
  const form = eventForm(tool, event)
  if (!form) return null
  if (Object.hasOwn(form.fields, field)) return form.fields[field]!
  const { open } = tools[tool]!
  return open !== null && field.startsWith(open) && /^[A-Za-z0-9_.-]{1,80}$/.test(field) && field.length > open.length
    ? 'any'
    : null
}
