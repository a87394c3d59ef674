/** A body that several deliveries bring is on the disk once, is never taken for another, and goes with the last that needs it. */
import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { emptyDatabase } from '../../test/database.ts'
import { send, testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { migrate, ownMigrations } from '../database/migrate.ts'
import { ensureGroupRoles } from '../database/roles.ts'
import { inWorkspace } from '../database/tenant.ts'
import { commit } from '../tools/ci/testing/samples.ts'
import { isShared, placesOf, storedRows, withBodies } from './bodies.ts'
import { keepTaken } from './keep-taken.ts'
import { DeliveryStore } from './store.ts'

const { plane, url, test: made, workspace } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme')
const other = await workspace('other')
/** Of the user who set the database up: only that one removes deliveries. */
const owner = new pg.Client({ connectionString: made.url })
const rival = new pg.Client({ connectionString: made.url })
await Promise.all([owner.connect(), rival.connect()])
afterAll(() => Promise.all([owner.end(), rival.end()]))

const ciIn = async (of: typeof acme, name: string) => {
  const { body } = await of.admin.post('/api/connections', { tool: 'ci', name, values: {} })
  const post = (more: string, report: string) =>
    send('', 'POST', `${body.connection.url}?repo=acme/shop&commit=${commit}&branch=main${more}`, {
      body: report,
      headers: { 'content-type': 'application/xml', authorization: `Bearer ${body.made.token}` },
    })
  return { source: body.connection.url.split('/').at(-1) as string, post }
}
const ci = await ciIn(acme, 'ci')
const second = await ciIn(acme, 'second')
const theirs = await ciIn(other, 'theirs')

/** A report of twenty tests that passed at the second try, each with its own words: the build and twenty more events. */
const report = (words: string): string =>
  `<testsuites>${Array.from({ length: 20 }, (_, n) => `<testcase name="t${n}"><flakyFailure message="${words} ${n}"/></testcase>`).join('')}</testsuites>`

type Row = { delivery: string; own: boolean; digest: string | null; state: string; event: string | null; text: string }
const rowsOf = async (source: string): Promise<Row[]> =>
  (
    await owner.query<Row>(
      `select delivery, own_body is not null as own, body_digest as digest, state, event, trigger_event ->> 'text' as text from vp.deliveries where source = $1 order by received_at, provider_id`,
      [source],
    )
  ).rows
const bodiesOf = async (source: string): Promise<string[]> =>
  (
    await owner.query<{ body: string }>(
      `select convert_from(body, 'UTF8') as body from vp.delivery_bodies where source = $1 order by digest`,
      [source],
    )
  ).rows.map((row) => row.body)
const settled = (source: string, count: number): Promise<Row[]> =>
  vi.waitFor(
    async () => {
      const rows = await rowsOf(source)
      expect([rows.length, rows.filter((row) => row.state === 'stored')]).toEqual([count, []])
      return rows
    },
    { timeout: 30_000, interval: 50 },
  )
const sourceIn = async (of: typeof acme): Promise<string> =>
  (await of.admin.post('/api/sources', { name: `s-${randomBytes(4).toString('hex')}` })).body.source.id
const remove = (source: string, count: number): Promise<unknown> =>
  owner.query(
    'delete from vp.deliveries where delivery in (select delivery from vp.deliveries where source = $1 order by provider_id limit $2)',
    [source, count],
  )
/** A report of so many parts, as a tool's hook takes it. */
const kept = (source: string, id: string, body: string, parts: number, of = acme, store = ownStore) =>
  keepTaken(
    store,
    { workspace: of.id, source, kind: 'webhook' },
    { id, parts: Array.from({ length: parts }, (_, n) => `part:${n}`) },
    { headers: {}, body: Buffer.from(body) },
    'application/json',
  )
const ownStore = new DeliveryStore(db, 'webhook', () => {})

describe('a report that tells of 21 things', () => {
  test('is kept once, and each of them is read from it', async () => {
    expect((await ci.post('&job=test', report('slow'))).status).toBe(202)
    const rows = await settled(ci.source, 21)
    expect(rows.map(({ own }) => own)).toEqual(rows.map(() => false))
    expect(new Set(rows.map(({ digest }) => digest)).size).toBe(1)
    expect(await bodiesOf(ci.source)).toEqual([report('slow')])
    expect(rows.map(({ event }) => event).toSorted()).toEqual([
      'build_passed',
      ...rows.slice(1).map(() => 'test_flaked'),
    ])
    expect(rows.filter(({ text }) => text.includes('slow 7'))).toHaveLength(1)
  })

  test('told of another job, or again: it is there already', async () => {
    await ci.post('&job=more', report('slow'))
    await settled(ci.source, 42)
    expect((await ci.post('&job=more', report('slow'))).body.repeat).toBe(true)
    expect(await bodiesOf(ci.source)).toEqual([report('slow')])
    expect((await rowsOf(ci.source)).length).toBe(42)
  })

  test('with one letter of it changed is another one', async () => {
    await ci.post('&job=test', report('slow').replace('slow 19', 'slow 1a'))
    const rows = await settled(ci.source, 63)
    expect((await bodiesOf(ci.source)).toSorted()).toEqual(
      [report('slow'), report('slow').replace('slow 19', 'slow 1a')].toSorted(),
    )
    expect(rows.filter(({ text }) => text.includes('slow 1a'))).toHaveLength(1)
    expect(rows.filter(({ text }) => text.includes('slow 19'))).toHaveLength(2)
  })

  test('to another address, or of another workspace, is kept there as well', async () => {
    for (const at of [second, theirs]) {
      await at.post('&job=test', report('slow'))
      await settled(at.source, 21)
      expect(await bodiesOf(at.source)).toEqual([report('slow')])
    }
  })

  test('that came in two pieces, beside others, is kept once', async () => {
    const source = await sourceIn(acme)
    const reports = Array.from({ length: 5 }, (_, n) => `{"n":${n}}`)
    const stored = await Promise.all(reports.map((body, n) => kept(source, `r${n}`, body, 50)))
    expect(stored).toEqual(stored.map(() => ({ delivery: expect.stringMatching(/^dlv_/), repeat: false })))
    expect((await bodiesOf(source)).toSorted()).toEqual(reports)
    const rows = await rowsOf(source)
    expect([rows.length, rows.filter(({ own }) => own)]).toEqual([250, []])
  })
})

test('what comes alone stays with its delivery; what is long is kept by its digest', async () => {
  const made = (await acme.admin.post('/api/sources', { name: 'alone' })).body
  const hook = { url: made.source.url, secret: made.secret }
  const long = { type: 'x', text: 'y'.repeat(66_000) }
  for (const body of [{ type: 'short' }, { type: 'short' }, long, long]) await deliver(url, hook, body)
  const rows = await settled(made.source.id, 4)
  expect(rows.map(({ own, digest }) => [own, digest !== null]).toSorted()).toEqual([
    [false, true],
    [false, true],
    [true, false],
    [true, false],
  ])
  expect((await bodiesOf(made.source.id)).map((body) => JSON.parse(body))).toEqual([long])
  expect(rows.filter(({ text }) => text === long.text)).toHaveLength(2)
})

test('each body is named once; buffers are told apart by the buffer', () => {
  const [one, same] = [Buffer.from('a'), Buffer.from('a')]
  expect(placesOf([one, same, one])).toEqual({ once: [one, same], places: [1, 2, 1], bringing: [2, 1, 2] })
  expect(placesOf(['a', 'a', 'b'])).toEqual({ once: ['a', 'b'], places: [1, 1, 2], bringing: [2, 2, 1] })
  expect([isShared('a', 1), isShared('a', 2), isShared('a'.repeat(65_536), 1)]).toEqual([false, true, true])
})

test('a delivery whose id is known brings no body, whatever it says', async () => {
  const source = await sourceIn(acme)
  await kept(source, 'known', '{"first":1}', 3)
  expect(await kept(source, 'known', '{"other":1}', 3)).toMatchObject({ repeat: true })
  expect(await bodiesOf(source)).toEqual(['{"first":1}'])
})

describe('nobody but the database says which body a digest is of', () => {
  const denied = (text: string, values: unknown[] = [], of = acme) =>
    inWorkspace(db, of.id, (tx) => tx.query(text, values)).then(
      ({ rowCount }) => rowCount,
      (error: { code: string }) => error.code,
    )
  let source = ''
  let digest = ''
  beforeAll(async () => {
    source = await sourceIn(acme)
    await kept(source, 'one', '{"secret":1}', 2)
    digest = (await rowsOf(source))[0]!.digest!
  })

  test('the application can neither name it, change a body, nor remove one', async () => {
    const insert = 'insert into vp.delivery_bodies (workspace, source, digest, body) values ($1, $2, $3, $4)'
    expect(await denied(insert, [acme.id, source, 'f'.repeat(64), Buffer.from('x')])).toBe('428C9')
    expect(await denied(`update vp.delivery_bodies set body = 'x'`)).toBe('42501')
    expect(await denied('delete from vp.delivery_bodies')).toBe('42501')
    // It may touch this column, to hold a row; what refers to the body keeps it where it is.
    expect(await denied(`update vp.delivery_bodies set source = 'src_elsewhere' where source = $1`, [source])).toBe(
      '23503',
    )
  })

  test('a digest that was guessed gives nothing to another workspace, nor to another address', async () => {
    const point = `insert into vp.deliveries (workspace, delivery, source, provider_id, body_digest) values ($1, 'dlv_' || $4, $2, $4, $3)`
    const id = () => randomBytes(6).toString('hex')
    expect(await denied(point, [other.id, source, digest, id()], other)).toBe('23503')
    expect(await denied(point, [acme.id, second.source, digest, id()])).toBe('23503')
    expect(await denied('select from vp.delivery_bodies where digest = $1', [digest], other)).toBe(0)
    const [row] = await inWorkspace(db, other.id, (tx) =>
      withBodies(tx, { name: 'one', text: `${storedRows} where d.workspace = $1 limit 1` }, [other.id]),
    )
    expect(row!.body.toString()).toBe(report('slow'))
  })

  test('a delivery has one body', async () => {
    expect(await denied(`update vp.deliveries set own_body = 'x' where source = $1`, [source])).toBe('23514')
  })
})

describe('erasing', () => {
  test('one part leaves the body to the others; it goes with the last one', async () => {
    const source = await sourceIn(acme)
    await kept(source, 'r', '{"a":1}', 3)
    await remove(source, 2)
    expect(await bodiesOf(source)).toEqual(['{"a":1}'])
    await remove(source, 1)
    expect(await bodiesOf(source)).toEqual([])
  })

  test('all parts by one statement takes it, and the bodies of others stay', async () => {
    const source = await sourceIn(acme)
    await kept(source, 'r', '{"a":1}', 3)
    await kept(source, 's', '{"b":1}', 3)
    await owner.query(`delete from vp.deliveries where source = $1 and provider_id like 'r %'`, [source])
    expect(await bodiesOf(source)).toEqual(['{"b":1}'])
  })

  test('the body alone, and keeping the lines', async () => {
    const source = await sourceIn(acme)
    await kept(source, 'r', '{"a":1}', 2)
    await owner.query('update vp.deliveries set body_digest = null where source = $1', [source])
    expect([await bodiesOf(source), (await rowsOf(source)).length]).toEqual([[], 2])
  })

  test('the last part while the same bytes come again: they are kept', async () => {
    const source = await sourceIn(acme)
    await kept(source, 'r', '{"a":1}', 2)
    await owner.query('begin')
    await remove(source, 2)
    const again = kept(source, 's', '{"a":1}', 2)
    await waits()
    await owner.query('commit')
    expect(await again).toMatchObject({ repeat: false })
    expect([await bodiesOf(source), (await rowsOf(source)).length]).toEqual([['{"a":1}'], 2])
  })

  test('the last part while a delivery with the same bytes is not committed yet: the body stays', async () => {
    const source = await sourceIn(acme)
    await kept(source, 'r', '{"a":1}', 2)
    await rival.query(`begin`)
    await rival.query(`set local vp.workspace = '${acme.id}'`)
    await rival.query(
      `select * from vp.deliveries_keep($1, array['{"a":1}'], array['dlv_rival1', 'dlv_rival2'], array[$2, $2], array['q 1', 'q 2'], array[1, 1], array[true, true], array[1, 1], array['webhook', 'webhook'], array['', ''], array['{}', '{}'], 'webhook', array[null, null]::int[], array[null, null]::int[])`,
      [acme.id, source],
    )
    const gone = owner.query(`delete from vp.deliveries where source = $1 and provider_id like 'r %'`, [source])
    await waits()
    await rival.query('commit')
    expect((await gone).rowCount).toBe(2)
    expect([await bodiesOf(source), (await rowsOf(source)).length]).toEqual([['{"a":1}'], 2])
  })

  test('the last part of what was found there a moment ago waits for whoever found it: it is kept', async () => {
    const source = await sourceIn(acme)
    // In the order in which bodies are held: the first is found, and then the second has to be waited for.
    const hash = (body: string): string => createHash('sha256').update(body).digest('hex')
    const [first, then] = ['{"a":1}', '{"b":1}'].toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1)) as [string, string]
    await Promise.all([kept(source, 'r', first, 2), kept(source, 'q', then, 2)])
    await rival.query('begin')
    await rival.query(`delete from vp.deliveries where source = $1 and provider_id like 'q %'`, [source])
    const again = Promise.all([kept(source, 's', first, 2), kept(source, 't', then, 2)])
    await waits()
    let isOver = false
    const gone = owner.query(`delete from vp.deliveries where source = $1 and provider_id like 'r %'`, [source])
    void gone.then(() => (isOver = true))
    await waits(2, () => isOver)
    await rival.query('commit')
    expect(await again).toMatchObject([{ repeat: false }, { repeat: false }])
    await gone
    expect((await bodiesOf(source)).toSorted()).toEqual([first, then].toSorted())
    expect((await rowsOf(source)).length).toBe(4)
  })

  test('another part of what is being worked on waits for nobody, and it is read all the same', async () => {
    const source = await sourceIn(acme)
    await kept(source, 'r', '{"a":1}', 3)
    const [first] = await rowsOf(source)
    const bodies = await inWorkspace(db, acme.id, async (tx) => {
      const one = {
        name: 'one of them',
        text: `${storedRows} where d.workspace = $1 and d.delivery = $2 for update of d`,
      }
      await tx.query(one, [acme.id, first!.delivery])
      await owner.query('delete from vp.deliveries where source = $1 and delivery <> $2', [source, first!.delivery])
      return (await withBodies(tx, one, [acme.id, first!.delivery])).map((row) => row.body.toString())
    })
    expect(bodies).toEqual(['{"a":1}'])
    expect(await bodiesOf(source)).toEqual(['{"a":1}'])
  })

  /** Until so many wait for another, or it is `over`. */
  const waits = (count = 1, over = () => false): Promise<void> =>
    vi.waitFor(
      async () => {
        const { rows } = await looker.query<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        expect(over() || rows[0]!.n >= count).toBe(true)
      },
      { timeout: 10_000, interval: 20 },
    )
  const looker = new pg.Client({ connectionString: made.url })
  beforeAll(() => looker.connect())
  afterAll(() => looker.end())
})

test('of a batch each body is read once, however many need it', async () => {
  const source = await sourceIn(acme)
  await kept(source, 'r', '{"a":1}', 3)
  await kept(source, 's', '{"b":1}', 2)
  await kept(source, 't', '{"c":1}', 1)
  const rows = await inWorkspace(db, acme.id, (tx) =>
    withBodies(
      tx,
      { name: 'all of it', text: `${storedRows} where d.workspace = $1 and d.source = $2 order by d.provider_id` },
      [acme.id, source],
    ),
  )
  expect(rows.map(({ body }) => body.toString()).join(' ')).toBe('{"a":1} {"a":1} {"a":1} {"b":1} {"b":1} {"c":1}')
  expect(new Set(rows.map(({ body }) => body)).size).toBe(3)
})

test('one that was set aside is worked on again with the body that it shares', async () => {
  const [first] = await rowsOf(theirs.source)
  await owner.query(
    `update vp.deliveries set state = 'failed', outcome = 'set_aside', verdict = 'failed', runs = '{}' where delivery = $1`,
    [first!.delivery],
  )
  const shown = (await other.admin.get(`/api/deliveries/${first!.delivery}`)).body
  expect(shown.again).toBe(true)
  expect((await other.admin.post(`/api/deliveries/${first!.delivery}/readings`, { reason: 'mended' })).status).toBe(202)
  const rows = await settled(theirs.source, 21)
  expect(rows.find(({ delivery }) => delivery === first!.delivery)).toMatchObject({
    state: 'processed',
    digest: first!.digest,
  })
})

test('what was kept before is kept once after the upgrade, and none of it is lost', { timeout: 60_000 }, async () => {
  const { url: fresh, drop } = await emptyDatabase()
  const admin = new pg.Client({ connectionString: fresh })
  await admin.connect()
  try {
    await ensureGroupRoles(admin)
    const own = ownMigrations()
    const at = own.findIndex(({ name }) => name === 'shared-bodies')
    await migrate(admin, own.slice(0, at))
    await admin.query(`insert into vp.workspaces (workspace, slug, name) values ('ws_a', 'a', 'A'), ('ws_b', 'b', 'B')`)
    const add = (of: string, id: string, source: string, part: string | null, body: string | null) =>
      admin.query(
        'insert into vp.deliveries (workspace, delivery, source, provider_id, headers, body) values ($1, $2, $3, $2, $4, $5)',
        [of, id, source, JSON.stringify({ ...(part && { 'viewport-part': part }) }), body && Buffer.from(body)],
      )
    for (const of of ['ws_a', 'ws_b'])
      for (const source of ['src_x', 'src_y']) {
        for (const n of [1, 2, 3]) await add(of, `dlv_${of}${source}${n}`, source, `p${n}`, 'same')
        await add(of, `dlv_${of}${source}4`, source, 'p4', 'another')
        await add(of, `dlv_${of}${source}5`, source, null, 'same')
        await add(of, `dlv_${of}${source}6`, source, null, null)
      }
    const all = (body: string) =>
      `select workspace, delivery, convert_from(${body}, 'UTF8') as body from vp.deliveries d order by delivery`
    const before = (await admin.query(all('body'))).rows
    await migrate(admin, own)
    const anywhere =
      'coalesce(own_body, (select b.body from vp.delivery_bodies b where (b.workspace, b.source, b.digest) = (d.workspace, d.source, d.body_digest)))'
    expect((await admin.query(all(anywhere))).rows).toEqual(before)
    expect(
      (
        await admin.query(
          `select workspace, source, convert_from(body, 'UTF8') as body from vp.delivery_bodies order by 1, 2`,
        )
      ).rows,
    ).toEqual(
      ['ws_a', 'ws_b'].flatMap((of) => ['src_x', 'src_y'].map((source) => ({ workspace: of, source, body: 'same' }))),
    )
    expect((await admin.query('select count(*)::int as n from vp.deliveries where own_body is not null')).rows).toEqual(
      [{ n: 8 }],
    )
  } finally {
    await admin.end()
    await drop()
  }
})
