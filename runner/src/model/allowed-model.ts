/**
 * Does a request ask for a model that the owner of this machine allows?
 * Read beyond doubt: the request is parsed and written anew, so that no second spelling of a name in it is read by the provider.
 */
import { fits } from '../policy/pattern.ts'
import { unpacked } from './read-body.ts'

/** Patterns that let every model through: nothing has to be read then. */
export const allowsAll = (patterns: readonly string[]): boolean => patterns.includes('**')

/** The request as it may go, plain JSON; or the model that is refused (null: it names none). `rest`: the path at the provider. */
export const onlyAllowed = (
  patterns: readonly string[],
  rest: string,
  body: Buffer,
  encoding: string | undefined,
): { readonly body: Buffer } | { readonly refused: string | null } => {
  const inPath = /\/models\/([^/:?]+):/.exec(rest)?.[1]
  const asked = parsed(body, encoding)
  if (asked === null) return { refused: null }
  // Gemini's name stands in the path alone; the others may name more than one: for tools that ask models, or to fall back on.
  const { model, models, fallbacks, tools } = asked
  const names = [
    inPath ?? model,
    ...[models, fallbacks].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : [])).map(nameIn),
    ...(Array.isArray(tools) ? (tools as unknown[]) : []).map((tool) => (Object(tool) as { model?: unknown }).model),
  ]
  if (typeof names[0] !== 'string') return { refused: null }
  const wrong = names.find((name): name is string => typeof name === 'string' && !fits(name, patterns))
  return wrong === undefined ? { body: Buffer.from(JSON.stringify(asked)) } : { refused: wrong.slice(0, 120) }
}

const nameIn = (one: unknown): unknown => (typeof one === 'string' ? one : (Object(one) as { model?: unknown }).model)

const parsed = (body: Buffer, encoding: string | undefined): Record<string, unknown> | null => {
  try {
    const plain = unpacked(body, encoding)
    const value: unknown = plain && JSON.parse(plain.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
