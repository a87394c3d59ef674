/** What does a report that tells of many things take on the disk, beside a copy of it for each of them, which is how it was kept once? */
import { randomBytes } from 'node:crypto'
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { against, megabytes, ms, type Figure } from './figures.ts'
import { sender } from './requests.ts'
import { until } from './until.ts'
import type { Place } from './place.ts'
import type { Size } from './size.ts'

const commit = '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a'
const told = 20

/** JUnit of so many bytes: twenty tests that failed at their first try, whose output no compression makes much smaller. */
const report = (bytes: number): string => {
  const noise = (): string => randomBytes(Math.ceil(bytes / told / 2)).toString('hex')
  const cases = Array.from(
    { length: told },
    (_none, at) =>
      `<testcase name="case ${at}"><flakyFailure message="timeout"/><system-out>${noise()}</system-out></testcase>`,
  )
  return `<testsuites><testsuite name="prices">${cases.join('')}</testsuite></testsuites>`
}

/** One report by the front door, worked on; then the same deliveries with a body each, as rows. */
export const bodyFigures = async (place: Place, { bodies: { bytes } }: Size): Promise<Figure[]> => {
  const { connection, made } = await place.api.addConnection({ body: { tool: 'ci', name: 'bench', values: {} } })
  const hook = new URL(connection.url!)
  const { send, close } = sender(place.url, 1)
  const body = report(bytes)
  const empty = await onDisk(place)
  const { status, millis } = await send(
    'POST',
    `${hook.pathname}?repo=acme/shop&commit=${commit}&branch=main&job=test`,
    { authorization: `Bearer ${made!['token']!}`, 'content-type': 'application/xml' },
    body,
  )
  close()
  if (status !== 202) throw new Error(`the report was answered with ${status}`)
  await until('events of the report', async () => (await worked(place)) === told + 1)
  const once = (await onDisk(place)) - empty
  await inWorkspace(place.db, place.workspace, (tx) =>
    tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, tool, state, own_body, trigger_event)
        select workspace, delivery || '_copy', source, provider_id || ' copy', tool, state, convert_to($2, 'UTF8'), trigger_event from vp.deliveries where workspace = $1`,
      [place.workspace, body],
    ),
  )
  const each = (await onDisk(place)) - empty - once
  const size = `${(body.length / 1_048_576).toFixed(1)} MB`
  return [
    against(`disk for a CI report of ${size} that tells of ${told + 1} events`, once, 2 * body.length, megabytes, {
      instead: { what: 'a body with each event:', value: each },
    }),
    against('the same report, from its first byte to its ack', millis, null, ms),
  ]
}

const counted = (place: Place, n: string): Promise<number> =>
  inWorkspace(
    place.db,
    place.workspace,
    async (tx) => (await tx.query<{ n: number }>(`select (${n}) as n where $1 <> ''`, [place.workspace])).rows[0]!.n,
  )

const worked = (place: Place): Promise<number> =>
  counted(place, `select count(*) from vp.deliveries where workspace = $1 and state = 'processed'`)

/** Bytes of all that is kept of deliveries, indexes included. */
const onDisk = (place: Place): Promise<number> =>
  counted(place, `pg_total_relation_size('vp.deliveries') + pg_total_relation_size('vp.delivery_bodies')`)
