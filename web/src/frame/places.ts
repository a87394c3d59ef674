/** Which places does the app have? Only those that exist; the phone's bar holds the first four, and a button to the others. */
import type { IconName } from '../look/icon.tsx'

export const places = [
  { to: '/inbox', label: 'Inbox', icon: 'inbox', keys: 'g i' },
  { to: '/board', label: 'Board', icon: 'board', keys: 'g b' },
  { to: '/runs', label: 'Runs', icon: 'runs', keys: 'g r' },
  { to: '/workflows', label: 'Workflows', icon: 'flow', keys: 'g w' },
  { to: '/runners', label: 'Runners', icon: 'server', keys: 'g n' },
  { to: '/connections', label: 'Connections', icon: 'plug', keys: 'g c' },
  { to: '/deliveries', label: 'Deliveries', icon: 'arrived', keys: 'g d' },
  { to: '/effects', label: 'Effects', icon: 'action', keys: 'g e' },
  { to: '/settings', label: 'Settings', icon: 'settings', keys: 'g s' },
] as const satisfies { to: string; label: string; icon: IconName; keys: string }[]
