/** How much does a field give away? Metadata (ids, digests, counts), paths, excerpts (short texts people wrote or agents said), or full bodies. */

export const levels = ['metadata', 'paths', 'excerpt', 'full'] as const
export type Level = (typeof levels)[number]

const excerpts =
  /(^|\.)(summary|check|reason|words|why|now|argv|choices|title|text|message|note|observed|about|secrets)(\.|\[|$)/
const paths = /(^|\.)(path|from|cwd|files|host|missing|url)(\.|\[|$)/

/** The level of the field at a path such as `result.files[]`. */
export const levelOf = (field: string): Level =>
  excerpts.test(field) ? 'excerpt' : paths.test(field) ? 'paths' : 'metadata'

/** What a message gives away, one line per field: how often it occurs and how many bytes its values have. */
export type Field = { readonly field: string; readonly level: Level; readonly count: number; readonly bytes: number }

/** The fields of a message, lists folded into one line. */
export const fieldsOf = (message: unknown): Field[] => {
  const found = new Map<string, { count: number; bytes: number }>()
  const visit = (value: unknown, at: string): void => {
    if (value === null || value === undefined) return
    if (Array.isArray(value)) return value.forEach((one) => visit(one, `${at}[]`))
    if (typeof value === 'object')
      return Object.entries(value).forEach(([key, one]) => visit(one, at ? `${at}.${key}` : key))
    const seen = found.get(at) ?? { count: 0, bytes: 0 }
    found.set(at, { count: seen.count + 1, bytes: seen.bytes + Buffer.byteLength(String(value)) })
  }
  visit(message, '')
  return [...found].map(([field, sums]) => ({ field, level: levelOf(field), ...sums }))
}

const texts = new Set(['summary', 'check', 'reason', 'words', 'why', 'title', 'note', 'now'])

/** The message with every short text replaced. What a gate is about (argv, choices) stays: without it nobody could decide. */
export const withoutExcerpts = <T>(message: T, key = ''): T => {
  if (typeof message === 'string') return (texts.has(key) ? '(kept on the runner)' : message) as T
  if (Array.isArray(message)) return message.map((one) => withoutExcerpts(one as unknown, key)) as T
  if (typeof message === 'object' && message !== null)
    return Object.fromEntries(
      Object.entries(message).map(([name, one]) => [name, withoutExcerpts(one as unknown, name)]),
    ) as T
  return message
}
