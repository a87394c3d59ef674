/** A page of the documentation, in the app: it is there without a network, and of the version that runs. */
import '../text/markdown.css'
import './guides.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation, useParams } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { leadsTo, partOf, readGuide } from './pages.ts'

export const GuidePage = () => {
  const { _splat: page = '' } = useParams({ strict: false })
  const answer = useQuery({ queryKey: ['guide', page], queryFn: () => readGuide(page), staleTime: Infinity })
  const title = /^# (.+)$/m.exec(answer.data ?? '')?.[1] ?? 'Guide'
  return (
    <Page
      title={title}
      back="/connections"
      top={
        <>
          <Link to="/connections" className="dim">
            Connections
          </Link>
          <span className="sep">/</span>
          <strong className="cut">{title}</strong>
        </>
      }
    >
      <ScrollArea className="fill" label="Guide">
        <Held answer={answer} what="the guide">
          {(text) =>
            text === null ? (
              <div className="first">
                <h1 className="verb">There is no such guide</h1>
                <p className="lead">
                  The guides of the tools are listed in{' '}
                  <Link className="link" to="/guides/$" params={{ _splat: 'integrations/README' }}>
                    Where work comes in, and where effects go
                  </Link>
                  .
                </p>
              </div>
            ) : (
              <Text page={page} text={text} />
            )
          }
        </Held>
      </ScrollArea>
    </Page>
  )
}

const Text = ({ page, text }: { page: string; text: string }) => {
  const { hash } = useLocation()
  useEffect(() => {
    document.getElementById(hash)?.scrollIntoView()
  }, [hash, text])
  return (
    <article className="doc guide prose">
      <Markdown remarkPlugins={[remarkGfm]} components={componentsOf(page)}>
        {text}
      </Markdown>
    </article>
  )
}

const wordsOf = (children: ReactNode): string =>
  Array.isArray(children)
    ? children.map(wordsOf).join('')
    : typeof children === 'string'
      ? children
      : typeof children === 'object' && children !== null && 'props' in children
        ? wordsOf((children.props as { children?: ReactNode }).children)
        : ''

/** Ours, so that nothing in it is hostile: links lead on, headings can be linked to. */
const componentsOf = (page: string): Components => ({
  a: ({ href = '', children }) => {
    const to = leadsTo(page, href)
    if (to === null) return <>{children}</>
    return 'url' in to ? (
      <a className="link" href={to.url} target="_blank" rel="noreferrer">
        {children}
      </a>
    ) : (
      <Link className="link" to="/guides/$" params={{ _splat: to.page }} hash={to.part}>
        {children}
      </Link>
    )
  },
  h1: ({ children }) => <h1 className="verb">{children}</h1>,
  h2: ({ children }) => <h2 id={partOf(wordsOf(children))}>{children}</h2>,
  h3: ({ children }) => <h3 id={partOf(wordsOf(children))}>{children}</h3>,
})
