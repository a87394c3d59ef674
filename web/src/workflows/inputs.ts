/** Which values does a filled form give for the inputs a workflow declares? */
import type { Trigger } from '@viewportai/core/workflow/compiled'

export type Inputs = Trigger['inputs']

/** Values with their declared types. Empty fields are left out: the workflow's default holds. */
export const inputsFrom = (
  declared: Inputs,
  filled: Readonly<Record<string, string>>,
): { values: Record<string, string | number | boolean>; missing: string[]; wrong: string[] } => {
  const values: Record<string, string | number | boolean> = {}
  const missing: string[] = []
  const wrong: string[] = []
  for (const [name, { type, required, default: standard }] of Object.entries(declared)) {
    const text = filled[name]?.trim() ?? (type === 'boolean' && standard !== null ? String(standard) : '')
    if (text === '') {
      if (required && standard === null) missing.push(name)
    } else if (type === 'number') {
      if (Number.isFinite(Number(text))) values[name] = Number(text)
      else wrong.push(name)
    } else values[name] = type === 'boolean' ? text === 'true' : text
  }
  return { values, missing, wrong }
}
