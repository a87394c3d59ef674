/**
 * What does the database hold for the packet of a run?
 * Facts, signed reports, keys with their times and, where the workspace chose so, stored bodies. It changes nothing.
 */
import { packetKey, rawKey, type PacketKey } from '@viewportai/core/packet/keys'
import type { SignedReport } from '@viewportai/core/packet/report'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Tx } from '../database/tenant.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import { factsOf } from '../ledger/read.ts'
import { buildPacket, packetFileName } from './build-packet.ts'
import { settingNames } from '../workspace/choices.ts'

/** The setting (`true`) with which a workspace exports stored bodies with its packets. */
export const bodiesSetting = settingNames.packetBodies

type Row = { number: number; seq: number; hash: string; now: number; bodies: boolean }

/**
 * The audit packet of a run (its id) as it stands now: zip and file name; or not_found.
 * Throws when the ledger is damaged (a hash or the end of the chain does not fit): such a packet is not signed.
 */
export const packetOfRun = async (
  tx: Tx,
  signing: SigningKeys,
  run: string,
): Promise<{ bytes: Uint8Array; name: string } | Refusal> => {
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
  const bytes = await buildPacket({
    facts,
    keys: [
      ...signing.all.map(({ key, from, until }) => packetKey(rawKey(key.x)!, { kind: 'control-plane' }, from, until)),
      ...(await runnerKeys(tx)),
    ],
    reports: await reportsOf(tx, run, row.seq),
    bodies: row.bodies ? await storedBodies(tx, run) : new Map(),
    signer: { kid: signing.current.kid, sign: (signed) => new Uint8Array(signing.sign(signed)) },
    exportedAt: row.now,
  })
  return { bytes, name: packetFileName(row.number) }
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

const storedBodies = async (tx: Tx, run: string): Promise<Map<string, Uint8Array>> => {
  const { rows } = await tx.query<{ digest: string; bytes: Buffer }>(
    `select b.digest, coalesce(string_agg(c.bytes, ''::bytea order by c.n), ''::bytea) as bytes
      from vp.bodies b left join vp.body_chunks c using (workspace, run, digest)
      where b.workspace = $1 and b.run = $2 and b.complete group by b.digest`,
    [tx.workspace, run],
  )
  return new Map(rows.map(({ digest, bytes }) => [digest, new Uint8Array(bytes)]))
}
