/** How is each kind of gate named and drawn? */
import type { GateItem } from '@viewportai/core/view/shapes'
import type { IconName } from '../look/icon.tsx'

const kindIcon: Readonly<Record<GateItem['kind'], IconName>> = {
  plan: 'plan',
  change: 'change',
  command: 'command',
  question: 'question',
  action: 'action',
  context: 'note',
  workflow: 'flow',
}
export const kindWord: Readonly<Record<GateItem['kind'], string>> = {
  plan: 'Plan',
  change: 'Change',
  command: 'Command',
  question: 'Question',
  action: 'Action',
  context: 'Context note',
  workflow: 'Workflow',
}

const byOutcome: Readonly<Record<string, IconName>> = {
  approved: 'check',
  answered: 'check',
  changes_requested: 'edit',
  rejected: 'x',
  expired: 'x',
  superseded: 'change',
  cancelled: 'x',
}
/** An item that ended shows how. */
export const itemIcon = (item: GateItem): IconName =>
  item.state === 'closed' ? (byOutcome[item.outcome ?? ''] ?? 'check') : kindIcon[item.kind]
