/** Through which connection would the actions go that a run has before it, and as whom? Told to people who approve them, where a tool has several. */
import { actionForm } from '@viewportai/core/action/actions'
import { isDone, type RunState } from '@viewportai/core/run/state'
import { wantedOf } from '@viewportai/core/run/wanted'
import { serverOf } from '@viewportai/core/tools/reach'
import type { Tx } from '../database/tenant.ts'
import { readConnections } from '../tools/connections.ts'
import { chosenRow } from './connection-for.ts'

/** By the step of each action: words such as "through the connection acme (viewport-acme at https://api.github.com)". None for what is not known yet. */
export const whoActs = async (tx: Tx, state: RunState): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  const connections = await readConnections(tx)
  for (const spec of state.spec.workflow.compiled.steps) {
    if (spec.kind !== 'action' || isDone(state, spec.id)) continue
    const tool = actionForm(spec.action)?.tool ?? ''
    // A webhook target is named in the action itself.
    if (tool === 'webhook' || connections.filter((one) => one.tool === tool).length < 2) continue
    const wanted = wantedOf(state, spec)
    if (typeof wanted === 'string') continue
    const chosen = await chosenRow(tx, tool, state, { ...wanted, gate: null, retry: false })
    if ('summary' in chosen)
      found.set(spec.id, `which cannot be done as it stands: ${chosen.summary.replace(/\.$/, '')}`)
    else {
      const { row } = chosen
      const as = [row.account?.name, serverOf(tool, row)].filter(Boolean).join(' at ')
      found.set(spec.id, `through the connection ${row.name}${as && ` (${as})`}`)
    }
  }
  return found
}
