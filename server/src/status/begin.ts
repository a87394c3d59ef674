/** Of which runs is it told where their work came from? Decided when they start, in the same transaction. */
import { statusPlaces } from '@viewportai/core/workflow/status-places'
import type { RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { toolNamed } from '../tools/table.ts'

const begin = {
  name: 'run statuses begin',
  // Of what came by a connection alone: an event that a person made up is about nothing that is there.
  text: `insert into vp.run_statuses (workspace, run, tool, target)
    select $1, v.run, v.tool, v.target from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as v (run, tool, target, delivery)
    where exists (select from vp.deliveries d join vp.sources s on s.workspace = $1 and s.source = d.source and s.connection is not null and s.kind = v.tool
      where d.workspace = $1 and d.delivery = v.delivery)
    on conflict do nothing`,
}

/** Notes those that begin. `state` null: it was refused. */
export const tellStatus = async (tx: Tx, acted: readonly { readonly state: RunState | null }[]): Promise<void> => {
  const some = acted.flatMap(({ state }) => {
    if (!state) return []
    const { event, workflow } = state.spec
    const { ref } = event.subject
    return ref !== undefined && statusPlaces(workflow.compiled).includes(event.tool) && toolNamed(event.tool)?.status
      ? [{ run: state.run, tool: event.tool, target: ref, delivery: state.delivery ?? '' }]
      : []
  })
  if (some.length === 0) return
  await tx.query(begin, [
    tx.workspace,
    some.map((one) => one.run),
    some.map((one) => one.tool),
    some.map((one) => one.target),
    some.map((one) => one.delivery),
  ])
}
