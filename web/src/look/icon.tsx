/** How does an icon look? Own drawings on a 16 grid, 1.5 stroke, round caps. Never the only bearer of meaning. */
import type { ReactElement } from 'react'

const drawings = {
  inbox: <path d="M2 9l2-6h8l2 6v4H2zM2 9h3.5l1 2h3l1-2H14" />,
  board: (
    <>
      <path d="M2 3h12M2 8h8M2 13h10" />
      <circle cx="13" cy="8" r="1" />
    </>
  ),
  runs: <path d="M4 3v10l9-5z" />,
  flow: (
    <>
      <rect x="2" y="2" width="4" height="4" rx="1" />
      <rect x="10" y="10" width="4" height="4" rx="1" />
      <path d="M4 6v4a2 2 0 002 2h4" />
    </>
  ),
  server: (
    <>
      <rect x="2" y="3" width="12" height="4" rx="1" />
      <rect x="2" y="9" width="12" height="4" rx="1" />
      <path d="M5 5h.01M5 11h.01" />
    </>
  ),
  arrived: <path d="M8 2v7M5 6.5L8 9.5l3-3M2.5 10v3.5h11V10" />,
  plug: <path d="M6 2v3.5M10 2v3.5M4 5.5h8v2a4 4 0 01-8 0zM8 11.5V14" />,
  settings: (
    <>
      <path d="M2 5h6M12 5h2M2 11h2M8 11h6" />
      <circle cx="10" cy="5" r="1.75" />
      <circle cx="6" cy="11" r="1.75" />
    </>
  ),
  seal: <path d="M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4zM6 8l1.5 1.5 3-3" />,
  plan: (
    <>
      <path d="M6 4h7M6 8h7M6 12h7" />
      <path d="M3 4h.01M3 8h.01M3 12h.01" strokeWidth="2" />
    </>
  ),
  change: (
    <>
      <circle cx="4" cy="4" r="1.75" />
      <circle cx="4" cy="12" r="1.75" />
      <circle cx="12" cy="12" r="1.75" />
      <path d="M4 6v4M12 10V6a2 2 0 00-2-2H7.5M9 2.5L7.5 4 9 5.5" />
    </>
  ),
  command: <path d="M3 4l4 4-4 4M8.5 12H13" />,
  action: <path d="M2.5 8l11-5-3 10.5L8 9z" />,
  note: <path d="M3 2h10v8l-4 4H3zM9 14v-4h4" />,
  question: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M6.3 6.3a1.8 1.8 0 113 1.4c-.8.5-1.3.8-1.3 1.6M8 11.4h.01" />
    </>
  ),
  eye: (
    <>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" />
      <circle cx="8" cy="8" r="1.75" />
    </>
  ),
  check: <path d="M3 8.5l3.2 3L13 4.5" />,
  x: <path d="M4 4l8 8M12 4l-8 8" />,
  box: <path d="M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5L8 8l5.5-3M8 8v6" />,
  left: <path d="M10 3L5 8l5 5" />,
  arrow: <path d="M2.5 8h10M9 4.5L12.5 8 9 11.5" />,
  edit: <path d="M3 13l.8-3L10.5 3.3l2.2 2.2L6 12.2z" />,
  find: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="M10.2 10.2L14 14" />
    </>
  ),
  warn: <path d="M8 2.5l6 10.5H2zM8 6.5v3M8 11.3h.01" />,
  copy: <path d="M5.5 5.5h7.5V13H5.5zM3 10.5V3h7.5" />,
  down: <path d="M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.5" />,
  plus: <path d="M8 3v10M3 8h10" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
    </>
  ),
  moon: <path d="M13 9.5A5.5 5.5 0 016.5 3a5.5 5.5 0 106.5 6.5z" />,
  leave: <path d="M9.5 3H3v10h6.5M7 8h7M11.5 5.5L14 8l-2.5 2.5" />,
  logo: (
    <>
      <rect x="1.5" y="2.5" width="13" height="11" rx="2.5" />
      <path d="M5.5 6.5L8 10l2.5-3.5" />
    </>
  ),
  // agents: a glyph of their own each, a plain one for any other
  claude: <path d="M8 2.5v11M3.2 5.2l9.6 5.6M12.8 5.2l-9.6 5.6" />,
  codex: <path d="M5.5 4L2 8l3.5 4M10.5 4L14 8l-3.5 4" />,
  agent: (
    <>
      <rect x="3" y="5" width="10" height="7.5" rx="1.5" />
      <path d="M8 5V2.5M6 8.5h.01M10 8.5h.01" />
    </>
  ),
} as const satisfies Record<string, ReactElement>

export type IconName = keyof typeof drawings

/** A drawing. `small`: 12 px, for ticks in a line of text. Always beside a word. */
export const Icon = ({
  name,
  small = false,
  className = '',
}: {
  name: IconName
  small?: boolean
  className?: string
}) => (
  <svg className={`i${small ? ' s' : ''}${className ? ` ${className}` : ''}`} viewBox="0 0 16 16" aria-hidden="true">
    {drawings[name]}
  </svg>
)

export const agentIcon = (agent: string): IconName =>
  agent.includes('claude') ? 'claude' : agent.includes('codex') ? 'codex' : 'agent'
