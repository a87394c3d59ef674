/** Which paths does a repository give a context name? `.viewport/context.yaml`: name -> path, paths, or { paths, owner, max, pin }. */
import { parse } from 'yaml'
import { z } from 'zod'
import { globRefusal } from '@viewportai/core/policy/glob'

export const contextFile = '.viewport/context.yaml'

const Glob = z.string().refine((glob) => globRefusal(glob) === null, {
  error: (issue) => `${JSON.stringify(issue.input)} cannot be used: ${globRefusal(String(issue.input)) ?? ''}`,
})
const Paths = z.array(Glob).min(1).max(100)
const Names = z.record(
  z.string().max(120),
  z.union([
    Glob,
    Paths,
    z.strictObject({
      paths: z.union([Glob, Paths]),
      owner: z.string().max(120).optional(),
      max: z.int().positive().optional(),
      pin: z.boolean().optional(),
    }),
  ]),
)

/** `pin`: given first and always, whatever the ranking says. `max`: most documents; null: all. */
export type Named = { readonly paths: readonly string[]; readonly pin: boolean; readonly max: number | null }

/** Reads the file's text. A string says why it cannot be read. */
export const readNames = (text: string): Map<string, Named> | string => {
  let raw: unknown
  try {
    raw = parse(text, { maxAliasCount: 20 })
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'it is not YAML') : 'it is not YAML'
  }
  const read = Names.safeParse(raw ?? {})
  if (!read.success)
    return `${read.error.issues[0]?.path.join('.') ?? ''}: ${read.error.issues[0]?.message ?? 'not as expected'}`
  return new Map(
    Object.entries(read.data).map(([name, value]) => {
      if (typeof value === 'string' || Array.isArray(value))
        return [name, { paths: [value].flat(), pin: false, max: null }]
      return [name, { paths: [value.paths].flat(), pin: value.pin === true, max: value.max ?? null }]
    }),
  )
}
