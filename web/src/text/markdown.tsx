/**
 * A text by an agent, as a page. Hostile until shown otherwise: no HTML, no images, no link without its target in sight,
 * hidden characters as marks. Headings start below the page's own.
 */
import './markdown.css'
import { memo, type ReactNode } from 'react'
import Markdown, { type Components, type Options } from 'react-markdown'
import rehypeSanitize from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import { ScrollArea } from '../look/scroll-area.tsx'
import { asWritten, schema, targetOf, withCitations, withMarks } from './markdown-tree.ts'

const plainText = (children: ReactNode): string =>
  Array.isArray(children) ? children.map(plainText).join('') : typeof children === 'string' ? children : ''

/** The words, then where they lead. Opens elsewhere and only when clicked. */
const LinkWithTarget = ({ href, children }: { href?: string | undefined; children?: ReactNode }) => {
  const target = targetOf(href)
  if (target === null) return <>{children}</> // asWritten showed the whole link as text already
  const same = plainText(children) === target || `${plainText(children)}/` === target
  return (
    <>
      {!same && <>{children} </>}
      <a className="link mono target" href={target} target="_blank" rel="noopener noreferrer nofollow">
        {target}
      </a>
    </>
  )
}

const lower =
  (level: 'h3' | 'h4') =>
  ({ children }: { children?: ReactNode }) =>
    level === 'h3' ? <h3>{children}</h3> : <h4>{children}</h4>

const components: Components = {
  a: ({ href, children }) => <LinkWithTarget href={href}>{children}</LinkWithTarget>,
  h1: lower('h3'),
  h2: lower('h3'),
  h3: lower('h4'),
  h4: lower('h4'),
  h5: lower('h4'),
  h6: lower('h4'),
  // Task boxes say their state in words too; they are no controls.
  input: ({ checked }) => <span className={checked ? 'done' : 'mute'}>{checked ? '[done]' : '[open]'}</span>,
  table: ({ children }) => (
    <ScrollArea label="Table">
      <table>{children}</table>
    </ScrollArea>
  ),
}

const remark = [remarkGfm, asWritten] as Options['remarkPlugins']
const rehype = [[rehypeSanitize, schema], withCitations, withMarks] as Options['rehypePlugins']
const keepUrl = (url: string): string => url // sanitising decided already; targetOf decides again

export const AgentText = memo(({ text }: { text: string }) => (
  <div className="prose">
    <Markdown remarkPlugins={remark} rehypePlugins={rehype} components={components} urlTransform={keepUrl}>
      {text}
    </Markdown>
  </div>
))
