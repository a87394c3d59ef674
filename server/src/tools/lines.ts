/**
 * How does news come over connections that we open, where no webhook reaches us?
 * Every process that works keeps one line per connection that wants one: the tool gives each message to one of them, and a message that
 * came by several ways is stored once. A line that ends is opened anew, after a pause that grows; before the tool ends one, the next is there.
 */
import type { FastifyBaseLogger } from 'fastify'
import { isRefusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { plain } from '../database/plain.ts'
import { inWorkspace } from '../database/tenant.ts'
import { keepTaken, stoodSoon } from '../deliveries/keep-taken.ts'
import { keepRefused } from '../deliveries/refused.ts'
import type { DeliveryStore } from '../deliveries/store.ts'
import { answerClick } from '../status/answer-click.ts'
import { opened, readConnection } from './connections.ts'
import { openLineSocket, type LineSocket } from './line-socket.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Line, LineSaid } from './port.ts'
import { toolNamed, toolNames } from './table.ts'
import { withoutSecrets } from './without-secrets.ts'

export type LineOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly outside: Outside
  readonly near: readonly string[]
  readonly store: DeliveryStore
  readonly address: () => string
  readonly log: FastifyBaseLogger
  readonly silentMillis?: number
  /** The first pause (ms) before a line that ended is opened anew; it doubles up to a minute. */
  readonly pauseMillis?: number
}

type Wanting = {
  readonly workspace: string
  readonly connection: string
  readonly tool: string
  readonly settings_at: number
}
type Held = { readonly settingsAt: number; close(): void }

/** Lines in one process at most. */
const linesAtMost = 500
const lookMillis = 3_000

/** Begins to keep lines; `close` ends them all. */
export const keepLines = (options: LineOptions): { close(): Promise<void> } => {
  const { db, log } = options
  const held = new Map<string, Held>()
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const tools = toolNames.filter((name) => toolNamed(name)!.line !== undefined)

  const look = async (): Promise<void> => {
    const { rows } = await db.app.query<Wanting>({
      name: 'connections of tools',
      text: 'select workspace, connection, tool, settings_at from vp.connections_of_tools($1, $2)',
      values: [tools, linesAtMost],
    })
    if (closed) return
    const there = new Map(rows.map((row) => [row.connection, row]))
    for (const [id, one] of held)
      if (there.get(id)?.settings_at !== one.settingsAt) {
        one.close()
        held.delete(id)
      }
    for (const row of rows)
      if (!held.has(row.connection))
        held.set(row.connection, { settingsAt: row.settings_at, close: keepOne(options, row) })
  }
  let looking = Promise.resolve()
  const again = (): void => {
    looking = look()
      .catch((error: Error) => log.warn({ err: error }, 'Connections with a line could not be read.'))
      .finally(() => {
        if (!closed) timer = setTimeout(again, lookMillis).unref()
      })
  }
  again()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await looking
      for (const one of held.values()) one.close()
    },
  }
}

const longestPause = 60_000
/** After the tool switched lines off: a person must do something. */
const offMillis = 300_000
/** So often a line must fail in a row before its connection says so: one end is nothing to look at. */
const toldAfter = 3

/** Keeps one connection's line; what is given back ends it. */
const keepOne = (options: LineOptions, { workspace, connection: id, tool }: Wanting): (() => void) => {
  const { db, key, outside, near, log, silentMillis = 60_000, pauseMillis = 1_000 } = options
  const line: Line = toolNamed(tool)!.line!
  const sockets = new Set<LineSocket>()
  let over = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined

  const failed = async (why: string, pause: number): Promise<void> => {
    if (over) return
    failures++
    if (failures === toldAfter || pause >= offMillis) await problem(options, workspace, id, why)
    log.debug({ connection: id, why, failures }, 'A line ended.')
    timer = setTimeout(() => void open(), pause).unref()
  }
  const pauseNow = (): number =>
    Math.min(longestPause, pauseMillis * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2)

  const open = async (): Promise<void> => {
    let socket: LineSocket | null = null
    let leaving = false
    let connection: Connection | null = null
    try {
      const row = await inWorkspace(db, workspace, (tx) => readConnection(tx, id))
      if (!row || over) return
      connection = opened(key, workspace, row)
      const ours = connection
      if (!line.wanted(ours)) return // looked at again when its settings change
      const source = row.source
      if (source === null) return
      socket = await openLineSocket(await line.address(ours, outside), near, silentMillis, {
        ended(why) {
          if (socket) sockets.delete(socket)
          if (!leaving) void failed(`It ended: ${why}.`, pauseNow())
        },
        said(text) {
          const said = line.read(text, ours)
          if (said.is === 'ready') {
            failures = 0
            void problem(options, workspace, id, said.problem)
          } else if (said.is === 'ending') {
            leaving = true
            // What comes until it is closed there is still taken.
            if (said.anew) void open()
            else void failed(said.why, offMillis)
          } else if (said.is === 'delivery')
            void taken(options, { workspace, source, kind: tool }, said, (words) => socket?.send(words), ours).catch(
              (error: Error) =>
                log.warn(
                  { err: error, connection: id },
                  'What came over a line was not stored; the tool sends it again.',
                ),
            )
        },
      })
      sockets.add(socket)
      if (over) socket.close()
    } catch (error) {
      const why = withoutSecrets((error as Error).message, connection?.secrets ?? {})
      await failed(`It could not be opened: ${why.replace(/\.$/, '')}.`, pauseNow()).catch((other: Error) =>
        log.warn({ err: other, connection: id }, 'A line could not be kept.'),
      )
    }
  }
  void open()
  return () => {
    over = true
    clearTimeout(timer)
    for (const socket of sockets) socket.close()
  }
}

/** Stored first, answered then: a message without an answer is sent again. */
const taken = async (
  { db, store, address, outside }: LineOptions,
  from: { readonly workspace: string; readonly source: string; readonly kind: string },
  { taken: what, body, answer }: Extract<LineSaid, { is: 'delivery' }>,
  send: (text: string) => void,
  connection: Connection,
): Promise<void> => {
  if (isRefusal(what)) {
    await keepRefused(db, { workspace: from.workspace, source: from.source, tool: from.kind }, what)
    return send(answer(null)) // it would be refused again
  }
  if ('answer' in what) return send(answer(null))
  if ('click' in what) {
    send(answer(null))
    return answerClick({ db, outside }, from, what.click, connection)
  }
  const stored = await keepTaken(store, from, what, { headers: {}, body }, 'application/json')
  if (stored) send(answer(what.words ? what.words(await stoodSoon(db, from, stored.delivery, address())) : null))
}

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
