/** What is around each page of the settings: one place with four readings, and who may change something. */
import './settings.css'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { questions } from '../api/queries.ts'
import { Page } from '../frame/page.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { Notice } from '../look/notice.tsx'

const tabs = [
  { to: '/settings', label: 'Workspace' },
  { to: '/settings/repositories', label: 'Repositories' },
  { to: '/settings/people', label: 'People' },
  { to: '/settings/tokens', label: 'Tokens' },
] as const

/** `adminOnly`: what an admin alone changes here; others are told so. `children` is told whether the reader is one. */
export const SettingsFrame = ({
  title,
  tools,
  adminOnly,
  children,
}: {
  title: string
  tools?: ReactNode
  adminOnly?: string
  children: (admin: boolean) => ReactNode
}) => {
  const me = useQuery(questions.me()).data
  const admin = me?.person.role === 'admin'
  return (
    <Page
      title={title}
      className="settings"
      top={<h1>Settings</h1>}
      tools={tools}
      notices={
        me &&
        !admin &&
        adminOnly && (
          <Notice tone="plain" title={`Only an admin of the workspace ${adminOnly}`}>
            You see what holds now.
          </Notice>
        )
      }
    >
      <nav className="tabs" aria-label="Settings">
        {tabs.map((tab) => (
          <Link key={tab.to} to={tab.to} activeOptions={{ exact: true }} activeProps={{ 'aria-current': 'page' }}>
            {tab.label}
          </Link>
        ))}
      </nav>
      <ScrollArea label={title}>{children(admin)}</ScrollArea>
    </Page>
  )
}
