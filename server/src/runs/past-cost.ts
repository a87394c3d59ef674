/** What did the last runs with one agent cost? Only those that succeeded, with that agent alone, whose whole cost is known; the sample's are none. */
import type { PastCost } from '@viewportai/core/try/past-cost'
import type { Tx } from '../database/tenant.ts'

const past = {
  name: 'past cost',
  text: `select count(*)::int as runs, percentile_disc(0.5) within group (order by r.usd_micros) as "medianUsdMicros"
    from (select spec, usd_micros from vp.runs
      where workspace = $1 and status = 'finished' and outcome = 'succeeded' and not sample and usd_micros > 0
      order by started_at desc, run desc limit 200) r
    where not exists (
      select from json_array_elements(r.spec->'workflow'->'compiled'->'steps') s
      where s->>'kind' = 'agent' and s->>'agent' is distinct from $2)`,
}

export const readPastCost = async (tx: Tx, agent: string): Promise<PastCost> => {
  const { rows } = await tx.query<{ runs: number; medianUsdMicros: string | number | null }>(past, [
    tx.workspace,
    agent,
  ])
  const { runs, medianUsdMicros } = rows[0]!
  return { runs, medianUsdMicros: medianUsdMicros === null ? null : Number(medianUsdMicros) }
}
