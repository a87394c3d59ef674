/** What cannot be worked on is set aside and said; what could not begin is begun again; neither keeps others from their turn. */
import pg from 'pg'
import pino from 'pino'
import { afterAll, expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'

const said: { msg: string; error?: string; workspace?: string; attempt?: number }[] = []
const log = pino({ level: 'debug' }, { write: (line: string) => void said.push(JSON.parse(line)) })
const at = await testPlane({}, log)
const { db } = at.plane.context
/** Of the user who set the database up: tests break rows that the program itself never breaks. */
const owner = new pg.Client({ connectionString: at.test.url })
await owner.connect()
afterAll(() => owner.end())
let count = 0

const place = async (more = '') => {
  const of = await at.workspace(`w${++count}`, ['payments'])
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git' })
  const { body } = await of.admin.post('/api/sources', { name: 'bugs' })
  const source = `name: fix-bug\nteam: payments\ntrigger:\n  webhook: { type: bug }\nrepos: [acme/shop]\n${more}`
  await of.person(`lead${count}`, { teams: ['payments'] })
  expect((await of.admin.post('/api/workflows', { source })).body.missing).toEqual([])
  await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })
  const send = async (label: string): Promise<string> => {
    const { status, body: stored } = await deliver(
      at.url,
      { url: body.source.url, secret: body.secret },
      { type: 'bug', subject: { label } },
    )
    expect(status).toBe(202)
    return stored.delivery
  }
  const read = async (delivery: string) => (await of.admin.get(`/api/deliveries/${delivery}`)).body
  const done = (delivery: string, state = 'processed') =>
    vi.waitFor(
      async () => {
        const found = await read(delivery)
        expect(found.state).toBe(state)
        return found
      },
      { timeout: 30_000, interval: 50 },
    )
  return { of, source: body, send, read, done }
}

test('a start that waits and cannot be worked on leaves the queue, and says so; those behind it and beside it start', async () => {
  const { of, send, done } = await place('concurrency: { key: "{{ trigger.label }}", limit: 1 }\n')
  const sent: Record<string, string> = {}
  for (const label of ['A', 'B']) for (const n of [1, 2, 3]) await done((sent[`${label}${n}`] = await send(label)))
  await owner.query(`update vp.deliveries set trigger_event = '{}' where delivery = $1`, [sent.A2])
  for (const run of [1, 2])
    expect((await of.admin.post(`/api/runs/${run}/cancellation`, { reason: 'enough' })).status).toBe(202)
  const verdicts = async () =>
    (
      await owner.query(
        'select verdict from vp.deliveries where delivery = any($1) order by array_position($1, delivery)',
        [['A2', 'A3', 'B2', 'B3'].map((name) => sent[name])],
      )
    ).rows.map((row) => row.verdict as string)
  await vi.waitFor(
    async () =>
      expect(await verdicts()).toEqual([
        'fix-bug could not start; the log of the server says why.',
        expect.stringMatching(/^fix-bug started run [34]\.$/),
        expect.stringMatching(/^fix-bug started run [34]\.$/),
        'fix-bug waits for its turn.',
      ]),
    { timeout: 30_000, interval: 100 },
  )
})

test('deliveries of a workspace that cannot be read wait, whole, until it can; other workspaces go on', async () => {
  const [broken, other] = [await place(), await place()]
  const whole = (await owner.query('select compiled from vp.workflow_versions where workspace = $1', [broken.of.id]))
    .rows[0]!.compiled
  const store = (compiled: unknown) =>
    owner.query('update vp.workflow_versions set compiled = $2 where workspace = $1', [
      broken.of.id,
      JSON.stringify(compiled),
    ])
  await store({})
  // What this replica holds in memory is made from the enabled versions: a change of them makes it look again.
  await broken.of.admin.put('/api/workflows/fix-bug/enabled', { enabled: false })
  const [first, second] = [await broken.send('A'), await broken.send('B')]
  await other.done(await other.send('C'))
  const attempts = () => said.filter((one) => one.workspace === broken.of.id && (one.attempt ?? 0) >= 2).length
  await vi.waitFor(() => expect(attempts()).toBeGreaterThan(0), { timeout: 30_000 })
  expect([(await broken.read(first)).state, (await broken.read(second)).state]).toEqual(['stored', 'stored'])
  await store(whole)
  await broken.done(first)
  await broken.done(second)
})

test('one that was set aside, or could not be read, is worked on again when a person says so; what was worked on stays', async () => {
  const { of, send, done, read } = await place()
  const delivery = await send('A')
  await done(delivery)
  const again = () => of.admin.post(`/api/deliveries/${delivery}/readings`, { reason: 'mended' })
  const offered = async () => (await of.admin.get(`/api/deliveries/${delivery}`)).body.again as boolean
  expect(await offered()).toBe(false)
  expect((await again()).body).toMatchObject({ code: 'delivery_read' })
  // As intake leaves one that it cannot work on, and one that it cannot read.
  for (const [state, verdict] of [
    ['failed', 'failed'],
    ['refused', 'could not be read'],
  ]) {
    await owner.query(
      `update vp.deliveries set state = $2, verdict = $3, problem = 'x', runs = '{}', matched = 0 where delivery = $1`,
      [delivery, state, verdict],
    )
    await owner.query(`delete from vp.seen_events where delivery = $1`, [delivery])
    expect(await offered()).toBe(true)
    const both = await Promise.all([again(), again()])
    expect(both.map(({ status }) => status).toSorted()).toEqual([202, 409])
    expect(await done(delivery)).toMatchObject({ matched: 1, problem: null })
  }
  expect((await read(delivery)).runs).toHaveLength(1)
})

test('what came by a source that was removed before it was read starts nothing, whoever asks for it again', async () => {
  const { of, source, send, done, read } = await place()
  const delivery = await send('A')
  await done(delivery)
  await owner.query(`update vp.deliveries set state = 'failed', verdict = 'failed', runs = '{}' where delivery = $1`, [
    delivery,
  ])
  await owner.query(`delete from vp.seen_events where delivery = $1`, [delivery])
  expect((await of.admin.del(`/api/sources/${source.source.id}`)).status).toBe(204)
  expect((await of.admin.post(`/api/deliveries/${delivery}/readings`, { reason: '' })).status).toBe(202)
  await done(delivery, 'refused')
  expect(await read(delivery)).toMatchObject({ problem: 'Its source was removed before it was read.', runs: [] })
})

test('a stored delivery whose work could not begin, because the engine had no database, is taken in when it has one again', async () => {
  const { send, done, read } = await place()
  await owner.query('alter table engine.workflow_status rename to workflow_status_away')
  let delivery = ''
  try {
    delivery = await send('A') // stored and answered: the engine is not needed for that
    const failed = () =>
      said.some((one) => /did not end well here/.test(one.msg) && /workflow_status/.test(one.error ?? ''))
    await vi.waitFor(() => expect(failed()).toBe(true), { timeout: 30_000 })
    expect((await read(delivery)).state).toBe('stored')
  } finally {
    await owner.query('alter table engine.workflow_status_away rename to workflow_status')
  }
  expect(await done(delivery)).toMatchObject({ matched: 1 })
})
