/** How many people may vote on this gate now and have not? */
import type { GateState, RunState } from '@viewportai/core/run/state'
import type { Tx } from '../database/tenant.ts'
import { workedOn } from './decider.ts'

/** No gate asks for so many votes: more need not be counted. */
const countedUpTo = 100

// The principals of `principalsOf`, read the other way round.
const voters = {
  name: 'gate voters',
  text: `select count(*) from (select from vp.people p where p.workspace = $1 and p.active and not p.person = any($3)
      and not ($4 and exists (select from vp.runners r where r.workspace = $1 and r.owner = p.person and (r.runner = $5 or ${workedOn('$6')})))
      and ('role:member' = any($2) or 'role:admin' = any($2) and p.role = 'admin' or 'user:' || p.person = any($2) or 'user:' || p.handle = any($2)
        or exists (select from vp.team_members m join vp.teams t on t.workspace = $1 and t.team = m.team where m.workspace = $1 and m.person = p.person and 'team:' || t.slug = any($2)))
      limit ${countedUpTo}) v`,
}

/** Counted up to a hundred; none when the gate is closed. */
export const votersOf = async (
  tx: Tx,
  { run, runner }: Pick<RunState, 'run' | 'runner'>,
  gate: GateState,
): Promise<number> => {
  if (gate.state !== 'open') return 0
  const gone = [...gate.excluded, ...gate.votes].map((one) => one.person)
  const { rows } = await tx.query<{ count: number }>(voters, [
    tx.workspace,
    gate.approvers,
    gone,
    gate.exclude.includes('runner_owner'),
    runner,
    run,
  ])
  return rows[0]!.count
}
