/** How does a look go? What the runner said, and what can be seen from here when it says nothing. */
import type { z } from 'zod'
import type { LookView } from '@viewportai/core/api/looks'
import type { Tx } from '../database/tenant.ts'

type View = z.infer<typeof LookView>
type Row = Omit<View, 'runner' | 'state'> & {
  runner: string
  name: string
  pool: string
  state: 'asked' | 'looking' | 'looked' | 'failed'
  online: boolean
  /** The runner has taken its order. */
  heard: boolean
  /** Milliseconds since its last word, or since it was asked. */
  quiet: number
}

/** A runner says every few seconds how it goes; after so many milliseconds without a word something is wrong. */
const silentMillis = 45_000

/** The look; null: there is none of this id, or its time is over. */
export const readLook = async (tx: Tx, look: string): Promise<View | null> => {
  const { rows } = await tx.query<Row>(
    {
      name: 'look read',
      text: `select l.look as id, l.runner, r.name, r.pool, l.url, l.branch, l.state, l.now, l.asked_at as "askedAt", l.expires_at as "expiresAt", l.found, l.failure,
          r.online and r.state <> 'removed' as online, vp.now_ms() - coalesce(l.heard_at, l.asked_at) as quiet,
          exists (select from vp.orders o where o.workspace = $1 and o."order" = l."order" and o.done_at is not null) as heard
        from vp.looks l join vp.runners r on r.workspace = $1 and r.runner = l.runner where l.workspace = $1 and l.look = $2 and l.expires_at > vp.now_ms()`,
    },
    [tx.workspace, look],
  )
  const row = rows[0]
  if (!row) return null
  const { runner, name, pool, online: _online, heard: _heard, quiet: _quiet, ...rest } = row
  return { ...rest, runner: { id: runner, name, pool }, state: stateOf(row) }
}

const stateOf = ({ state, online, heard, quiet }: Row): View['state'] => {
  if (state === 'looked' || state === 'failed') return state
  if (!online) return 'away'
  // One that can look says that it has begun before it takes the order.
  if (state === 'asked' && heard) return 'too_old'
  return quiet > silentMillis ? 'silent' : state
}
