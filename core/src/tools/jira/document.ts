/**
 * How do texts become Jira's documents, and documents texts? (Atlassian Document Format)
 * Only paragraphs, line breaks, code and links are made. Nobody is mentioned: that would need a node of its own, which is never written.
 */
import type { Told } from './ask.ts'

type Node = Record<string, unknown>

/** Paragraphs by blank lines; `code` in backticks as the language quotes it; web addresses and [words](address) as links. */
export const documentOf = (text: string): Node => ({
  type: 'doc',
  version: 1,
  content: text
    .split(/\n{2,}/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => ({ type: 'paragraph', content: inline(part) })),
})

const inline = (part: string): Node[] =>
  part.split('\n').flatMap((line, at) => [...(at > 0 ? [{ type: 'hardBreak' }] : []), ...spans(line)])

const marked = /(`+) ?(.*?) ?\1(?!`)|\[([^\]]{1,200})\]\((https?:\/\/[^\s)]{1,1000})\)|(https?:\/\/[^\s<>)]{1,1000})/g

const spans = (line: string): Node[] => {
  const nodes: Node[] = []
  let last = 0
  const plain = (to: number): void => {
    if (to > last) nodes.push({ type: 'text', text: line.slice(last, to) })
  }
  for (const found of line.matchAll(marked)) {
    plain(found.index)
    last = found.index + found[0].length
    const [whole, , code, words, address, bare] = found
    if (code !== undefined && code !== '') nodes.push({ type: 'text', text: code, marks: [{ type: 'code' }] })
    else if (address ?? bare)
      nodes.push({ type: 'text', text: words ?? bare!, marks: [{ type: 'link', attrs: { href: address ?? bare } }] })
    else nodes.push({ type: 'text', text: whole })
  }
  plain(line.length)
  return nodes
}

const blocks = new Set(['paragraph', 'heading', 'blockquote', 'codeBlock', 'listItem', 'tableRow', 'panel', 'rule'])

/** The text of a document; a webhook has texts as they are. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  const parts: string[] = []
  const walk = (node: Told | null | undefined, depth: number): void => {
    if (typeof node !== 'object' || node === null || depth > 60) return
    const said = typeof node['text'] === 'string' ? node['text'] : node['attrs']?.['text']
    const piece = typeof said === 'string' ? said : node['type'] === 'hardBreak' ? '\n' : ''
    parts.push(piece)
    if (Array.isArray(node['content'])) for (const inside of node['content']) walk(inside as Told, depth + 1)
    if (blocks.has(String(node['type']))) parts.push('\n')
  }
  walk(value as Told, 0)
  return parts.join('').trim()
}
