/** What does a message give away, one line per field: how often it occurs and how many bytes its values have? */
import { keptText, type Level } from '@viewportai/core/wire/level'
import { fieldsWithLevels, type Outgoing } from '@viewportai/core/wire/message-levels'

/** `kept`: how many of them were texts that stayed here. */
export type Field = {
  readonly field: string
  readonly level: Level
  readonly count: number
  readonly bytes: number
  readonly kept?: number
}

/** The fields of a message, lists folded into one line. */
export const fieldsOf = (of: Outgoing, message: unknown): Field[] => {
  const found = new Map<string, { field: string; level: Level; count: number; bytes: number; kept: number }>()
  for (const { field, level: declared, value } of fieldsWithLevels(of, message)) {
    const isKept = value === keptText
    const level = isKept ? 'metadata' : declared
    const seen = found.get(`${field} ${level}`) ?? { field, level, count: 0, bytes: 0, kept: 0 }
    found.set(`${field} ${level}`, {
      ...seen,
      count: seen.count + 1,
      bytes: seen.bytes + Buffer.byteLength(String(value)),
      kept: seen.kept + Number(isKept),
    })
  }
  return [...found.values()].map(({ kept, ...field }) => (kept > 0 ? { ...field, kept } : field))
}
