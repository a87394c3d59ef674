/**
 * Which characters of a YAML text must change so that a list has one value more or less, or a mapping one key?
 * Only these: comments, order and spelling of everything else stay. It knows nothing of workflows.
 */
import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'

/** Replaces the characters [from, to) by `text`. */
export type Splice = { readonly from: number; readonly to: number; readonly text: string }
type Value = string | number | boolean
type Map = YAMLMap<Node, Node | null>

/** The text with these characters replaced. */
export const spliced = (source: string, { from, to, text }: Splice): string =>
  `${source.slice(0, from)}${text}${source.slice(to)}`

const plainWord = /^[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$/
const otherThings = /^(true|false|null|yes|no|on|off|y|n)$/i
/** A value as it is written in YAML, in a flow or a block. */
export const written = (value: Value): string =>
  typeof value !== 'string' || (plainWord.test(value) && !otherThings.test(value) && !value.endsWith(' '))
    ? String(value)
    : JSON.stringify(value)

/** One value more: a text becomes a list of two, a list gets a further entry. Null where it is written in a way that has no room for it. */
export const withValue = (source: string, node: Node | null, value: Value): Splice | null => {
  if (!node?.range) return null
  if (isScalar(node)) {
    if (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL' || node.value === null) return null
    const held = source.slice(node.range[0], node.range[1])
    const kept = node.type === 'PLAIN' && /[[\]{},\n]/.test(held) ? written(node.value as Value) : held
    return { from: node.range[0], to: node.range[1], text: `[${kept}, ${written(value)}]` }
  }
  if (!isSeq(node)) return null
  const last = node.items.at(-1) as Node | undefined
  if (!last?.range) return null
  if (node.flow) return { from: last.range[1], to: last.range[1], text: `, ${written(value)}` }
  const at = endOfLine(source, last.range[1])
  return { from: at, to: at, text: `\n${indentOf(source, (node.items[0] as Node).range![0], '-')}- ${written(value)}` }
}

/** One value less. Null where it is not in the list, or would leave nothing. */
export const withoutValue = (source: string, node: Node | null, value: Value): Splice | null => {
  if (!isSeq(node) || node.items.length < 2) return null
  const items = node.items as Node[]
  const at = items.findIndex((item) => isScalar(item) && item.value === value)
  return at < 0
    ? null
    : without(
        source,
        node as YAMLSeq<Node>,
        items.map((item) => [item.range![0], item.range![1]]),
        at,
      )
}

/** One key more, at the end of the mapping. */
export const withKey = (source: string, map: Map, text: string): Splice | null => {
  const last = map.items.at(-1)
  if (!map.range) return null
  if (!last) return { from: map.range[0], to: map.range[1], text: `{ ${text} }` }
  const [first] = map.items
  const end = last.value?.range?.[1] ?? last.key.range![1]
  if (map.flow) return { from: end, to: end, text: `, ${text}` }
  // A block within the last value may end with a blank line of its own: the new key comes right behind its last character.
  const at = endOfLine(source, source.slice(0, end).trimEnd().length)
  return { from: at, to: at, text: `\n${indentOf(source, first!.key.range![0], null)}${text}` }
}

/** One key less. */
export const withoutKey = (source: string, map: Map, pair: Pair<Node, Node | null>): Splice | null => {
  const spans = map.items.map(({ key, value }): [number, number] => [key.range![0], value?.range?.[1] ?? key.range![1]])
  if (spans.length === 1) return map.flow ? { from: map.range![0], to: map.range![1], text: '{}' } : null
  return without(source, map, spans, map.items.indexOf(pair))
}

/** Another value in the place of this one. */
export const replaced = (node: Node | null, value: Value): Splice | null =>
  isScalar(node) && node.range ? { from: node.range[0], to: node.range[1], text: written(value) } : null

const without = (
  source: string,
  holder: { flow?: boolean },
  spans: (readonly [number, number])[],
  at: number,
): Splice | null => {
  const [from, to] = spans[at]!
  if (holder.flow) return at === 0 ? { from, to: spans[1]![0], text: '' } : { from: spans[at - 1]![1], to, text: '' }
  const start = source.lastIndexOf('\n', from - 1) + 1
  // `- linear: …` or `key: - a`: more than its own mark stands on this line, so the line cannot go as a whole.
  if (!/^[ ]*(- )?$/.test(source.slice(start, from)) || (isFirstOnDash(source, start, from) && isMap(holder)))
    return at + 1 < spans.length ? { from, to: spans[at + 1]![0], text: '' } : null
  const end = endOfLine(source, source.slice(0, to).trimEnd().length)
  return { from: start, to: Math.min(end + 1, source.length), text: '' }
}

const isFirstOnDash = (source: string, start: number, from: number): boolean => source.slice(start, from).includes('-')

const endOfLine = (source: string, at: number): number => {
  const end = source.indexOf('\n', at)
  return end < 0 ? source.length : end
}

/** The blanks before a line's first entry; a key that follows a dash on its line stands below that key, not below the dash. */
const indentOf = (source: string, at: number, mark: '-' | null): string => {
  const start = source.lastIndexOf('\n', at - 1) + 1
  const before = source.slice(start, at)
  return mark === '-' ? before.slice(0, before.indexOf('-')) : ' '.repeat(before.length)
}
