/**
 * Which requests can a tool's source send?
 * Read from the source itself: every place that names a method of HTTP, with the path beside it followed back through names, functions and their callers to the texts it is made
 * of. A place that is not understood is an error, never a gap. Only tests import it.
 */
import { readFileSync } from 'node:fs'
import { parseSync } from 'rolldown/utils'

/** `path`: without its query; `{}` stands for what is only known when it is sent. `at`: file and line. */
export type Sendable = { readonly method: string; readonly path: string; readonly at: string }

type Node = { type: string; start: number; [key: string]: unknown }
type Names = Readonly<Record<string, Node | undefined>>
type Source = { readonly file: string; readonly text: string; readonly program: Node }

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
const open = '{}'

/**
 * Every request of these files, sorted, each path once a method. `pages`: functions that give an address which the provider itself named (its next page); nothing is sent there
 * that was not sent before. Throws for a place it cannot follow.
 */
export const requestsIn = (files: readonly string[], pages: readonly string[]): Sendable[] => {
  const sources = files.map((file): Source => {
    const text = readFileSync(file, 'utf8')
    return { file, text, program: parseSync(file, text).program as unknown as Node }
  })
  const reader = readerOf(sources, new Set(pages))
  const all = sources.flatMap((source) => sitesIn(source, reader.up).flatMap((site) => reader.requestsAt(source, site)))
  const byName = new Map(all.map((one) => [`${one.method} ${one.path}`, one]))
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}

type Site = { readonly method: string; readonly path: Node; readonly whole: boolean; readonly node: Node }

/** Where a method is said: right before its path among the words of a call, or beside `url` in an object. */
const sitesIn = (source: Source, up: Map<Node, Node>): Site[] => {
  const sites: Site[] = []
  walk(source.program, (node) => {
    if (node.type !== 'Literal' || !methods.has(node['value'] as string)) return
    const parent = up.get(node)!
    if (parent.type === 'TSLiteralType') return
    const words = parent.type === 'CallExpression' ? (parent['arguments'] as Node[]) : []
    const path = words[words.indexOf(node) + 1]
    const object = up.get(parent)
    const url = object?.type === 'ObjectExpression' ? properties(object)['url'] : undefined
    if (words.includes(node) && path) sites.push({ method: String(node['value']), path, whole: false, node })
    else if (url) sites.push({ method: String(node['value']), path: url, whole: true, node })
    else throw new Error(`${placeOf(source, node)}: ${String(node['value'])} is said in a way that is not understood`)
  })
  return sites
}

const readerOf = (sources: readonly Source[], pages: ReadonlySet<string>) => {
  const up = new Map<Node, Node>()
  for (const { program } of sources) walk(program, (node, parent) => void (parent && up.set(node, parent)))
  const every = sources.flatMap(({ program }) => all(program))

  const within = (node: Node, ancestor: Node): boolean => {
    for (let at: Node | undefined = node; at; at = up.get(at)) if (at === ancestor) return true
    return false
  }
  const around = (node: Node, is: (one: Node) => boolean): Node | undefined => {
    for (let at = up.get(node); at; at = up.get(at)) if (is(at)) return at
    return undefined
  }
  const scopeOf = (node: Node): Node => around(node, (one) => isFunction(one) || one.type === 'Program')!

  /** What a name stands for where it is used: its declaration, or the parameter it is. */
  const declared = (name: string, from: Node): Node | undefined => {
    for (let scope = scopeOf(from); ; scope = scopeOf(scope)) {
      const parameter = isFunction(scope) ? (scope['params'] as Node[]).find((one) => binds(one, name)) : undefined
      if (parameter) return parameter
      const found = every.find(
        (one) => one.type === 'VariableDeclarator' && binds(one['id'] as Node, name) && scopeOf(one) === scope,
      )
      if (found) return found
      if (scope.type === 'Program') break
    }
    // Imported: the same name at the top of another of the files.
    return every.find(
      (one) => one.type === 'VariableDeclarator' && binds(one['id'] as Node, name) && scopeOf(one).type === 'Program',
    )
  }

  /** What is given for a parameter, at every call of its function. */
  const given = (parameter: Node, seen: ReadonlySet<Node>): string[] => {
    const made = up.get(parameter)!
    const holder = up.get(made)!
    const at = (made['params'] as Node[]).indexOf(parameter)
    if (holder.type !== 'VariableDeclarator') return [open]
    const name = (holder['id'] as Node)['name']
    const scope = scopeOf(holder)
    const calls = every.filter(
      (one) =>
        one.type === 'CallExpression' &&
        (one['callee'] as Node)['name'] === name &&
        (scope.type === 'Program' ? declared(String(name), one) === holder : within(one, scope)),
    )
    return calls.flatMap((one) => {
      const word = (one['arguments'] as Node[])[at]
      return word ? valuesOf(word, seen) : [open]
    })
  }

  const returned = (made: Node, seen: ReadonlySet<Node>): string[] => {
    const body = made['body'] as Node
    if (body.type !== 'BlockStatement') return valuesOf(body, seen)
    return all(body)
      .filter((one) => one.type === 'ReturnStatement' && scopeOf(one) === made && isNode(one['argument']))
      .flatMap((one) => valuesOf(one['argument'] as Node, seen))
  }

  const called = (node: Node, seen: ReadonlySet<Node>): string[] => {
    const callee = node['callee'] as Node
    const name = String(callee['name'] ?? (callee['property'] as Node | undefined)?.['name'])
    if (pages.has(name)) return []
    if (callee.type === 'Identifier') {
      const made = declared(name, node)?.['init']
      return isNode(made) && isFunction(made) ? returned(made, seen) : [open]
    }
    // `kind.path(number)`: every function of this name in an object of the same file.
    const program = around(node, (one) => one.type === 'Program')!
    const parts = all(program).filter(
      (one) => one.type === 'Property' && keyOf(one) === name && isFunction(one['value'] as Node),
    )
    return parts.length === 0 ? [open] : parts.flatMap((one) => returned(one['value'] as Node, seen))
  }

  /** All texts that an expression may be. */
  const valuesOf = (node: Node, before: ReadonlySet<Node>): string[] => {
    if (before.has(node)) return []
    const seen = new Set([...before, node])
    const of = (key: string): string[] => valuesOf(node[key] as Node, seen)
    switch (node.type) {
      case 'Literal':
        return node['value'] === null ? [] : [typeof node['value'] === 'string' ? node['value'] : open]
      case 'TemplateLiteral': {
        const texts = (node['quasis'] as Node[]).map((one) => (one['value'] as { cooked: string }).cooked)
        return (node['expressions'] as Node[]).reduce(
          (heads, part, n) => joined(joined(heads, valuesOf(part, seen)), [texts[n + 1]!]),
          [texts[0]!],
        )
      }
      case 'ConditionalExpression':
        return [...of('consequent'), ...of('alternate')]
      case 'LogicalExpression':
        return [...of('left'), ...of('right')]
      case 'BinaryExpression':
        return node['operator'] === '+' ? joined(of('left'), of('right')) : [open]
      case 'AwaitExpression':
        return of('argument')
      case 'TSNonNullExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'ParenthesizedExpression':
        return of('expression')
      case 'CallExpression':
        return called(node, seen)
      case 'MemberExpression': {
        // `asked[name]`: any of its parts. Of other objects nothing is known here.
        const object = node['object'] as Node
        const held = node['computed'] === true ? declared(String(object['name']), node)?.['init'] : undefined
        return isNode(held) && held.type === 'ObjectExpression'
          ? Object.values(properties(held)).flatMap((one) => valuesOf(one!, seen))
          : [open]
      }
      case 'Identifier': {
        const found = declared(String(node['name']), node)
        if (found?.type === 'Identifier') return given(found, seen)
        if (found?.type !== 'VariableDeclarator' || (found['id'] as Node).type !== 'Identifier') return [open]
        const later = all(scopeOf(found)).filter(
          (one) =>
            one.type === 'AssignmentExpression' &&
            (one['left'] as Node)['name'] === node['name'] &&
            declared(String(node['name']), one) === found,
        )
        return [
          ...(isNode(found['init']) ? valuesOf(found['init'], seen) : []),
          ...later.flatMap((one) => valuesOf(one['right'] as Node, seen)),
        ]
      }
      default:
        return [open]
    }
  }

  const requestsAt = (source: Source, { method, path, whole, node }: Site): Sendable[] => {
    const at = placeOf(source, node)
    return [...new Set(valuesOf(path, new Set()))].map((text) => {
      const told = (whole && text.startsWith(open) ? text.slice(open.length) : text).replace(/\?.*$/s, '')
      if (!told.startsWith('/')) throw new Error(`${at}: the path of this ${method} cannot be followed (${text})`)
      return { method, path: told, at }
    })
  }
  return { up, requestsAt }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
const isFunction = ({ type }: Node): boolean =>
  /^(ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(type)
const walk = (node: Node, visit: (node: Node, parent?: Node) => void, parent?: Node): void => {
  visit(node, parent)
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node)
}
const all = (node: Node): Node[] => {
  const found: Node[] = []
  walk(node, (one) => void found.push(one))
  return found
}
const keyOf = (property: Node): string => {
  const key = property['key'] as Node
  return String(key['name'] ?? key['value'])
}
const properties = (object: Node): Names =>
  Object.fromEntries(
    (object['properties'] as Node[]).flatMap((one) =>
      one.type === 'Property' ? [[keyOf(one), one['value'] as Node]] : [],
    ),
  )
/** Does a pattern bind this name? */
const binds = (pattern: Node, name: string): boolean =>
  pattern.type === 'Identifier'
    ? pattern['name'] === name
    : all(pattern).some((one) => one.type === 'Identifier' && one['name'] === name)
const joined = (heads: readonly string[], tails: readonly string[]): string[] =>
  heads.flatMap((head) => tails.map((tail) => head + tail))
const placeOf = ({ file, text }: Source, node: Node): string =>
  `${file.split('/').slice(-2).join('/')}:${text.slice(0, node.start).split('\n').length}`
