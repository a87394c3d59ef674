/**
 * What plain values does a parsed YAML document hold, and where does each stand?
 * Follows aliases and merge keys within bounds. It never runs a tag, and it knows nothing of workflows.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml'
import { firstHidden } from '../policy/hidden.ts'
import type { Mistakes, Spot } from './mistakes.ts'
import { limits } from './readable.ts'

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }
/** Where a value stands, and where its parts do. */
export type Located = { spot: Spot; parts: Map<string | number, { key: Spot | null; node: Located }> | null }

/** The value of a node parsed from this text. `whole`: false when a bound was met and the rest was left unread. */
export const plainOf = (
  root: Node | null,
  text: string,
  mistakes: Mistakes,
): { value: Plain; located: Located; whole: boolean } => {
  const anchors = new Map<string, Node>()
  const open = new Set<Node>()
  let count = 0
  let stopped = false

  const stop = (code: string, message: string, spot: Spot): void => {
    if (!stopped) mistakes.add({ code, path: [], spot, message })
    stopped = true
  }

  const walk = (node: Node | null | undefined, depth: number, around: Spot): { value: Plain; located: Located } => {
    const spot = spotOfNode(node, around)
    const nothing = { value: null, located: { spot, parts: null } }
    if (stopped) return nothing
    if (++count > limits.values)
      return (
        stop('too_large', `The file holds more than ${limits.values} values after its aliases are followed.`, spot),
        nothing
      )
    if (depth > limits.depth)
      return (stop('too_deep', `The file is nested deeper than ${limits.depth} levels.`, spot), nothing)
    if (!node) return nothing
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (!target) return (stop('yaml', `The alias *${node.source} names no anchor above it.`, spot), nothing)
      if (open.has(target)) return (stop('yaml', `The alias *${node.source} holds itself.`, spot), nothing)
      const read = walk(target, depth, spot)
      return { value: read.value, located: { spot, parts: read.located.parts } }
    }
    if ('anchor' in node && node.anchor) anchors.set(node.anchor, node)
    open.add(node)
    const read = isMap(node)
      ? mapOf(node.items as Pair<Node, Node | null>[], depth, spot)
      : isSeq(node)
        ? listOf(node.items as Node[], depth, spot)
        : { value: scalarOf(node as Scalar, spot), located: { spot, parts: null } }
    open.delete(node)
    return read
  }

  const listOf = (items: Node[], depth: number, spot: Spot) => {
    const parts: NonNullable<Located['parts']> = new Map()
    const value = items.map((item, i) => {
      const read = walk(item, depth + 1, spot)
      parts.set(i, { key: null, node: read.located })
      return read.value
    })
    return { value, located: { spot, parts } }
  }

  const mapOf = (items: Pair<Node, Node | null>[], depth: number, spot: Spot) => {
    const value: { [key: string]: Plain } = {}
    const parts: NonNullable<Located['parts']> = new Map()
    const merged: Node[] = []
    for (const { key, value: held } of items) {
      const keySpot = spotOfNode(key, spot)
      const name = keyOf(key)
      if (name === null || name === '__proto__') {
        mistakes.add({
          code: 'yaml',
          path: [],
          spot: keySpot,
          message: name === null ? 'A key must be a plain word.' : '`__proto__` cannot be a key.',
          expected: 'a plain word',
        })
        continue
      }
      if (name === '<<' && (key as Scalar).type === 'PLAIN') {
        if (held) merged.push(held)
        continue
      }
      if (Object.hasOwn(value, name)) {
        mistakes.add({
          code: 'duplicate_key',
          path: [],
          spot: keySpot,
          message: `\`${name}\` stands here twice; the first is on line ${lineOf(text, parts.get(name)!.key!)}.`,
          found: name,
          expected: 'each key once',
        })
        continue
      }
      const read = walk(held, depth + 1, { from: keySpot.to, to: keySpot.to })
      value[name] = read.value
      parts.set(name, { key: keySpot, node: read.located })
    }
    for (const source of merged) merge(source, value, parts, depth, spot)
    return { value, located: { spot, parts } }
  }

  /** `<<: *defaults` or a list of such: keys that are written out win, then the earlier source. */
  const merge = (
    source: Node,
    value: { [key: string]: Plain },
    parts: NonNullable<Located['parts']>,
    depth: number,
    spot: Spot,
  ): void => {
    const from = walk(source, depth + 1, spot)
    const sources = Array.isArray(from.value)
      ? from.value.map((item, i) => ({ value: item, located: from.located.parts!.get(i)!.node }))
      : [from]
    for (const { value: held, located } of sources) {
      if (held === null || typeof held !== 'object' || Array.isArray(held)) {
        mistakes.add({
          code: 'yaml',
          path: [],
          spot: located.spot,
          message: '`<<` merges mappings only.',
          expected: 'an alias of a mapping',
        })
        continue
      }
      for (const [name, inner] of Object.entries(held)) {
        if (Object.hasOwn(value, name)) continue
        value[name] = inner
        parts.set(name, located.parts!.get(name)!)
      }
    }
  }

  const scalarOf = (node: Scalar, spot: Spot): Plain => {
    const { value } = node
    if (typeof value === 'string') {
      // Escapes in quotes can write what the raw text may not hold.
      if (!value.isWellFormed() || firstHidden(value, { joiners: true }))
        mistakes.add({
          code: 'hidden_character',
          path: [],
          spot,
          message: 'This text holds a hidden or broken character, written as an escape.',
        })
      return value.toWellFormed()
    }
    if (typeof value === 'number' && Number.isFinite(value)) return Object.is(value, -0) ? 0 : value
    if (typeof value === 'boolean' || value === null) return value
    mistakes.add({
      code: 'wrong_type',
      path: [],
      spot,
      message: 'This is not a value that JSON can hold.',
      found: typeof value,
      expected: 'text, a number, true or false',
    })
    return null
  }

  const read = walk(root, 0, { from: 0, to: 0 })
  return { ...read, whole: !stopped }
}

const keyOf = (key: unknown): string | null => {
  if (!isScalar(key) || !['string', 'number', 'boolean'].includes(typeof key.value)) return null
  const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
  return name.isWellFormed() && !firstHidden(name) ? name : null
}

const spotOfNode = (node: Node | null | undefined, around: Spot): Spot =>
  node?.range ? { from: node.range[0], to: node.range[1] } : around

const lineOf = (text: string, { from }: Spot): number => text.slice(0, from).split('\n').length
