/**
 * How are bodies kept where a workspace chose to store them?
 * In chunks of 65,536 bytes with offsets; complete only when the whole has the digest it was announced with.
 */
import { createHash } from 'node:crypto'
import { chunkBytes, bodyKinds } from '@viewportai/core/digest/body'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { z } from 'zod'
import type { BodyAsk, LogAsk } from '../body-port.ts'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { isLive, lockLease } from './held.ts'

export const StoreQuery = z.strictObject({
  run: z.string(),
  kind: z.enum(bodyKinds),
  media: z.string().max(100).default('application/octet-stream'),
  bytes: z.coerce.number().int().min(0).max(1_073_741_824),
  offset: z.coerce.number().int().min(0),
})
export const LogQuery = z.strictObject({
  epoch: z.coerce.number().int().positive(),
  offset: z.coerce.number().int().min(0),
})
/** Bytes in one PUT at most. */
export const storeLimit = 16 * chunkBytes

type Row = { have: number; bytes: number; complete: boolean }

/** `PUT /wire/bodies/:digest`: appends bytes at `offset` (a multiple of the chunk size). The same bytes again are accepted. */
export const storeBody = (
  context: WireContext,
  known: KnownRunner,
  digest: string,
  query: z.infer<typeof StoreQuery>,
  bytes: Buffer,
): Promise<{ offset: number; complete: boolean } | Refusal> =>
  inWorkspace(context.db, known.workspace, async (tx) => {
    const { rows: runs } = await tx.query(
      `select 1 from vp.runs where workspace = $1 and run = $2 and runner = $3 and spec ->> 'bodies' = 'stored'`,
      [tx.workspace, query.run, known.runner],
    )
    if (!runs[0]) return refuse('not_found', { what: 'run that stores bodies of this runner', id: query.run })
    await tx.query(
      'insert into vp.bodies (workspace, run, digest, kind, media, bytes) values ($1, $2, $3, $4, $5, $6) on conflict do nothing',
      [tx.workspace, query.run, digest, query.kind, query.media, query.bytes],
    )
    const row = (
      await tx.query<Row>(
        'select have, bytes, complete from vp.bodies where workspace = $1 and run = $2 and digest = $3 for update',
        [tx.workspace, query.run, digest],
      )
    ).rows[0]!
    const there = row.bytes > 0 && query.offset + bytes.length <= row.have
    if (row.complete || there) return { offset: row.have, complete: row.complete }
    if (query.offset !== row.have) return refuse('offset_gap', { expected: row.have })
    if (row.have + bytes.length > row.bytes) return refuse('too_large', { limit: row.bytes })
    // Only the last part may end amid a chunk: after it nothing could be appended any more.
    if (bytes.length % chunkBytes !== 0 && row.have + bytes.length < row.bytes)
      return refuse('invalid', {
        where: 'body',
        why: `its length is no multiple of ${chunkBytes}, and it is not the end`,
      })
    for (let at = 0; at < bytes.length; at += chunkBytes)
      await tx.query('insert into vp.body_chunks (workspace, run, digest, n, bytes) values ($1, $2, $3, $4, $5)', [
        tx.workspace,
        query.run,
        digest,
        (query.offset + at) / chunkBytes,
        bytes.subarray(at, at + chunkBytes),
      ])
    const have = row.have + bytes.length
    const complete = have === row.bytes
    if (complete && (await wholeDigest(tx, query.run, digest)) !== digest) {
      await tx.query('delete from vp.bodies where workspace = $1 and run = $2 and digest = $3', [
        tx.workspace,
        query.run,
        digest,
      ])
      return refuse('body_mismatch', { digest })
    }
    await tx.query('update vp.bodies set have = $4, complete = $5 where workspace = $1 and run = $2 and digest = $3', [
      tx.workspace,
      query.run,
      digest,
      have,
      complete,
    ])
    return { offset: have, complete }
  })

const wholeDigest = async (tx: Tx, run: string, digest: string): Promise<string> => {
  const hash = createHash('sha256')
  for (let n = 0; ; n++) {
    const { rows } = await tx.query<{ bytes: Buffer }>(
      'select bytes from vp.body_chunks where workspace = $1 and run = $2 and digest = $3 and n = $4',
      [tx.workspace, run, digest, n],
    )
    if (!rows[0]) return hash.digest('hex')
    hash.update(rows[0].bytes)
  }
}

/** A stored body's range, or null when it is not stored. */
export const storedBody = async (
  db: Database,
  ask: Omit<BodyAsk, 'signal'>,
): Promise<AsyncIterable<Uint8Array> | null> => {
  const known = await inWorkspace(
    db,
    ask.workspace,
    async (tx) =>
      (
        await tx.query<Row>(
          'select have, bytes, complete from vp.bodies where workspace = $1 and run = $2 and digest = $3 and complete',
          [tx.workspace, ask.run, ask.digest],
        )
      ).rows[0] ?? null,
  )
  if (!known) return null
  const end = ask.length === null ? known.bytes : Math.min(known.bytes, ask.offset + ask.length)
  return (async function* () {
    for (let at = ask.offset; at < end;) {
      const n = Math.floor(at / chunkBytes)
      const chunk = await inWorkspace(
        db,
        ask.workspace,
        async (tx) =>
          (
            await tx.query<{ bytes: Buffer }>(
              'select bytes from vp.body_chunks where workspace = $1 and run = $2 and digest = $3 and n = $4',
              [tx.workspace, ask.run, ask.digest, n],
            )
          ).rows[0]?.bytes,
      )
      if (!chunk) throw new Error(`chunk ${n} of ${ask.digest} is missing`)
      const part = chunk.subarray(at - n * chunkBytes, Math.min(chunk.length, end - n * chunkBytes))
      at += part.length
      yield part
    }
  })()
}

/** `PUT /wire/leases/:lease/log`: live log bytes where they are stored. Replays are accepted, other bytes refused, a gap is answered with the right offset. */
export const storeLog = (
  context: WireContext,
  known: KnownRunner,
  lease: string,
  query: z.infer<typeof LogQuery>,
  bytes: Buffer,
): Promise<{ offset: number; complete: boolean } | Refusal> =>
  inWorkspace(context.db, known.workspace, async (tx) => {
    const row = await lockLease(tx, known, lease, query.epoch)
    if ('refusal' in row) return row
    if (!isLive(row)) return refuse('stale_epoch', { current: row.epoch + 1, epoch: query.epoch })
    if (!(await isStored(tx, row.run))) return refuse('not_found', { what: 'run that stores bodies', id: row.run })
    const have = (
      await tx.query<{ have: number }>(
        'select coalesce(max(start + length(bytes)), 0)::bigint as have from vp.live_logs where workspace = $1 and lease = $2',
        [tx.workspace, lease],
      )
    ).rows[0]!.have
    if (query.offset > have) return refuse('offset_gap', { expected: have })
    if (query.offset < have) {
      const overlap = bytes.subarray(0, have - query.offset)
      if (!(await sameBytes(tx, lease, query.offset, overlap))) return refuse('offset_conflict')
    }
    const rest = bytes.subarray(have - query.offset)
    if (rest.length > 0)
      await tx.query('insert into vp.live_logs (workspace, lease, start, bytes) values ($1, $2, $3, $4)', [
        tx.workspace,
        lease,
        have,
        rest,
      ])
    tx.nudge('run', row.run)
    return { offset: have + rest.length, complete: false }
  })

/** Did the workspace choose to store the bodies of this run? Else its bytes have no place here. */
const isStored = async (tx: Tx, run: string): Promise<boolean> =>
  (
    await tx.query(
      {
        name: 'run stores',
        text: `select from vp.runs where workspace = $1 and run = $2 and spec ->> 'bodies' = 'stored'`,
      },
      [tx.workspace, run],
    )
  ).rowCount === 1

const sameBytes = async (tx: Tx, lease: string, from: number, bytes: Buffer): Promise<boolean> => {
  const { rows } = await tx.query<{ start: number; bytes: Buffer }>(
    'select start, bytes from vp.live_logs where workspace = $1 and lease = $2 and start < $4 and start + length(bytes) > $3 order by start',
    [tx.workspace, lease, from, from + bytes.length],
  )
  return rows.every((row) => {
    const begin = Math.max(row.start, from)
    const end = Math.min(row.start + row.bytes.length, from + bytes.length)
    return row.bytes.subarray(begin - row.start, end - row.start).equals(bytes.subarray(begin - from, end - from))
  })
}

/** A stored live log from an offset on, or null when none is stored. `follow` waits for more while the attempt lives. */
export const storedLog = async (db: Database, ask: LogAsk): Promise<AsyncIterable<Uint8Array> | null> => {
  const lease = await inWorkspace(
    db,
    ask.workspace,
    async (tx) =>
      (
        await tx.query<{ lease: string }>(
          'select l.lease from vp.leases l where l.workspace = $1 and l.run = $2 and l.step = $3 and l.attempt = $4 and exists (select from vp.live_logs g where g.workspace = l.workspace and g.lease = l.lease) order by l.epoch desc limit 1',
          [tx.workspace, ask.run, ask.step, ask.attempt],
        )
      ).rows[0]?.lease,
  )
  if (!lease) return null
  return (async function* () {
    let at = ask.offset
    while (!ask.signal.aborted) {
      const { rows, live } = await inWorkspace(db, ask.workspace, async (tx) => ({
        rows: (
          await tx.query<{ start: number; bytes: Buffer }>(
            'select start, bytes from vp.live_logs where workspace = $1 and lease = $2 and start + length(bytes) > $3 order by start limit 32',
            [tx.workspace, lease, at],
          )
        ).rows,
        live:
          ((
            await tx.query(
              `select 1 from vp.leases where workspace = $1 and lease = $2 and state in ('offered', 'held')`,
              [tx.workspace, lease],
            )
          ).rowCount ?? 0) > 0,
      }))
      for (const row of rows) {
        const part = row.bytes.subarray(Math.max(0, at - row.start))
        at = row.start + row.bytes.length
        if (part.length > 0) yield part
      }
      if (rows.length === 0 && (!live || !ask.follow)) return
      if (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 300))
    }
  })()
}
