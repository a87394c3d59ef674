/**
 * What does the database hold for the packet of a run?
 * Facts, signed reports, keys with their times and, where the workspace chose so, stored bodies. It changes nothing.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { PacketInput } from '@viewportai/core/packet/compose'
import { packetKey, rawKey, type PacketKey } from '@viewportai/core/packet/keys'
import { bodiesFolder } from '@viewportai/core/packet/names'
import type { SignedReport } from '@viewportai/core/packet/report'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import type { Tx } from '../database/tenant.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { factsOf } from '../ledger/read.ts'
import { buildPacket, packetFileName } from './build-packet.ts'
import { storedBody } from '../wire/stored.ts'
import { settingNames } from '../workspace/choices.ts'
import { streamedEntry, type ZipEntry } from './zip.ts'

/** The setting (`true`) with which a workspace exports stored bodies with its packets. */
export const bodiesSetting = settingNames.packetBodies

type Row = { number: number; seq: number; hash: string; now: number; bodies: boolean }

/**
 * The audit packet of a run (its id) as it stands now: the zip, part by part, its length and file name; or not_found. Stored bodies are read
 * from `db` while the zip is read, also when the transaction is over.
 * Throws when the ledger is damaged (a hash or the end of the chain does not fit): such a packet is not signed.
 */
export const packetOfRun = async (
  tx: Tx,
  db: Database,
  signing: SigningKeys,
  run: string,
): Promise<{ bytes: AsyncIterable<Uint8Array>; total: number; name: string } | Refusal> => {
  const { rows } = await tx.query<Row>(
    `select r.number, r.seq, r.hash, vp.now_ms() as now,
      exists (select from vp.settings s where s.workspace = $1 and s.name = $3 and s.value::text = 'true') as bodies
      from vp.runs r where r.workspace = $1 and r.run = $2`,
    [tx.workspace, run, bodiesSetting],
  )
  const row = rows[0]
  if (!row) return refuse('not_found', { what: 'run', id: run })
  const facts = await factsOf(tx, run, 0, row.seq)
  // The row knows the end of the chain: without this a tail cut off in the database would be signed as if it were all.
  if (facts.length !== row.seq || facts.at(-1)?.hash !== row.hash)
    throw new Error(`${run} ends with fact ${facts.length} in the ledger, and fact ${row.seq} was the last one`)
  const input: PacketInput = {
    facts,
    keys: [
      ...signing.all.map(({ key, from, until }) => packetKey(rawKey(key.x)!, { kind: 'control-plane' }, from, until)),
      ...(await runnerKeys(tx)),
    ],
    reports: await reportsOf(tx, run, row.seq),
    bodies: new Map(),
    signer: { kid: signing.current.kid, sign: (signed) => new Uint8Array(signing.sign(signed)) },
    exportedAt: row.now,
  }
  const packet = await buildPacket(input, row.bodies ? await storedBodies(tx, db, run) : [])
  return { ...packet, name: packetFileName(row.number) }
}

/** Keys of all runners that ever worked here; the packet keeps those that signed something in it. */
const runnerKeys = async (tx: Tx): Promise<PacketKey[]> => {
  const { rows } = await tx.query<{
    runner: string
    name: string
    x: string
    paired_at: number
    removed_at: number | null
  }>(`select runner, name, key ->> 'x' as x, paired_at, removed_at from vp.runners where workspace = $1`, [
    tx.workspace,
  ])
  return rows.map(({ runner, name, x, paired_at, removed_at }) =>
    packetKey(rawKey(x)!, { kind: 'runner', id: runner, name }, paired_at, removed_at),
  )
}

const reportsOf = async (tx: Tx, run: string, last: number): Promise<SignedReport[]> =>
  (
    await tx.query<SignedReport>(
      'select fact, text, signature from vp.reports where workspace = $1 and run = $2 and fact <= $3 and text is not null and signature is not null order by fact',
      [tx.workspace, run, last],
    )
  ).rows

/** Chunks of 64 KiB that are in memory at a time. */
const chunksAtOnce = 16

/** The stored bodies as files of the zip. Each is read here, to see that it has its digest, and again when it is written: in `tx` and afterwards. */
const storedBodies = async (tx: Tx, db: Database, run: string): Promise<ZipEntry[]> => {
  const { rows } = await tx.query<{ digest: string; bytes: number }>(
    'select digest, bytes from vp.bodies where workspace = $1 and run = $2 and complete order by digest',
    [tx.workspace, run],
  )
  const entries: ZipEntry[] = []
  for (const { digest } of rows) {
    const hash = createHash('sha256')
    let [size, crc] = [0, 0]
    for (let n = 0; ; n += chunksAtOnce) {
      const { rows: chunks } = await tx.query<{ bytes: Buffer }>(
        {
          name: 'body chunks',
          text: 'select bytes from vp.body_chunks where workspace = $1 and run = $2 and digest = $3 and n >= $4 and n < $5 order by n',
        },
        [tx.workspace, run, digest, n, n + chunksAtOnce],
      )
      for (const { bytes } of chunks) {
        hash.update(bytes)
        crc = crc32(bytes, crc)
        size += bytes.length
      }
      if (chunks.length < chunksAtOnce) break
    }
    if (hash.digest('hex') !== digest) throw new Error(`the bytes of body ${digest} have another digest`)
    entries.push(
      streamedEntry(`${bodiesFolder}${digest}`, { size, crc }, () =>
        later(db, { workspace: tx.workspace, run, digest }),
      ),
    )
  }
  return entries
}

async function* later(
  db: Database,
  which: { workspace: string; run: string; digest: string },
): AsyncGenerator<Uint8Array> {
  const body = await storedBody(db, { ...which, offset: 0, length: null })
  if (!body) throw new Error(`body ${which.digest} was removed while the packet was written`)
  yield* body
}
