/** One page: its title, what is in its top bar, what stands in the way, its content. */
import { useEffect, type ReactNode } from 'react'
import { LookLine } from '../look/waiting.tsx'
import { MeSheet } from './me-sheet.tsx'
import { LiveMark, OfflineNotice } from './live-mark.tsx'

/** `title` names the browser's tab. `top` is the left of the bar, `tools` the right. */
export const Page = ({
  title,
  top,
  tools,
  notices,
  className,
  children,
}: {
  title: string
  top: ReactNode
  tools?: ReactNode
  notices?: ReactNode
  className?: string
  children: ReactNode
}) => {
  useEffect(() => {
    document.title = `${title} · Viewport`
  }, [title])
  return (
    <div className="page">
      <LookLine />
      <header className="top">
        {top}
        <span className="right" />
        <LiveMark />
        {tools}
        <MeSheet />
      </header>
      <div className="notices">
        <OfflineNotice />
        {notices}
      </div>
      <main id="content" className={className} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}
