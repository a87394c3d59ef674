/** Which effects of the workspace wait for a person? Rows that were written with the facts, the longest waiting first. */
import type { StuckEffect } from '@viewportai/core/view/stuck-effect'
import type { Tx } from '../database/tenant.ts'

const listed = {
  name: 'stuck effects',
  text: 'select intent, since, shown from vp.stuck_effects where workspace = $1 and (since, intent) > ($2, $3) order by since, intent limit $4',
}

/** A page of them. Null: `after` is no place in the list. */
export const readStuck = async (
  tx: Tx,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ effects: StuckEffect[]; more: string | null } | null> => {
  const place = /^(\d{1,16})_(\w[\w-]{0,80})$/.exec(after ?? '')
  if (after !== undefined && !place) return null
  const { rows } = await tx.query<{ intent: string; since: number; shown: StuckEffect }>(listed, [
    tx.workspace,
    Number(place?.[1] ?? -1),
    place?.[2] ?? '',
    limit + 1,
  ])
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    effects: page.map((row) => row.shown),
    more: rows.length > limit && last ? `${last.since}_${last.intent}` : null,
  }
}
