/** One page: its title, what is in its top bar, what stands in the way, its content. */
import { useNavigate } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'
import { inField } from '../keys/in-field.ts'
import { goBack } from '../keys/left-row.ts'
import { useKeys } from '../keys/use-keys.ts'
import { Notice } from '../look/notice.tsx'
import { LookLine } from '../look/waiting.tsx'
import { LiveMark, OfflineNotice } from './live-mark.tsx'
import { useSignOutProblem } from './sign-out.ts'

/** `title` names the browser's tab. `top` is the left of the bar, `tools` the right. `back`: where Escape leads. */
export const Page = ({
  title,
  top,
  tools,
  notices,
  className,
  back,
  children,
}: {
  title: string
  top: ReactNode
  tools?: ReactNode
  notices?: ReactNode
  className?: string
  back?: '/runs' | '/workflows' | '/workflows/templates' | '/runners' | '/deliveries' | '/connections'
  children: ReactNode
}) => {
  useEffect(() => {
    document.title = `${title} · Viewport`
  }, [title])
  const navigate = useNavigate()
  const stays = useSignOutProblem()
  useKeys({
    Escape: (event) => {
      if (back === undefined || inField(event.target)) return
      event.preventDefault()
      goBack()
      void navigate({ to: back })
    },
  })
  return (
    <div className="page">
      <LookLine />
      <header className="top">
        {top}
        <span className="right" />
        <LiveMark />
        {tools}
      </header>
      <div className="notices">
        <OfflineNotice />
        {stays && (
          <Notice tone="stop" title="You are still signed in" alert>
            {stays.message} Your session goes on: sign out once more.
          </Notice>
        )}
        {notices}
      </div>
      <main id="content" className={className} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}
