/**
 * What plain values does a YAML text hold, and where does each stand?
 * YAML 1.2 core schema, one document, bounded in size, depth and expansion. It never runs a tag, and it knows nothing of workflows.
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { isAlias, isMap, isScalar, isSeq, Lexer, parseDocument, type Document, type Node, type Pair, type Scalar } from 'yaml'
import { firstHidden } from '../policy/hidden.ts'
import type { Mistakes, Path, Spot } from './mistakes.ts'

/** The largest file in bytes, the deepest nesting, and the most values after aliases are followed. */
export const limits = { bytes: 262_144, depth: 24, values: 20_000 } as const

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain }
type Located = { spot: Spot; parts: Map<string | number, { key: Spot | null; node: Located }> | null }

/** A text read: its plain value (null when it cannot be read at all) and the spot of any path. */
export type Source = { value: Plain; readable: boolean; spotOf: (path: Path, at: 'key' | 'value') => Spot }

/** Reads a YAML text. What is wrong with the YAML itself goes to `mistakes`; `readable` says whether going on makes sense. */
export const readSource = (text: string, mistakes: Mistakes): Source => {
  const nowhere: Source = { value: null, readable: false, spotOf: () => ({ from: 0, to: 0 }) }
  if (!mayBeRead(text, mistakes)) return nowhere
  let document: Document.Parsed
  try {
    document = parseDocument(text, { keepSourceTokens: false, prettyErrors: false, stringKeys: false, uniqueKeys: false, resolveKnownTags: false, version: '1.2', logLevel: 'error' })
  } catch (error) {
    mistakes.add({ code: 'yaml', path: [], spot: { from: 0, to: text.length }, message: `This cannot be read as YAML: ${error instanceof Error ? error.message : 'unknown reason'}.` })
    return nowhere
  }
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) mistakes.add({ code: 'yaml', path: [], spot: { from: pos[0], to: pos[1] }, ...(yamlWords[code] ?? { message: `${message.split('\n')[0]}.`.replace(/\.\.$/, '.') }) })
  if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') mistakes.add({ code: 'yaml', path: [], spot: { from: 0, to: text.indexOf('\n') }, message: 'Only YAML 1.2 is read here; take the %YAML line out.' })
  const { value, located, whole } = plainOf(document.contents, mistakes)
  return { value, readable: whole && document.errors.length === 0, spotOf: (path, at) => spotIn(located, path, at) }
}

const yamlWords: Partial<Record<string, { message: string; expected?: string }>> = {
  TAB_AS_INDENT: { message: 'A tab indents this line; YAML takes blanks only.', expected: 'blanks' },
  MULTIPLE_DOCS: { message: 'A second document begins here; one file holds one document.', expected: 'one document' },
  TAG_RESOLVE_FAILED: { message: 'Tags (words that begin with !) are not taken here.', expected: 'a plain value' },
  BAD_ALIAS: { message: 'This alias names no anchor above it.' },
}

/** Checks that cost little and come before the parser, so that no text can tire it. */
const mayBeRead = (text: string, mistakes: Mistakes): boolean => {
  const refuse = (message: string, spot: Spot, code = 'yaml'): boolean => (mistakes.add({ code, path: [], spot, message }), false)
  if (text.length > limits.bytes || utf8ToBytes(text.toWellFormed()).length > limits.bytes) return refuse(`The file is larger than ${limits.bytes / 1024} kB.`, { from: 0, to: 0 }, 'too_large')
  if (!text.isWellFormed()) return refuse('The text holds half a character (a lone surrogate).', { from: 0, to: 0 })
  const hidden = firstHidden(text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text, { joiners: true })
  if (hidden) return refuse(`A hidden character (${hidden.code}) stands here; a reader could not see it.`, { from: hidden.at, to: hidden.at + 1 }, 'hidden_character')
  return shallow(text) || refuse(`The file is nested deeper than ${limits.depth} levels.`, { from: 0, to: 0 }, 'too_deep')
}

/** Is the nesting bounded? Counts brackets and the marks of one line by the lexer, which does not recurse as the parser does. */
const shallow = (text: string): boolean => {
  let flow = 0
  let marks = 0
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++
    else if (token === ']' || token === '}') flow--
    else if (token === '-' || token === '?') marks++
    else if (token.startsWith('\n') || token.startsWith('\r')) marks = 0
    if (flow > limits.depth || marks > limits.depth) return false
  }
  return true
}

const plainOf = (root: Node | null, mistakes: Mistakes): { value: Plain; located: Located; whole: boolean } => {
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
    if (++count > limits.values) return stop('too_large', `The file holds more than ${limits.values} values after its aliases are followed.`, spot), nothing
    if (depth > limits.depth) return stop('too_deep', `The file is nested deeper than ${limits.depth} levels.`, spot), nothing
    if (!node) return nothing
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      if (!target) return stop('yaml', `The alias *${node.source} names no anchor above it.`, spot), nothing
      if (open.has(target)) return stop('yaml', `The alias *${node.source} holds itself.`, spot), nothing
      const read = walk(target, depth, spot)
      return { value: read.value, located: { spot, parts: read.located.parts } }
    }
    if ('anchor' in node && node.anchor) anchors.set(node.anchor, node)
    open.add(node)
    const read = isMap(node) ? mapOf(node.items as Pair<Node, Node | null>[], depth, spot) : isSeq(node) ? listOf(node.items as Node[], depth, spot) : { value: scalarOf(node as Scalar, spot), located: { spot, parts: null } }
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
        mistakes.add({ code: 'yaml', path: [], spot: keySpot, message: name === null ? 'A key must be a plain word.' : '`__proto__` cannot be a key.', expected: 'a plain word' })
        continue
      }
      if (name === '<<' && (key as Scalar).type === 'PLAIN') {
        if (held) merged.push(held)
        continue
      }
      if (Object.hasOwn(value, name)) {
        mistakes.add({ code: 'duplicate_key', path: [], spot: keySpot, message: `\`${name}\` stands here twice; the first is on another line.`, found: name, expected: 'each key once' })
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
  const merge = (source: Node, value: { [key: string]: Plain }, parts: NonNullable<Located['parts']>, depth: number, spot: Spot): void => {
    const from = walk(source, depth + 1, spot)
    const sources = Array.isArray(from.value) ? from.value.map((item, i) => ({ value: item, located: from.located.parts!.get(i)!.node })) : [from]
    for (const { value: held, located } of sources) {
      if (held === null || typeof held !== 'object' || Array.isArray(held)) {
        mistakes.add({ code: 'yaml', path: [], spot: located.spot, message: '`<<` merges mappings only.', expected: 'an alias of a mapping' })
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
      if (!value.isWellFormed() || firstHidden(value, { joiners: true })) mistakes.add({ code: 'hidden_character', path: [], spot, message: 'This text holds a hidden or broken character, written as an escape.' })
      return value.toWellFormed()
    }
    if (typeof value === 'number' && Number.isFinite(value)) return Object.is(value, -0) ? 0 : value
    if (typeof value === 'boolean' || value === null) return value
    mistakes.add({ code: 'wrong_type', path: [], spot, message: 'This is not a value that JSON can hold.', found: String(value), expected: 'text, a number, true or false' })
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

const spotOfNode = (node: Node | null | undefined, around: Spot): Spot => (node?.range ? { from: node.range[0], to: node.range[1] } : around)

/** The spot of a path; of its nearest holder where the path itself is not in the text. */
const spotIn = (root: Located, path: Path, at: 'key' | 'value'): Spot => {
  let held = root
  let key: Spot | null = null
  for (const [i, part] of path.entries()) {
    const next = held.parts?.get(part)
    if (!next) return key ?? firstLineOf(held, i === 0)
    held = next.node
    key = next.key
  }
  return at === 'key' && key ? key : held.spot
}

/** A missing key is shown at the key that should hold it; at the root, at the first key. */
const firstLineOf = (held: Located, root: boolean): Spot => {
  const first = held.parts?.values().next().value
  return first ? (first.key ?? (root ? first.node.spot : held.spot)) : held.spot
}
