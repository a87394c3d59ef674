/**
 * What of a markdown text may become part of a page?
 * Steps on the syntax trees before and after sanitising. Whatever is not drawn is shown as the text it was written as: nothing disappears.
 */
import { defaultSchema } from 'rehype-sanitize'
import { drawnAs, reveal } from './hidden.ts'

/** The parts of mdast and hast that are used here. */
export type Node = {
  type: string
  value?: string
  url?: string
  title?: string | null
  lang?: string | null
  meta?: string | null
  tagName?: string
  properties?: Record<string, unknown>
  children?: Node[]
  position?: { start: { offset?: number }; end: { offset?: number } }
}

const walk = (node: Node, change: (child: Node, at: number, parent: Node) => Node[] | null): void => {
  if (!node.children) return
  const next: Node[] = []
  node.children.forEach((child, at) => {
    const replaced = change(child, at, node)
    if (replaced) next.push(...replaced)
    else {
      walk(child, change)
      next.push(child)
    }
  })
  node.children = next
}

const sourceOf = (node: Node, source: string): string =>
  source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0)

/** HTML, images, definitions, links that may not be followed and titles that nobody sees become the text they were written as. `file` is what remark gives a step: the source. */
export const asWritten =
  () =>
  (tree: Node, file: { toString(): string }): void => {
    const source = String(file)
    walk(tree, (node) => {
      const written = (): Node => ({ type: 'inlineCode', value: sourceOf(node, source) })
      if (node.type === 'html' || node.type === 'image' || node.type === 'imageReference') return [written()]
      if (node.type === 'link' && (node.title || targetOf(node.url) === null)) return [written()]
      if (node.type === 'code' && node.meta)
        return [
          { type: 'paragraph', children: [{ type: 'inlineCode', value: `${node.lang ?? ''} ${node.meta}` }] },
          node,
        ]
      if (node.type === 'definition' || node.type === 'footnoteDefinition')
        return [{ type: 'paragraph', children: [written()] }]
      return null
    })
  }

/** What remains after asWritten: structure, no attributes but the few that carry meaning. */
export const schema: typeof defaultSchema = {
  ...defaultSchema,
  tagNames: [
    'p',
    'br',
    'hr',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'ul',
    'ol',
    'li',
    'blockquote',
    'pre',
    'code',
    'em',
    'strong',
    'del',
    'a',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
    'input',
  ],
  attributes: {
    a: ['href'],
    ol: ['start'],
    code: [['className', /^language-./]],
    input: [['type', 'checkbox'], 'checked', ['disabled', true]],
    th: ['align'],
    td: ['align'],
  },
  protocols: { href: ['http', 'https', 'mailto'] },
  required: { input: { type: 'checkbox', disabled: true } },
}

/** Hidden characters become marks, in prose and in code. Comes after sanitising: what it adds is ours. */
export const withMarks =
  () =>
  (tree: Node): void => {
    const inside = (node: Node, code: boolean): void => {
      node.children = node.children?.flatMap((child) => {
        if (child.type === 'text')
          return reveal(child.value ?? '', code).map((piece): Node =>
            typeof piece === 'string'
              ? { type: 'text', value: piece }
              : {
                  type: 'element',
                  tagName: 'mark',
                  properties: { className: ['uc'], title: `${piece.label}, ${piece.name}` },
                  children: [{ type: 'text', value: drawnAs(piece) }],
                },
          )
        inside(child, code || child.tagName === 'code')
        return [child]
      })
    }
    inside(tree, false)
  }

const citation = /(\[ctx-\d{1,4}(?:, ?ctx-\d{1,4})*\])/

/** `[ctx-1, ctx-3]` in prose becomes a raised "1, 3", the numbers of the table of context. In code it stays as it was written. */
export const withCitations =
  () =>
  (tree: Node): void =>
    walk(tree, (node) => {
      if (node.tagName === 'code' || node.tagName === 'pre') return [node]
      if (node.type !== 'text' || !citation.test(node.value ?? '')) return null
      return node.value!.split(citation).flatMap((piece, at, all): Node[] =>
        piece === ''
          ? []
          : at % 2 === 0
            ? [{ type: 'text', value: at === all.length - 1 ? piece : piece.replace(/ $/, '') }] // it stands close to its word
            : [
                {
                  type: 'element',
                  tagName: 'sup',
                  properties: { className: ['cite'], title: `cites ${piece.slice(1, -1)}` },
                  children: [{ type: 'text', value: piece.slice(1, -1).replaceAll('ctx-', '') }],
                },
              ],
      )
    })

/** Where a link leads, as a machine reads it (a look-alike host in punycode), or null when it may not be followed. */
export const targetOf = (href: string | undefined): string | null => {
  if (href === undefined) return null
  try {
    const url = new URL(href)
    return url.protocol === 'https:' || url.protocol === 'http:' || url.protocol === 'mailto:' ? url.href : null
  } catch {
    return null // a relative link of a document has no place here
  }
}
