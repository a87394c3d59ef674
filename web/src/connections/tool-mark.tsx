/** Which kind of tool is it? A drawing of our own for each kind, beside the tool's name: where code lies, where people talk, where work is listed. */
import { Icon, type IconName } from '../look/icon.tsx'

const marks: Readonly<Record<string, IconName>> = {
  github: 'change',
  gitlab: 'change',
  slack: 'note',
  linear: 'plan',
  jira: 'plan',
  ci: 'command',
  webhook: 'action',
}

export const ToolMark = ({ tool }: { tool: string }) => (
  <span className="tool-mark">
    <Icon name={marks[tool] ?? 'plug'} />
  </span>
)
