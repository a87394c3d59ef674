/** The secret of a webhook address is changed while its sender works: no event is lost, and no server goes on with a secret that has ended. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { testPlane, type Came } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { inWorkspace } from '../database/tenant.ts'
import { sweepOld } from '../engine/sweeps.ts'
import type { ControlPlane } from '../program.ts'
import { makeStuck } from '../stuck.ts'
import { oldAtMost } from './old-secrets.ts'

const { plane, workspace, url, replica } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme')
let other: ControlPlane
beforeAll(async () => void (other = await replica()))

type Made = { readonly source: { readonly id: string; readonly url: string }; readonly secret: string }
let count = 0
const make = async (): Promise<Made> => (await acme.admin.post('/api/sources', { name: `alerts ${++count}` })).body
const rotate = async ({ source }: Made, body: object = {}): Promise<Made> => {
  const came = await acme.admin.post(`/api/sources/${source.id}/secrets`, body)
  expect(came.status, JSON.stringify(came.body)).toBe(201)
  return came.body
}
const shown = async ({ source }: Made) =>
  (await acme.admin.get('/api/sources')).body.sources.find((one: { id: string }) => one.id === source.id)
/** Delivered at a server with this secret. */
const arrives = (made: Made, at = url, id?: string): Promise<Came> =>
  deliver(at, { url: made.source.url, secret: made.secret }, { type: 'x' }, id === undefined ? {} : { id })
const statusOf = async (made: Made, at = url): Promise<number> => (await arrives(made, at)).status
const facts = async (source: string) =>
  (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ text: string }>(
        `select text from vp.facts where workspace = $1 and run = $1 and type like 'source.%' and text like $2 order by position`,
        [acme.id, `%${source}%`],
      ),
    )
  ).rows.map(({ text }) => JSON.parse(text))

const asOwner = (text: string, values: unknown[]) =>
  db.asOwner(async (owner) => {
    await owner.query(`set vp.workspace = '${acme.id}'`)
    await owner.query(text, values)
  })

test('both are taken, the list says until when the old one is and when it signed last, and either is kept once', async () => {
  const old = await make()
  expect(await statusOf(old)).toBe(202)
  const before = Date.now()
  const next = await rotate(old)
  expect(next.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(next.secret).not.toBe(old.secret)
  const [kept] = (await shown(old)).oldSecrets
  expect(kept.until - before).toBeGreaterThanOrEqual(24 * 3_600_000 - 5_000)
  expect(kept.until - before).toBeLessThan(24 * 3_600_000 + 60_000)
  expect(kept.lastAt).toBeNull()
  const [byNew, byOld] = [await arrives(next), await arrives(old)]
  expect([byNew.status, byOld.status]).toEqual([202, 202])
  const { lastAt } = (await shown(old)).oldSecrets[0]
  expect(lastAt).toBe((await acme.admin.get('/api/deliveries')).body.deliveries[0].at)
  // The same event, signed with either, is one.
  expect((await arrives(next, url, 'msg_both')).body.repeat).toBe(false)
  expect((await arrives(old, url, 'msg_both')).body.repeat).toBe(true)
})

test('who did it and until when is a fact, and no secret stands anywhere', async () => {
  const old = await make()
  const next = await rotate(old, { oldHours: 2 })
  const third = await rotate(next, { oldHours: 0 })
  await rotate(third)
  expect((await acme.admin.del(`/api/sources/${old.source.id}/old-secrets`)).status).toBe(204)
  const [, ...rest] = await facts(old.source.id)
  expect(rest.map(({ type, by, data }) => [type, by.id, data.oldUntil === null ? null : typeof data.oldUntil])).toEqual(
    [
      ['source.secret_made', acme.admin.id, 'number'],
      ['source.secret_made', acme.admin.id, null],
      ['source.secret_made', acme.admin.id, 'number'],
      ['source.old_secrets_ended', acme.admin.id, 'undefined'],
    ],
  )
  await rotate(third)
  const everything = await inWorkspace(db, acme.id, async (tx) => [
    (await tx.query('select o::text as row from vp.old_secrets o')).rows,
    (await tx.query('select s::text as row from vp.sources s')).rows,
    await facts(old.source.id),
    (await acme.admin.get('/api/sources')).body,
  ])
  for (const { secret } of [old, next, third]) expect(JSON.stringify(everything)).not.toContain(secret.slice(6, 30))
})

describe('the old one ends', () => {
  test('at its time, also where it is remembered', async () => {
    const old = await make()
    const next = await rotate(old)
    const until = Date.now() + 3_000
    await asOwner('update vp.old_secrets set until = $1 where source = $2', [until, old.source.id])
    expect([await statusOf(old), await statusOf(next)]).toEqual([202, 202])
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(until), { timeout: 20_000 })
    expect([await statusOf(old), await statusOf(next)]).toEqual([401, 202])
    expect((await shown(old)).oldSecrets).toEqual([])
    await sweepOld(
      db,
      makeStuck(() => {}),
    )
    const { rowCount } = await inWorkspace(db, acme.id, (tx) =>
      tx.query('select from vp.old_secrets where source = $1', [old.source.id]),
    )
    expect(rowCount).toBe(0)
  })

  test('now, at every server, whatever each remembers; the new one is taken at once by each', async () => {
    const old = await make()
    for (const at of [url, other.url]) expect(await statusOf(old, at)).toBe(202)
    const next = await rotate(old)
    // The other server has seen nothing of the change.
    expect([await statusOf(next, other.url), await statusOf(old, other.url)]).toEqual([202, 202])
    const ended = await acme.admin.at(plane).del(`/api/sources/${old.source.id}/old-secrets`)
    expect(ended.status).toBe(204)
    for (const at of [other.url, url]) {
      expect((await arrives(old, at)).body).toMatchObject({ code: 'signature_invalid' })
      expect(await statusOf(next, at)).toBe(202)
    }
    expect((await shown(old)).oldSecrets).toEqual([])
    expect((await acme.admin.del(`/api/sources/${old.source.id}/old-secrets`)).body.code).toBe('no_old_secret')
  })

  test('at once where it leaked, with every older one', async () => {
    const old = await make()
    const next = await rotate(old)
    expect([await statusOf(old, other.url), await statusOf(next, other.url)]).toEqual([202, 202])
    const last = await rotate(next, { oldHours: 0 })
    for (const at of [other.url, url])
      expect([await statusOf(old, at), await statusOf(next, at), await statusOf(last, at)]).toEqual([401, 401, 202])
  })

  test('with its address', async () => {
    const old = await make()
    const next = await rotate(old)
    expect(await statusOf(old, other.url)).toBe(202)
    await acme.admin.del(`/api/sources/${old.source.id}`)
    expect([await statusOf(old, other.url), await statusOf(next, url)]).toEqual([404, 404])
    const { rowCount } = await inWorkspace(db, acme.id, (tx) =>
      tx.query('select from vp.old_secrets where source = $1', [old.source.id]),
    )
    expect(rowCount).toBe(0)
  })
})

test('a new one that was lost is followed by another, and the one that signs is taken all the while; as many as are kept, and no more', async () => {
  const signs = await make()
  let last = signs
  for (let n = 0; n < oldAtMost; n++) last = await rotate(last)
  expect([await statusOf(signs), await statusOf(last)]).toEqual([202, 202])
  const many = await acme.admin.post(`/api/sources/${signs.source.id}/secrets`)
  expect([many.status, many.body.code]).toEqual([409, 'many_old_secrets'])
  expect([await statusOf(signs), await statusOf(last)]).toEqual([202, 202])
  const wrong = await acme.admin.post(`/api/sources/${signs.source.id}/secrets`, { oldHours: 169 })
  expect(wrong.status).toBe(422)
})

test('while it is changed again and again under a stream of events, at two servers, each event is taken', async () => {
  let now = await make()
  let going = true
  const sent: number[] = []
  const signsWith = new Map<string, Made>()
  const sends = async (at: string) => {
    while (going) {
      const by = now
      sent.push(await statusOf(by, at))
      signsWith.set(at, by)
    }
  }
  const senders = [sends(url), sends(other.url)]
  for (let n = 0; n < 12; n++) {
    now = await rotate(now)
    // Nothing is on its way any more that was signed with the one before, which is ended then.
    await vi.waitFor(() => expect([signsWith.get(url), signsWith.get(other.url)]).toEqual([now, now]), {
      timeout: 20_000,
      interval: 5,
    })
    expect((await acme.admin.del(`/api/sources/${now.source.id}/old-secrets`)).status).toBe(204)
  }
  going = false
  await Promise.all(senders)
  expect(sent.length).toBeGreaterThan(24)
  expect(new Set(sent)).toEqual(new Set([202]))
})

test('a member changes none', async () => {
  const made = await make()
  const kim = await acme.person('kim')
  expect((await kim.post(`/api/sources/${made.source.id}/secrets`)).status).toBe(403)
  expect((await kim.del(`/api/sources/${made.source.id}/old-secrets`)).status).toBe(403)
  expect((await acme.admin.post('/api/sources/src_none/secrets')).status).toBe(404)
})
