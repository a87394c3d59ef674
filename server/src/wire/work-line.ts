/**
 * Who looks when work comes?
 * A thousand runners wait and one piece of work comes: a thousand looks would find nothing but one. So those of a pool stand in a
 * line; a few of them look, and pass the word on while something is left. What a lost nudge hides is looked for every few seconds,
 * once for all of a pool. It never decides who gets what.
 */
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { KnownRunner } from './context.ts'
import type { Place } from './waiting.ts'

/** So many look at once when work comes; each passes the word on. */
const atOnce = 2
const lookEveryMillis = 5_000

type Asker = { readonly runner: string; readonly wake: () => void; looked: number; sent: boolean }
type Line = { readonly workspace: string; readonly pool: string; readonly askers: Set<Asker>; turn: number }

export type WorkLine = {
  join(known: KnownRunner, wake: () => void): Place
  close(): void
}

export const openWorkLine = (db: Database, failed: (error: unknown) => void): WorkLine => {
  const lines = new Map<string, Line>()

  /** Sends the next one who has not looked since the turn began. */
  const sendNext = (line: Line): void => {
    for (const asker of line.askers) {
      if (asker.sent || asker.looked === line.turn) continue
      line.askers.delete(asker) // whoever looks goes to the end
      line.askers.add(asker)
      Object.assign(asker, { sent: true, looked: line.turn })
      asker.wake()
      return
    }
  }
  const turn = (line: Line): void => {
    line.turn++
    for (let n = 0; n < atOnce; n++) sendNext(line)
  }
  const passOn = async (line: Line, found: boolean): Promise<void> => {
    if (line.askers.size > 0 && (found || (await isReady(db, line)))) sendNext(line)
  }

  const off = db.nudges.on(({ workspace, topic, id }) => {
    if (topic !== 'work' && topic !== 'resync') return
    if (topic === 'work' && id !== '*' && !id.startsWith('rnr_')) {
      const line = lines.get(`${workspace} ${id}`)
      if (line) turn(line)
      return
    }
    for (const line of lines.values()) {
      if (topic === 'work' && line.workspace !== workspace) continue
      for (const asker of line.askers) if (topic === 'resync' || id === '*' || asker.runner === id) asker.wake()
    }
  })
  const sweep = setInterval(() => {
    for (const line of lines.values()) isReady(db, line).then((ready) => ready && turn(line), failed)
  }, lookEveryMillis)
  sweep.unref()

  return {
    join({ workspace, pool, runner }, wake) {
      const key = `${workspace} ${pool}`
      const line = lines.get(key) ?? { workspace, pool, askers: new Set<Asker>(), turn: 0 }
      lines.set(key, line)
      const asker: Asker = { runner, wake, looked: -1, sent: false }
      line.askers.add(asker)
      const done = (found: boolean): void => {
        if (!asker.sent) return
        asker.sent = false
        passOn(line, found).catch(failed)
      }
      return {
        looked: done,
        leave() {
          line.askers.delete(asker)
          if (line.askers.size === 0) lines.delete(key)
          done(true) // it was sent and did not look: another one does
        },
      }
    },
    close() {
      off()
      clearInterval(sweep)
    },
  }
}

const isReady = async (db: Database, { workspace, pool }: Line): Promise<boolean> =>
  inWorkspace(db, workspace, async (tx) => {
    const { rows } = await tx.query<{ ready: boolean }>(
      {
        name: 'work is ready',
        text: `select exists (select from vp.work where workspace = $1 and pool = $2 and state = 'ready') as ready`,
      },
      [workspace, pool],
    )
    return rows[0]!.ready
  })
