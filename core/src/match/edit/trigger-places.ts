/**
 * Where in a workflow's text does each trigger stand?
 * In the order in which the compiler reads them. It never changes the text.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Node, type Pair, type YAMLMap } from 'yaml'
import { tools } from '../../event/tools.ts'

/** `entry`: the word (`linear.issue_assigned`), or the pair of the tool with its options. `options`: null where none are written. */
export type TriggerPlace = {
  readonly tool: string
  readonly event: string
  readonly entry: { readonly word: Node } | { readonly pair: Pair<Node, Node | null> }
  readonly options: YAMLMap<Node, Node | null> | null
}

/** The place of every trigger; null where aliases or merge keys write them, or nothing is written: then only a person can change the text safely. */
export const triggerPlaces = (source: string): TriggerPlace[] | null => {
  const { contents, errors } = parseDocument(source, { prettyErrors: false, version: '1.2', logLevel: 'error' })
  if (errors.length > 0 || !isMap(contents)) return null
  const written = contents.items.find(({ key }) => isScalar(key) && key.value === 'trigger')?.value as Node | undefined
  if (!written || isAliased(written)) return null
  return (isSeq(written) ? (written.items as Node[]) : [written]).flatMap(placesIn)
}

const isAliased = (node: Node): boolean => {
  let found = false
  visit(node, {
    Alias: () => {
      found = true
      return visit.BREAK
    },
    Node: (_, held) => {
      if ('anchor' in held && held.anchor) found = true
      return found ? visit.BREAK : undefined
    },
  })
  return found || isAlias(node)
}

const placesIn = (item: Node): TriggerPlace[] => {
  if (isScalar(item)) {
    const [tool = '', event = tools[tool]?.event ?? ''] = String(item.value).split('.')
    return [{ tool, event, entry: { word: item }, options: null }]
  }
  if (!isMap(item)) return []
  return (item.items as Pair<Node, Node | null>[]).flatMap((pair) => {
    const tool = String(isScalar(pair.key) ? pair.key.value : '')
    const options = isMap(pair.value) ? (pair.value as YAMLMap<Node, Node | null>) : null
    const named = options && pairOf(options, 'event')?.value
    const events = isSeq(named)
      ? named.items.map(textOf)
      : isScalar(named)
        ? [textOf(named)]
        : [tools[tool]?.event ?? '']
    return events.map((event) => ({ tool, event, entry: { pair }, options }))
  })
}

/** The pair of a mapping with this key. */
export const pairOf = (map: YAMLMap<Node, Node | null>, key: string): Pair<Node, Node | null> | undefined =>
  map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)

const textOf = (node: unknown): string => (isScalar(node) ? String(node.value) : '')
