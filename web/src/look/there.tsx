/** A link to where something was done outside. What is no address that a page may lead to is shown and leads nowhere. */
import type { ReactNode } from 'react'
import { targetOf } from '../text/markdown-tree.ts'
import { Revealed } from '../text/revealed.tsx'

export const There = ({ url, children }: { url: string; children: ReactNode }) => {
  const here = url.startsWith('/') && !url.startsWith('//')
  const target = here ? url : targetOf(url)
  if (target === null) return <Revealed text={url} code />
  return (
    <a className="link" href={target} {...(here ? {} : { target: '_blank', rel: 'noopener noreferrer nofollow' })}>
      {children}
    </a>
  )
}
