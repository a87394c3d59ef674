/**
 * Who has this webhook address, and with which secrets is it signed?
 * Remembered between deliveries. What is remembered may be of before a change, so nothing is refused by it before it was read anew, and what it let in is
 * stored only while the database says the same (`signing`): of several servers none goes on with a secret that was ended at another one.
 */
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import { openOldSecret } from '../sources/old-secrets.ts'
import { openSecret } from '../sources/secret.ts'
import { opened, readConnection } from '../tools/connections.ts'
import type { Connection } from '../tools/port.ts'
import type { Candidate } from './any-secret.ts'

/** A secret of before. `secret`: its number; `until`: when it ends (ms). */
type Old = { readonly secret: number; readonly sealed: string; readonly until: number }
export type KnownSource = {
  readonly source: string
  readonly workspace: string
  readonly kind: string
  readonly sealed: string
  readonly connection: string | null
  /** Raised whenever it changes what may sign. */
  readonly signing: number
  readonly old: readonly Old[]
}
const keptAtMost = 10_000
/** A connection's settings may be changed: they are read anew after so many milliseconds. */
const connectionMillis = 5_000

export type KnownSources = {
  /** Null: nobody has the address. `remembered`: it was not asked now. `anew`: ask. */
  of(source: string, anew: boolean): Promise<{ readonly from: KnownSource; readonly remembered: boolean } | null>
  /** The connection of an address; null: it was removed. */
  connectionOf(from: KnownSource): Promise<Connection | null>
  /** Secrets of a webhook source, the one in force first. */
  secretsOf(from: KnownSource): readonly [Candidate<string>, ...Candidate<string>[]]
  /** What a connection's webhooks were signed with before. */
  oldOf(from: KnownSource): readonly Candidate<string>[]
}

/** What is known of all addresses, in this program. */
export const knownSources = ({ db, key }: Pick<Context, 'db' | 'key'>): KnownSources => {
  const known = new Map<string, KnownSource>()
  const connections = new Map<string, { until: number; signing: number; connection: Connection }>()
  const oldOf = ({ source, old }: KnownSource): Candidate<string>[] =>
    old.map(({ secret, sealed, until }) => ({ with: openOldSecret(key, source, sealed), old: secret, until }))
  return {
    async of(source, anew) {
      const held = anew ? undefined : known.get(source)
      if (held) return { from: held, remembered: true }
      if (!/^src_\w{1,30}$/.test(source)) return null
      const { rows } = await db.app.query<Omit<KnownSource, 'source'>>({
        name: 'source of',
        text: 'select workspace, kind, sealed, connection, signing, old from vp.source_of($1)',
        values: [source],
      })
      known.delete(source)
      if (!rows[0]) return null
      if (known.size >= keptAtMost) known.clear()
      const from = { ...rows[0], source }
      known.set(source, from)
      return { from, remembered: false }
    },
    async connectionOf({ workspace, connection, signing }) {
      const held = connections.get(connection!)
      if (held && held.until > Date.now() && held.signing === signing) return held.connection
      const row = await inWorkspace(db, workspace, (tx) => readConnection(tx, connection!))
      if (!row) return null
      if (connections.size >= keptAtMost) connections.clear()
      const made = { until: Date.now() + connectionMillis, signing, connection: opened(key, workspace, row) }
      connections.set(connection!, made)
      return made.connection
    },
    secretsOf: (from) => [
      { with: openSecret(key, from.source, from.sealed), old: null, until: Infinity },
      ...oldOf(from),
    ],
    oldOf,
  }
}
