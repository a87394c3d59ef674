// What does a source file import, export and reach for?
import { parseSync } from 'rolldown/utils'

/** `names`: what is taken from there, by the names it is exported under; null when that cannot be told (`*`, `import()`). */
export type Import = { specifier: string; line: number; typeOnly: boolean; names: string[] | null }
export type Reach = { what: string; line: number }
export type Syntax = {
  imports: Import[]
  exports: { name: string; line: number }[]
  /** True when the file does nothing but pass on what other files export. */
  isBarrel: boolean
  /** Names of the platform the file uses without declaring them, such as `process` or `Date.now`. */
  reaches: Reach[]
  /** Regular expressions that are written out. */
  patterns: { line: number; pattern: string }[]
  /** How often each identifier stands in the file, its declaration included. */
  mentions: Map<string, number>
}

type Node = { type: string; start: number; [key: string]: unknown }

// What makes a program depend on when, where and by whom it is run.
const PLATFORM = new Set(
  (
    'process global globalThis window self document navigator location crypto performance fetch WebSocket EventSource ' +
    'XMLHttpRequest Worker setTimeout setInterval setImmediate queueMicrotask console Buffer require localStorage ' +
    'sessionStorage indexedDB'
  ).split(' '),
)

/** Reads one file. Throws when it cannot be parsed. */
export function readSyntax(path: string, text: string): Syntax {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const line = (node: Node) => text.slice(0, node.start).split('\n').length
  const body = program.body as unknown as Node[]
  const found: Syntax = {
    imports: [],
    exports: [],
    isBarrel: isBarrel(body),
    reaches: [],
    patterns: [],
    mentions: new Map(),
  }
  const declared = new Set<string>()
  walk(program as unknown as Node, (node) => {
    for (const name of namesDeclaredBy(node)) declared.add(name)
  })
  walk(program as unknown as Node, (node, parent, key) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined)
      found.imports.push({ specifier, line: line(node), typeOnly: isTypeOnly(node), names: namesTakenBy(node) })
    const regex = node['regex'] as { pattern: string } | undefined
    if (node.type === 'Literal' && regex) found.patterns.push({ line: line(node), pattern: regex.pattern })
    if (node.type === 'Identifier') {
      const name = node['name'] as string
      found.mentions.set(name, (found.mentions.get(name) ?? 0) + 1)
    }
    for (const name of exportedBy(node)) found.exports.push({ name, line: line(node) })
    const what = reachOf(node, parent, key, declared)
    if (what !== undefined) found.reaches.push({ what, line: line(node) })
  })
  return found
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function walk(node: Node, visit: (node: Node, parent?: Node, key?: string) => void, parent?: Node, key?: string): void {
  visit(node, parent, key)
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node, name)
  }
}

const isBarrel = (body: Node[]): boolean =>
  body.length > 0 &&
  body.every(
    ({ type, source }) => type === 'ExportAllDeclaration' || (type === 'ExportNamedDeclaration' && isNode(source)),
  )

/** The literal after `from`, in `import()`, in a type's `import()` and in `require()`; undefined for every other node. */
function specifierOf(node: Node): string | undefined {
  const isImport = /^(Import|ExportAll|ExportNamed)Declaration$|^ImportExpression$|^TSImportType$/.test(node.type)
  const isRequire = node.type === 'CallExpression' && isNode(node['callee']) && node['callee']['name'] === 'require'
  const source = isImport ? node['source'] : isRequire ? (node['arguments'] as unknown[])[0] : undefined
  return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined
}

/** The exported names that an import or a passing on names; null where any may be meant. */
function namesTakenBy(node: Node): string[] | null {
  if (!/^(Import|ExportNamed)Declaration$/.test(node.type)) return null
  const taken = (node['specifiers'] as Node[]).map((one) =>
    one.type === 'ImportDefaultSpecifier' ? ['default'] : namesIn(one['imported'] ?? (isExport(one) && one['local'])),
  )
  return taken.every((names) => names.length === 1) ? taken.flat() : null
}

const isExport = ({ type }: Node): boolean => type === 'ExportSpecifier'

const isTypeOnly = (node: Node): boolean =>
  node['importKind'] === 'type' || node['exportKind'] === 'type' || node.type === 'TSImportType'

function exportedBy(node: Node): string[] {
  if (node.type === 'ExportDefaultDeclaration') return namesIn((node['declaration'] as Node)['id'])
  if (node.type !== 'ExportNamedDeclaration') return []
  const specifiers = (node['specifiers'] as Node[]).flatMap(({ exported }) => namesIn(exported))
  const declaration = node['declaration']
  if (!isNode(declaration)) return specifiers
  const ids =
    declaration.type === 'VariableDeclaration'
      ? (declaration['declarations'] as Node[]).map(({ id }) => id)
      : [declaration['id']]
  return ids.flatMap(namesIn)
}

function namesDeclaredBy(node: Node): string[] {
  if (/^Import.*Specifier$/.test(node.type)) return namesIn(node['local'])
  if (/^(VariableDeclarator|FunctionDeclaration|ClassDeclaration|TSTypeAliasDeclaration)$/.test(node.type)) {
    return [...namesIn(node['id']), ...namesIn(node['params'])]
  }
  if (node.type === 'CatchClause') return namesIn(node['param'])
  return Array.isArray(node['params']) ? namesIn(node['params']) : []
}

/** Every name a pattern binds: `{ a, b: [c] }` binds a and c. A default value binds nothing. */
function namesIn(pattern: unknown): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(namesIn)
  if (!isNode(pattern)) return []
  if (pattern.type === 'Identifier') return [pattern['name'] as string]
  const inner = {
    ObjectPattern: 'properties',
    ArrayPattern: 'elements',
    Property: 'value',
    AssignmentPattern: 'left',
    RestElement: 'argument',
  }
  const key = (inner as Record<string, string>)[pattern.type]
  return key === undefined ? [] : namesIn(pattern[key])
}

function reachOf(
  node: Node,
  parent: Node | undefined,
  key: string | undefined,
  declared: Set<string>,
): string | undefined {
  const object = node['object']
  const property = node['property']
  if (node.type === 'MemberExpression' && isNode(object) && isNode(property)) {
    const name = `${String(object['name'])}.${String(property['name'] ?? property['value'])}`
    if (name === 'Date.now' || name === 'Math.random') return name
  }
  if (/^(New|Call)Expression$/.test(node.type) && isNode(node['callee']) && node['callee']['name'] === 'Date') {
    if (node.type === 'CallExpression' || (node['arguments'] as unknown[]).length === 0) return 'Date without a time'
  }
  if (node.type === 'MetaProperty') return 'import.meta'
  if (node.type !== 'Identifier' || isOnlyAName(parent, key)) return undefined
  const name = node['name'] as string
  return PLATFORM.has(name) && !declared.has(name) ? name : undefined
}

/** True for `x` in `a.x` and `{ x: 1 }`: the name of a part, not a use of the global of that name. */
function isOnlyAName(parent: Node | undefined, key: string | undefined): boolean {
  if (parent === undefined || parent['computed'] === true) return false
  if (parent.type === 'MemberExpression') return key === 'property'
  if (/Specifier$|^TSQualifiedName$|^TSNamedTupleMember$|^MetaProperty$|^LabeledStatement$/.test(parent.type))
    return true
  return key === 'key'
}
