/**
 * Which words of a comment of Jira are its writer's own, said plainly?
 * Documents and wiki markup become lines of Markdown, as far as telling a command takes: quotes, code and what is set off in another way are left out or
 * marked, so that one rule (`../command.ts`) reads the comments of every tool.
 */
import type { Told } from '@viewportai/core/tools/jira/ask'

const most = 65_536

/** Lines of Markdown. `body`: a document (Atlassian Document Format), or the wiki markup that webhooks have. */
export const ownWords = (body: unknown): string =>
  typeof body === 'string' ? ofWiki(body.slice(0, most)) : ofDocument(body)

/** Paragraphs on the first level alone: what stands in a list, a table, a panel or a quote begins no line of its own in Markdown, either. */
const ofDocument = (body: unknown): string => {
  const blocks: unknown = (body as Told | null | undefined)?.['content']
  if (!Array.isArray(blocks)) return ''
  const lines: string[] = []
  let size = 0
  for (const block of blocks as (Told | null)[]) {
    if (block?.['type'] !== 'paragraph' || !Array.isArray(block['content'])) continue
    const line = (block['content'] as (Told | null)[]).map(inline).join('')
    lines.push(line)
    size += line.length
    if (size > most) break
  }
  return lines.join('\n\n').slice(0, most)
}

/** Code, links, struck words and the like carry a mark before them, and so does a mention: none of them begins a command. */
const inline = (node: Told | null): string => {
  if (node?.['type'] === 'hardBreak') return '\n'
  if (node?.['type'] !== 'text') return '@'
  const text = String(node['text'] ?? '')
  return Array.isArray(node['marks']) && node['marks'].length > 0 ? `\`${text}\`` : text
}

/** https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all; what is opened and not closed goes on to the end. */
const ofWiki = (text: string): string =>
  text
    .replace(/\{(code|noformat|quote|panel)(?::[^{}\n]{0,300})?\}[\s\S]*?(?:\{\1\}|$)/g, '`')
    .replace(/^bq\. /gm, '> ')
