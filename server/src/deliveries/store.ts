/**
 * How are deliveries stored once, many at a time?
 * Those that arrive while one transaction is under way travel together in the next: one round trip and one commit for all
 * of them. An answer is given after its commit and never before.
 */
import { freshId } from '../fresh-id.ts'
import type { Database } from '../database/open.ts'
import { placesOf } from './bodies.ts'

/** What is known of a delivery before anybody reads it. */
type Arrived = {
  readonly workspace: string
  readonly source: string
  readonly id: string
  /** Of several parts of one report the very same buffer: it is sent once. */
  readonly body: Buffer
  /** Others bring the same bytes, so they are kept once for all of them. */
  readonly shared: boolean
  readonly tool: string
  readonly media: string
  readonly headers: Readonly<Record<string, string>>
  /** What `sources.signing` was when its signature was judged; null: nothing was signed. */
  readonly signing: number | null
  /** The number of the secret of before that signed it. */
  readonly old: number | null
}
/** Null: the source was removed, or takes another secret than the one by which it was judged. */
export type Stored = { readonly delivery: string; readonly repeat: boolean } | null

const store = {
  name: 'deliveries store',
  text: 'select delivery, source, id, fresh from vp.deliveries_keep($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
}

type Answer = { settle(stored: Stored): void; fail(error: Error): void }
/** The same delivery may have come several times before it was stored once. */
type Waiting = { readonly arrived: Arrived; readonly delivery: string; readonly answers: Answer[] }
const together = 200

/** How what comes to us comes: a webhook, or over a line that we opened. What is found by asking is stored with its place instead (tools/polls.ts). */
type Came = 'webhook' | 'line'

/** Stores deliveries of any workspace that come this way. `stored` is told per flush in which something was new, after the commit. */
export class DeliveryStore {
  private readonly db: Database
  private readonly came: Came
  private readonly stored: (workspace: string) => void
  /** By workspace, and in it by source and id; whose turn is next comes first. */
  private waiting = new Map<string, Map<string, Waiting>>()
  /** Batches under way, by workspace. */
  private flying: string[] = []
  private readonly atOnce: number

  /** `atOnce`: of one workspace one less, so that one whose rows are locked leaves the others a way. */
  constructor(db: Database, came: Came, stored: (workspace: string) => void, atOnce = 3) {
    this.db = db
    this.came = came
    this.stored = stored
    this.atOnce = atOnce
  }

  keep(arrived: Arrived): Promise<Stored> {
    return new Promise((settle, fail) => {
      const key = `${arrived.source} ${arrived.id}`
      const isFirst = !this.waiting.has(arrived.workspace)
      const of = this.waiting.get(arrived.workspace) ?? new Map<string, Waiting>()
      this.waiting.set(arrived.workspace, of)
      const same = of.get(key)
      if (same) return void same.answers.push({ settle, fail })
      of.set(key, { arrived, delivery: freshId('dlv'), answers: [{ settle, fail }] })
      if (isFirst) setImmediate(() => this.flush())
    })
  }

  private flush(): void {
    const next = this.flying.length < this.atOnce ? this.nextWorkspace() : null
    if (next === null) return
    const { workspace, of } = next
    const batch = [...of].slice(0, together).map(([key, one]) => {
      of.delete(key)
      return one
    })
    // It goes to the end of the line, so that each workspace has its turn however much waits in one.
    this.waiting.delete(workspace)
    if (of.size > 0) this.waiting.set(workspace, of)
    this.flying.push(workspace)
    this.send(workspace, batch)
      .catch((error: Error) => batch.forEach((one) => one.answers.forEach((answer) => answer.fail(error))))
      .finally(() => {
        this.flying.splice(this.flying.indexOf(workspace), 1)
        this.flush()
      })
    this.flush()
  }

  private nextWorkspace(): { readonly workspace: string; readonly of: Map<string, Waiting> } | null {
    for (const [workspace, of] of this.waiting)
      if (this.flying.filter((one) => one === workspace).length < this.atOnce - 1) return { workspace, of }
    return null
  }

  private async send(workspace: string, batch: readonly Waiting[]): Promise<void> {
    const bodies = placesOf(batch.map((one) => one.arrived.body))
    const values = [
      workspace,
      bodies.once.map((body) => body.toString('utf8')),
      batch.map((one) => one.delivery),
      batch.map((one) => one.arrived.source),
      batch.map((one) => one.arrived.id),
      bodies.places,
      batch.map((one) => one.arrived.shared),
      batch.map((one) => one.answers.length),
      batch.map((one) => one.arrived.tool),
      batch.map((one) => one.arrived.media),
      batch.map((one) => JSON.stringify(one.arrived.headers)),
      this.came,
      batch.map((one) => one.arrived.signing),
      batch.map((one) => one.arrived.old),
    ]
    const { rows } = await this.db.app.query<{ delivery: string; source: string; id: string; fresh: boolean }>({
      ...store,
      values,
    })
    const found = new Map(rows.map((row) => [`${row.source} ${row.id}`, row]))
    if (rows.some((row) => row.fresh)) this.stored(workspace)
    for (const { arrived, answers } of batch) {
      const row = found.get(`${arrived.source} ${arrived.id}`)
      answers.forEach((answer, n) =>
        answer.settle(row ? { delivery: row.delivery, repeat: !row.fresh || n > 0 } : null),
      )
    }
  }
}
