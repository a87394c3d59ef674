/**
 * What does each message of a runner give away, and what of it stays when short texts may not leave?
 * The levels are those declared beside the schemas.
 */
import { ErrandReport } from './errand.ts'
import { LookReport } from './look.ts'
import { keptText, levelTree, type Level, type LevelTree } from './level.ts'
import {
  AckRequest,
  BeatRequest,
  HelloRequest,
  LeaseRequest,
  OrdersRequest,
  PairPoll,
  PairRequest,
  RefuseRequest,
  Report,
  ReportRequest,
  TokenRequest,
} from './messages.ts'

/** Every message that a runner sends, beside the bytes of bodies and logs. */
export const outgoing = {
  pair: PairRequest,
  'pair poll': PairPoll,
  token: TokenRequest,
  hello: HelloRequest,
  lease: LeaseRequest,
  ack: AckRequest,
  refuse: RefuseRequest,
  beat: BeatRequest,
  reports: ReportRequest,
  report: Report, // one of them: each is noted by itself
  orders: OrdersRequest,
  look: LookReport,
  errand: ErrandReport,
} as const
export type Outgoing = keyof typeof outgoing

const trees = Object.fromEntries(Object.entries(outgoing).map(([name, schema]) => [name, levelTree(schema)])) as Record<
  Outgoing,
  LevelTree
>

/** The level of every value in a message, in order: the path of its field (lists folded into `[]`), and the value. */
export const fieldsWithLevels = (
  of: Outgoing,
  message: unknown,
): { field: string; level: Level; value: string | number | boolean }[] => {
  const found: { field: string; level: Level; value: string | number | boolean }[] = []
  walk(trees[of], message, '', (field, level, value) => found.push({ field, level, value }))
  return found
}

/** The message with every short text replaced, and the texts themselves. Also what no schema knows is kept. */
export const withoutExcerpts = <T>(
  of: Outgoing,
  message: T,
): { message: T; kept: { field: string; text: string }[] } => {
  const kept: { field: string; text: string }[] = []
  const without = (tree: LevelTree | undefined, value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => without(below(tree), one, `${at}[]`))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => [
          name,
          without(below(tree, name), one, at ? `${at}.${name}` : name),
        ]),
      )
    if (typeof value !== 'string' || levelIn(tree) !== 'excerpt' || value === '') return value
    kept.push({ field: at, text: value })
    return keptText
  }
  return { message: without(trees[of], message, '') as T, kept }
}

const walk = (
  tree: LevelTree | undefined,
  value: unknown,
  at: string,
  tell: (field: string, level: Level, value: string | number | boolean) => void,
): void => {
  if (value === null || value === undefined) return
  if (Array.isArray(value)) return value.forEach((one) => walk(below(tree), one, `${at}[]`, tell))
  if (typeof value === 'object')
    return Object.entries(value).forEach(([name, one]) =>
      walk(below(tree, name), one, at ? `${at}.${name}` : name, tell),
    )
  tell(at, levelIn(tree), value as string | number | boolean)
}

/** What was said of the whole holds for its parts. */
const below = (tree: LevelTree | undefined, name?: string): LevelTree | undefined =>
  tree?.level ? tree : ((name === undefined ? undefined : tree?.fields?.[name]) ?? tree?.every)

// What nobody has declared is taken for a text.
const levelIn = (tree: LevelTree | undefined): Level => tree?.level ?? 'excerpt'
