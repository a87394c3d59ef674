/**
 * How much does a field of a message give away?
 * Declared beside the schema of the field, for everything that can hold a text; numbers, flags and fixed words say nothing but themselves. It keeps nothing back.
 */
import { z } from 'zod'

/**
 * metadata: ids, digests, counts, versions, names that a workflow or an admin chose. paths: names of files, refs, hosts, addresses. asked: what a person
 * decides on (commands, choices). excerpt: short texts of agents and of vpd about the work. full: the bytes of bodies and requests.
 */
export const levels = ['metadata', 'paths', 'asked', 'excerpt', 'full'] as const
export type Level = (typeof levels)[number]

/** How much may leave a runner: `metadata` keeps short texts there. The bytes of bodies are another choice (`bodies`). */
export const leavesLevels = ['metadata', 'excerpt'] as const
export type Leaves = (typeof leavesLevels)[number]
/** What stands in the place of a text that was kept. */
export const keptText = '(kept on the runner)'

const declared = z.registry<{ level: Level }>()
const at =
  (level: Level) =>
  <T extends z.ZodType>(schema: T): T => {
    declared.add(schema, { level })
    return schema
  }
export const metadata = at('metadata')
export const paths = at('paths')
export const asked = at('asked')
export const excerpt = at('excerpt')

/** The levels of a message, field by field. `every`: of each entry of a list or a record. */
export type LevelTree = { level?: Level; fields?: Record<string, LevelTree>; every?: LevelTree }

/** Reads the declarations of a schema. A field that can hold a text and has none throws: nobody has said what it gives away. */
export const levelTree = (schema: z.ZodType, place = ''): LevelTree => {
  const level = declared.get(schema)?.level
  if (level) return { level }
  const { def } = schema as unknown as { def: Def }
  switch (def.type) {
    case 'object':
      return {
        fields: Object.fromEntries(
          Object.entries(def.shape).map(([name, field]) => [name, levelTree(field, place ? `${place}.${name}` : name)]),
        ),
      }
    case 'array':
      return { every: levelTree(def.element, `${place}[]`) }
    case 'tuple':
      return {
        every: merged(
          def.items.map((item) => levelTree(item, `${place}[]`)),
          `${place}[]`,
        ),
      }
    case 'record':
      return { every: levelTree(def.valueType, `${place}.*`) }
    case 'union':
      return merged(
        def.options.map((option) => levelTree(option, place)),
        place,
      )
    case 'nullable':
    case 'optional':
    case 'default':
      return levelTree(def.innerType, place)
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
    case 'null':
      return { level: 'metadata' }
    default:
      throw new Error(
        `the field ${place} can hold a text (${def.type}) and has no level: say with metadata(), paths(), asked() or excerpt() what it gives away`,
      )
  }
}

type Def =
  | { type: 'object'; shape: Record<string, z.ZodType> }
  | { type: 'array'; element: z.ZodType }
  | { type: 'tuple'; items: z.ZodType[] }
  | { type: 'record'; valueType: z.ZodType }
  | { type: 'union'; options: z.ZodType[] }
  | { type: 'nullable' | 'optional' | 'default'; innerType: z.ZodType }
  | { type: 'number' | 'boolean' | 'enum' | 'literal' | 'null' }
  | { type: 'string' | 'unknown' }

/** One tree of several readings of a field; what they say of the same field must be the same. */
const merged = (trees: readonly LevelTree[], place: string): LevelTree => {
  const found = trees.filter(({ level, fields, every }) => level ?? fields ?? every)
  const given = new Set(found.flatMap(({ level }) => level ?? []))
  if (given.size > 1) throw new Error(`the field ${place} has two levels: ${[...given].join(', ')}`)
  const [level] = given
  const names = [...new Set(found.flatMap(({ fields }) => Object.keys(fields ?? {})))]
  const every = found.flatMap((tree) => tree.every ?? [])
  return {
    ...(level && { level }),
    ...(names.length > 0 && {
      fields: Object.fromEntries(
        names.map((name) => [
          name,
          merged(
            found.flatMap(({ fields }) => fields?.[name] ?? []),
            `${place}.${name}`,
          ),
        ]),
      ),
    }),
    ...(every.length > 0 && { every: merged(every, `${place}[]`) }),
  }
}
