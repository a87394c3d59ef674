/**
 * Are these the parameters of this action?
 * Checked when a workflow is saved and again, rendered, right before the effect. It never fills a template.
 */
import { z } from 'zod'
import { issueWords } from '../api/issue-words.ts'
import { actionForm } from './actions.ts'
import type { ParamForm } from './form.ts'

const valueOf = (form: ParamForm): z.ZodType => {
  switch (form.kind) {
    case 'template':
      return z.string().min(1).max(20_000)
    case 'text':
      return z.string().min(1).max(500)
    case 'flag':
      return z.boolean()
    case 'number':
      return z.number()
    case 'words':
      return z.enum(form.words as [string, ...string[]])
    case 'list':
      return z.array(z.string().min(1).max(200)).max(50)
    case 'json':
      return z.json()
  }
}

const schemas = new Map<string, z.ZodType<Record<string, unknown>>>()

/** The schema of an action's rendered parameters: strict, required ones present. null when there is no such action. */
const paramsSchema = (name: string): z.ZodType<Record<string, unknown>> | null => {
  const form = actionForm(name)
  if (!form) return null
  const held = schemas.get(name)
  if (held) return held
  const shape = Object.fromEntries(
    Object.entries(form.params).map(([key, param]) => [
      key,
      param.required ? valueOf(param) : valueOf(param).optional(),
    ]),
  )
  const schema = z.strictObject(shape)
  schemas.set(name, schema)
  return schema
}

export type ParamsRead = { ok: true; params: Record<string, unknown> } | { ok: false; why: string }

/** Reads rendered parameters right before an effect. An unknown action or a missing field is a failure, never a quiet success. */
export const readParams = (name: string, params: unknown): ParamsRead => {
  const schema = paramsSchema(name)
  if (!schema) return { ok: false, why: `there is no action ${name}` }
  const read = schema.safeParse(params)
  if (read.success) return { ok: true, params: read.data }
  const [first] = read.error.issues
  return { ok: false, why: `${[name, ...(first?.path ?? [])].join('.')}: ${first ? issueWords(first) : 'not valid'}` }
}
