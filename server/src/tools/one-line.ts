/**
 * How is the line of one connection kept?
 * A line that ends is opened anew, after a pause that grows; before the tool ends one, the next is there. The other end may be anybody's
 * server: whatever it says and however fast, one line is opened at a time, and there are never more than two.
 */
import { plain } from '../database/plain.ts'
import { inWorkspace } from '../database/tenant.ts'
import { opened, readConnection } from './connections.ts'
import { openLineSocket, type LineSocket } from './line-socket.ts'
import { takeFromLine } from './line-taken.ts'
import type { LineOptions } from './line-options.ts'
import type { Connection, Line } from './port.ts'
import { toolNamed } from './table.ts'
import { withoutSecrets } from './without-secrets.ts'

/** A connection that wants a line. `settings_at`: another number says that its settings changed. */
export type Wanting = {
  readonly workspace: string
  readonly connection: string
  readonly tool: string
  readonly settings_at: number
}

const longestPause = 60_000
/** After the tool switched lines off: a person must do something. */
const offMillis = 300_000
/** So often a line must fail in a row before its connection says so: one end is nothing to look at. */
const toldAfter = 3
/** A line that stood so long ended for a good reason, and the next one may be opened at once. */
const steadyMillis = 60_000
/** One that the tool says it will end is closed by us, when it did not, so long after the next one stands: what is under way is still taken. */
const leftMillis = 30_000
/** The one that stands, and the one that the tool is about to end. */
const socketsAtMost = 2

/** One that was opened. */
type Stand = {
  readonly since: number
  socket: LineSocket | null
  /** It works, by its own word. */
  ready: boolean
  /** Why it ended. */
  ended: string | null
  /** It ended or is about to, and the next one was seen to. */
  left: boolean
  /** It went while it was being opened: the pause (ms) before the next. */
  wish: number | null
}

/** Keeps one connection's line; what is given back ends it. */
export const keepOne = (options: LineOptions, { workspace, connection: id, tool }: Wanting): (() => void) => {
  const { db, key, outside, near, log, silentMillis = 60_000, pauseMillis = 1_000 } = options
  const line: Line = toolNamed(tool)!.line!
  /** Oldest first. */
  const stands = new Set<Stand>()
  const timers = new Set<NodeJS.Timeout>()
  let over = false
  /** Openings in a row that came to nothing. */
  let failures = 0
  /** Lines in a row that stood for a moment only. */
  let brief = 0
  /** The next opening waits or is under way: there is one, whoever asks for it and how often. */
  let next: Stand | 'waits' | null = null

  const later = (millis: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, millis).unref()
    timers.add(timer)
  }
  const pauseAfter = (times: number): number =>
    Math.min(longestPause, pauseMillis * 2 ** Math.min(Math.max(times - 1, 0), 6)) * (0.75 + Math.random() / 2)
  const tell = (why: string | null): Promise<void> => problem(options, workspace, id, why)

  const openIn = (pause: number): void => {
    if (over || next !== null) return
    next = 'waits'
    later(pause, () => void open())
  }

  const open = async (): Promise<void> => {
    const stand: Stand = { since: performance.now(), socket: null, ready: false, ended: null, left: false, wish: null }
    next = stand
    for (const oldest of stands) {
      if (stands.size < socketsAtMost) break
      oldest.left = true
      oldest.socket?.close()
    }
    let connection: Connection | null = null
    try {
      const row = await inWorkspace(db, workspace, (tx) => readConnection(tx, id))
      if (!row || over) return
      const ours = (connection = opened(key, workspace, row))
      // Looked at again when its settings change.
      if (!line.wanted(ours) || row.source === null) return
      const from = { workspace, source: row.source, kind: tool }
      stand.socket = await openLineSocket(await line.address(ours, outside), near, silentMillis, {
        ended(why) {
          stands.delete(stand)
          stand.ended = `It ended: ${why}`
          if (stand.socket !== null) gone(stand, stand.ended)
        },
        said: (text) => heard(stand, text, ours, from),
      })
      // It may have gone between its opening and here.
      if (stand.ended === null) stands.add(stand)
      else gone(stand, stand.ended)
      if (over) stand.socket.close()
    } catch (error) {
      failures++
      const why = `It could not be opened: ${withoutSecrets((error as Error).message, connection?.secrets ?? {}).replace(/\.$/, '')}.`
      log.debug({ connection: id, why, failures }, 'A line could not be opened.')
      if (failures === toldAfter && !over) await tell(why)
      stand.wish = pauseAfter(failures)
    } finally {
      next = null
      if (stand.wish !== null) openIn(stand.wish)
    }
  }

  /** Sees to the next line, once for each that goes. `pause` (ms) null: by how long this one stood. */
  const gone = (stand: Stand, why: string, pause: number | null = null): void => {
    if (stand.left || over) return
    stand.left = true
    brief = performance.now() - stand.since < steadyMillis ? brief + 1 : 0
    log.debug({ connection: id, why, brief }, 'A line ended.')
    if (pause !== null) void tell(`${why}.`)
    else if (brief === toldAfter) void tell(`It ends again and again, each time within a minute. ${why}.`)
    const wish = pause ?? (brief === 0 ? 0 : pauseAfter(brief))
    if (next === stand) stand.wish = wish
    else openIn(wish)
  }

  const stood = (stand: Stand, words: string | null): void => {
    if (stand.ready) return
    stand.ready = true
    failures = 0
    void noteStanding(options, workspace, id)
    if (brief < toldAfter) void tell(words)
    later(steadyMillis, () => {
      if (stand.left || brief === 0) return
      brief = 0
      void tell(words)
    })
    later(leftMillis, () => {
      if (!stands.has(stand)) return
      for (const older of stands) {
        if (older === stand) break
        older.left = true
        older.socket?.close()
      }
    })
  }

  const heard = (
    stand: Stand,
    text: string,
    ours: Connection,
    from: Parameters<typeof takeFromLine>[1],
  ): Promise<void> | undefined => {
    const said = line.read(text, ours)
    if (said.is === 'ready') stood(stand, said.problem)
    // What comes until it is closed there is still taken.
    else if (said.is === 'ending') gone(stand, said.why.replace(/\.$/, ''), said.anew ? null : offMillis)
    else if (said.is === 'delivery')
      return takeFromLine(options, from, said, (words) => stand.socket?.send(words), ours).catch((error: Error) =>
        log.warn({ err: error, connection: id }, 'What came over a line was not stored; the tool sends it again.'),
      )
    return undefined
  }

  openIn(0)
  return () => {
    over = true
    for (const timer of timers) clearTimeout(timer)
    for (const { socket } of stands) socket?.close()
  }
}

/** Keeps when a line stood last; that one stands at all is news. */
const noteStanding = ({ db, log }: LineOptions, workspace: string, connection: string): Promise<void> =>
  inWorkspace(db, workspace, async (tx) => {
    const { rows } = await tx.query<{ isFirst: boolean }>(
      'update vp.connections c set line_at = vp.now_ms() from vp.connections before where c.workspace = $1 and c.connection = $2 and c.removed_at is null and before.workspace = $1 and before.connection = $2 returning before.line_at is null as "isFirst"',
      [workspace, connection],
    )
    if (rows[0]?.isFirst) tx.nudge('connection', connection)
  }).catch((error: Error) => log.warn({ err: error, connection }, 'That a line stands could not be noted.'))

const prefix = 'Its line: '
/** Says on the connection why its line does not work; null: it does, and what a line said before is taken back. */
const problem = ({ db, log }: LineOptions, workspace: string, connection: string, why: string | null): Promise<void> =>
  inWorkspace(db, workspace, async (tx) => {
    const words = why === null ? null : plain(`${prefix}${why}`).slice(0, 500)
    const { rowCount } = await tx.query(
      'update vp.connections set problem = $3 where workspace = $1 and connection = $2 and removed_at is null and problem is distinct from $3 and ($3::text is not null or problem like $4)',
      [workspace, connection, words, `${prefix}%`],
    )
    if (rowCount) tx.nudge('connection', connection)
  }).catch((error: Error) => log.warn({ err: error, connection }, 'How a line goes could not be noted.'))
