/**
 * Which runs share a limit with this one?
 * Runs of one workflow whose concurrency key is the same text. It never counts them.
 */
import { sha256Hex } from '../digest/canonical.ts'
import { concurrencyKey, templateValues } from '../workflow/template-values.ts'
import type { RunSpec } from './spec.ts'

/** A short name for the limit that this run counts towards, or null when it stands alone. The key itself may hold text from outside, so it is hashed. */
export const slotOf = (
  spec: Pick<RunSpec, 'event' | 'inputs' | 'branch' | 'workflow' | 'rehearsal'>,
): string | null => {
  const { id, name, compiled } = spec.workflow
  // A rehearsal keeps no real run from starting, and takes none's place.
  if (compiled.concurrency === null || spec.rehearsal !== undefined) return null
  // A run has no id before it starts, and a key that named it would limit nothing.
  const run = {
    id: '',
    title: spec.event.subject.title,
    url: '',
    branch: '',
    workflow: name,
    source: spec.event.subject.label,
  }
  const key = concurrencyKey(compiled, templateValues(spec.event, spec.inputs, run))
  return key === null ? null : `${id}:${sha256Hex(key).slice(0, 32)}`
}
