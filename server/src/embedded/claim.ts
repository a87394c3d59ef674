/**
 * Does a Viewport already run on this data folder?
 * The one that runs holds a lock inside its own database, on a connection that carries its process and address: it ends with
 * the process, however that ends, and a second start can say who is there.
 */
import pg from 'pg'
import { locks } from '../database/lock.ts'
import { kept } from '../database/pool.ts'
import { commandName } from '../up/data-folder.ts'

export type Claim = {
  /** Puts the address people use beside the lock, for the second start's words. */
  announce(address: string): Promise<void>
  release(): Promise<void>
}
/** Who holds the claim: its process, and its address once it had one. */
export type Holder = { readonly pid: number; readonly address: string | null }

/**
 * Takes the claim, or answers who holds it. `lost` is called when the connection broke and another one has taken the claim
 * meanwhile: then this process must end.
 */
export const claim = async (url: string, lost: (holder: Holder) => void): Promise<Claim | Holder> => {
  let client: pg.Client
  let address: string | null = null
  let released = false
  let retry: NodeJS.Timeout | null = null

  const take = async (): Promise<Holder | null> => {
    const next = new pg.Client({
      connectionString: url,
      application_name: nameOf(process.pid, address),
      ...kept,
      connectionTimeoutMillis: 10_000,
    })
    next.on('error', () => {})
    await next.connect()
    const { rows } = await next.query<{ ok: boolean }>('select pg_try_advisory_lock($1) as ok', [locks.dataFolder])
    if (!rows[0]!.ok) {
      const holder = await holderOf(next)
      await next.end()
      if (holder) return holder
      return take() // it ended between the two questions
    }
    client = next
    next.once('end', () => again(500))
    return null
  }

  // The database was restarted, or the connection broke.
  const again = (delay: number): void => {
    if (released) return
    retry = setTimeout(() => {
      take().then(
        (holder) => {
          if (!holder) return
          if (holder.pid !== process.pid) lost(holder)
          else again(delay) // our own last connection, which the server has not given up yet
        },
        () => again(Math.min(delay * 2, 5_000)),
      )
    }, delay)
    retry.unref()
  }

  const holder = await take()
  if (holder) return holder
  return {
    async announce(where) {
      address = where
      await client.query(`select set_config('application_name', $1, false)`, [nameOf(process.pid, where)])
    },
    async release() {
      released = true
      if (retry) clearTimeout(retry)
      await client.end().catch(() => {})
    },
  }
}

const nameOf = (pid: number, address: string | null): string => `viewport ${pid} ${address ?? ''}`.trim().slice(0, 63)

const holderOf = async (client: pg.Client): Promise<Holder | null> => {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid where l.locktype = 'advisory' and l.objid = $1 and l.granted and l.database = (select oid from pg_database where datname = current_database())`,
    [locks.dataFolder],
  )
  const [, pid, address] = rows[0]?.name.split(' ') ?? []
  return rows[0] ? { pid: Number(pid), address: address ?? null } : null
}

/** The sentence for a second start. */
export const takenWords = (dataFolder: string, { pid, address }: Holder): string =>
  `Viewport already runs on ${dataFolder} (process ${pid}${address ? `, ${address}` : ''}). Use that one (\`${commandName()} sign-in-link @HANDLE\` lets you in), or stop it first; nothing was changed.`
