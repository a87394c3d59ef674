/**
 * Where is the body of a delivery?
 * With the delivery, where nothing else brings it. What one report tells of many times, and what is long enough to matter when it comes again, is kept once for
 * its address, by its digest (docs/decisions/042-a-body-is-kept-once.md). It is read once, too, however many deliveries of a batch need it.
 */
import type { Tx } from '../database/tenant.ts'
import type { WaitingRow } from './read-delivery.ts'

/** Bytes from which a body is kept by its digest, whoever brings it: a build system may send one long report for each of its jobs. */
const longBytes = 65_536

/** Is it kept by its digest? `bringing`: how many deliveries bring it now. */
export const isShared = (body: Buffer | string, bringing: number): boolean => bringing > 1 || body.length >= longBytes

/**
 * Each body once; for each delivery the place (from 1) of its own in that list, and how many of these deliveries bring it. Buffers are told apart by the
 * buffer, not by what is in it.
 */
export const placesOf = <B extends Buffer | string>(
  bodies: readonly B[],
): { readonly once: B[]; readonly places: number[]; readonly bringing: number[] } => {
  const known = new Map<B, { readonly place: number; bringing: number }>()
  const each = bodies.map((body) => {
    const one = known.get(body) ?? { place: known.size + 1, bringing: 0 }
    known.set(body, one)
    one.bringing++
    return one
  })
  return {
    once: [...known.keys()],
    places: each.map(({ place }) => place),
    bringing: each.map(({ bringing }) => bringing),
  }
}

/** Deliveries that wait, without what is kept by its digest; whatever follows names the workspace as $1. */
export const storedRows = `select d.delivery, d.source, s.name, d.provider_id, d.received_at, d.own_body as body, d.body_digest as digest, d.tool, d.headers, s.connection, s.removed_at is not null as gone, s.accounts
    from vp.deliveries d left join vp.sources s on s.workspace = $1 and s.source = d.source`

type StoredRow = Omit<WaitingRow, 'body'> & { readonly body: Buffer | null; readonly digest: string | null }

const shared = {
  name: 'deliveries bodies',
  text: `select b.source, b.digest, b.body from unnest($2::text[], $3::text[]) w (source, digest) join vp.delivery_bodies b on b.workspace = $1 and b.source = w.source and b.digest = w.digest`,
}

/** Deliveries by a statement made of `storedRows`, each with its body: one buffer for all that share it. */
export const withBodies = async (
  tx: Tx,
  statement: { readonly name: string; readonly text: string },
  values: unknown[],
): Promise<WaitingRow[]> => {
  const { rows } = await tx.query<StoredRow>(statement, values)
  const wanted = new Map(rows.flatMap((row) => (row.digest === null ? [] : [[keyOf(row), row] as const])))
  const found = new Map<string, Buffer>()
  if (wanted.size > 0) {
    const list = [...wanted.values()]
    const kept = await tx.query<{ source: string; digest: string; body: Buffer }>(shared, [
      tx.workspace,
      list.map((row) => row.source),
      list.map((row) => row.digest),
    ])
    for (const one of kept.rows) found.set(keyOf(one), one.body)
  }
  return rows.map(({ digest, ...row }) => ({
    ...row,
    body: digest === null ? row.body! : found.get(keyOf({ ...row, digest }))!,
  }))
}

const keyOf = ({ source, digest }: { readonly source: string; readonly digest: string | null }): string =>
  `${source} ${digest}`
