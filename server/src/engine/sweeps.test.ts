import { describe, expect, test } from 'vitest'
import { isolation, specOf } from '@viewportai/core/run/testing/play'
import { testDatabase } from '../../test/database.ts'
import { atPlanGate, Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act } from '../ledger/act.ts'
import { enqueue } from './due.ts'
import type { Engine } from './port.ts'
import { makeStuck } from '../stuck.ts'
import { makeRounds } from './rounds.ts'
import { eachWorkspace, sweepCancels, sweepDeliveries, sweepDue, sweepGates, sweepOld } from './sweeps.ts'

const made = await testDatabase()
const { db } = made
const warned: { words: string; about: Record<string, unknown> }[] = []
const stuck = makeStuck((words, about) => void warned.push({ words, about }))
const by = { kind: 'person', id: 'usr_sam', name: 'sam' } as const
const rows = (workspace: string, text: string, values: unknown[] = []) =>
  inWorkspace(db, workspace, async (tx) => (await tx.query(text, values)).rows)

/** A run whose plan gate opened so long ago (ms). Its reminder comes after 60 s, its end after an hour. */
const waiting = async (ago: number, within?: string): Promise<Story> => {
  const story = await atPlanGate(db, within ?? (await made.workspace()), specOf())
  const { workspace, run } = story
  // The clock cannot be turned; what was written can: the state and the row say it opened earlier.
  const gate = await story.gate()
  const older = {
    ...(await story.state()),
    spec: undefined,
    gates: { [gate.id]: { ...gate, expiresAt: gate.expiresAt! - ago, remindAt: gate.remindAt! - ago } },
  }
  await rows(workspace, 'update vp.runs set state = $2 where run = $1', [run, JSON.stringify(older)])
  await rows(
    workspace,
    'update vp.gates set expires_at = expires_at - $1, remind_at = remind_at - $1 where gate = $2',
    [ago, gate.id],
  )
  return story
}

describe('gates', () => {
  test('whose time has not come are left alone', async () => {
    const it = await waiting(0)
    const before = await it.state()
    await sweepGates(db, stuck)
    expect(await it.state()).toEqual(before)
  })
  test('are reminded of once', async () => {
    const it = await waiting(61_000)
    await sweepGates(db, stuck)
    await sweepGates(db, stuck)
    expect(
      (await rows(it.workspace, `select type from vp.facts where type like 'gate.%' order by seq`)).map(
        (row) => row.type,
      ),
    ).toEqual(['gate.opened', 'gate.reminded'])
  })
  test('expire, and the run goes on as its workflow says', async () => {
    const it = await waiting(3_601_000)
    await sweepGates(db, stuck)
    expect((await it.state()).finished).toMatchObject({ outcome: 'rejected' })
    expect(await rows(it.workspace, 'select state, outcome from vp.gates')).toEqual([
      { state: 'closed', outcome: 'expired' },
    ])
  })
})

test('a cancel that no runner answered ends the run, when it is old enough', async () => {
  const story = await new Story(db, await made.workspace()).start(specOf())
  const { workspace, run } = story
  await story.report('plan', { type: 'started', agent: null, isolation, resumed: false })
  await act(db, { workspace, run, command: { do: 'cancel', by, reason: 'enough' } })
  await sweepCancels(db, stuck, 60_000)
  expect((await story.state()).finished).toBeNull()
  await sweepCancels(db, stuck, -1_000)
  expect((await story.state()).finished).toMatchObject({ outcome: 'cancelled' })
})

test('stored deliveries that nobody took wake the intake of their workspace once', async () => {
  const workspace = await made.workspace()
  for (const n of [1, 2])
    await rows(
      workspace,
      `insert into vp.deliveries (workspace, delivery, source, provider_id) values ($1, $2, 'src', $2)`,
      [workspace, `dlv_${n}`],
    )
  const woken: string[] = []
  const engine = { start: (kind, in_, key) => void woken.push(`${kind} ${in_} ${key}`) } as Pick<
    Engine,
    'start'
  > as Engine
  await sweepDeliveries(db, engine, stuck, 60_000)
  expect(woken).toEqual([])
  await sweepDeliveries(db, engine, stuck, -1_000)
  expect(woken).toEqual([`intake ${workspace} ${workspace}`])
})

test('due rows: told again when the engine does not know them, closed when it is done, handed back when it gave up, left while it works', async () => {
  const workspace = await made.workspace()
  await inWorkspace(db, workspace, async (tx) => {
    for (const key of ['lost', 'done', 'failed', 'running', 'young']) await enqueue(tx, 'task', key)
    await tx.query(`update vp.due set enqueued_at = enqueued_at - 60000 where workspace = $1 and key <> 'young'`, [
      workspace,
    ])
  })
  const given: string[] = []
  const asked: string[] = []
  await sweepDue(
    db,
    stuck,
    async (ids) => {
      asked.push(...ids.map((id) => id.split(':')[2]!))
      return new Map([
        [`task:${workspace}:done`, 'done'],
        [`task:${workspace}:failed`, 'failed'],
        [`task:${workspace}:running`, 'running'],
      ])
    },
    async ({ key }) => void given.push(key),
  )
  expect(asked.sort()).toEqual(['done', 'failed', 'lost', 'running'])
  expect(given).toEqual(['failed'])
  expect(
    await rows(
      workspace,
      `select key, done_at is not null as closed, enqueued_at > vp.now_ms() - 30000 as told from vp.due order by key`,
    ),
  ).toEqual([
    { key: 'done', closed: true, told: false },
    { key: 'failed', closed: true, told: false },
    { key: 'lost', closed: false, told: true },
    { key: 'running', closed: false, told: false },
    { key: 'young', closed: false, told: true },
  ])
})

test('what is old is forgotten, and nothing else', async () => {
  const workspace = await made.workspace()
  await rows(
    workspace,
    `insert into vp.people (workspace, person, handle, name, role) values ($1, 'usr_1', 'one', 'One', 'member')`,
    [workspace],
  )
  await rows(
    workspace,
    `insert into vp.sessions (workspace, hash, person, expires_at) values ($1, 'old ' || $1, 'usr_1', vp.now_ms() - 1), ($1, 'new ' || $1, 'usr_1', vp.now_ms() + 60000)`,
    [workspace],
  )
  await db.app.query(`select vp.dpop_first('thumb', 'jti-old', -1), vp.dpop_first('thumb', 'jti-new', 60000)`)
  await sweepOld(db, stuck)
  expect(await rows(workspace, 'select hash from vp.sessions')).toEqual([{ hash: `new ${workspace}` }])
  const first = async (jti: string) =>
    (await db.app.query<{ first: boolean }>(`select vp.dpop_first('thumb', $1, 60000) as first`, [jti])).rows[0]!.first
  expect([await first('jti-old'), await first('jti-new')]).toEqual([true, false])
})

describe('one row that always fails', () => {
  // A state that nobody can read, in a run whose row is the oldest of all.
  const broken = (it: { workspace: string; run: string }, more = '') =>
    rows(it.workspace, `update vp.runs set state = '{}' ${more} where run = $1`, [it.run])
  const saidOf = (name: string) => warned.filter(({ about }) => String(about.name).includes(name))

  test('leaves the other gates of its workspace their turn, is not tried in every round, and is told once', async () => {
    const poison = await waiting(3_700_000)
    const good = await waiting(3_601_000, poison.workspace)
    const gate = (await poison.gate()).id
    await broken(poison)
    let now = Date.now()
    const before = warned.length
    const patient = makeStuck(
      (words, about) => void warned.push({ words, about }),
      () => now,
    )
    // One row of a workspace at a time: the poisonous one is the oldest and comes first.
    expect(await sweepGates(db, patient, 1)).toBe(1)
    expect((await good.state()).finished).toBeNull()
    expect(await sweepGates(db, patient, 1)).toBe(1)
    expect((await good.state()).finished).toMatchObject({ outcome: 'rejected' })
    expect(await sweepGates(db, patient, 1)).toBe(0) // it waits
    expect([patient.count(), saidOf(gate).length]).toEqual([0, 0])
    for (let n = 0; n < 5; n++) {
      now += 300_000
      await sweepGates(db, patient, 1)
    }
    expect(patient.count()).toBe(1)
    expect(saidOf(gate)).toEqual([
      {
        words: 'Something cannot be worked on. It is tried again now and then; everything else goes on.',
        about: { kind: 'gate', name: `${poison.workspace} ${gate}`, error: expect.stringContaining('TypeError') },
      },
    ])
    // Mended: it is worked on at its next time, and counts no more.
    await rows(poison.workspace, `update vp.gates set state = 'closed'`)
    now += 300_000
    await sweepGates(db, patient, 1)
    expect([patient.count(), warned.at(-1)!.words]).toEqual([0, 'What could not be worked on is done, or gone.'])
    expect(warned.length - before).toBe(2)
  })

  test('that a gate whose row is open and whose run is over changes nothing is not done again every second', async () => {
    const over = await waiting(3_601_000)
    const gate = (await rows(over.workspace, 'select gate from vp.gates'))[0]!.gate as string
    await sweepGates(db, stuck)
    await rows(over.workspace, `update vp.gates set state = 'open'`)
    await sweepGates(db, stuck)
    expect(stuck.may('gate', `${over.workspace} ${gate}`)).toBe(false)
    await rows(over.workspace, `update vp.gates set state = 'closed'`)
  })

  test('leaves the cancels of everybody else their turn', async () => {
    const [poison, good] = [await waiting(0), await waiting(0)]
    for (const it of [poison, good])
      await act(db, { workspace: it.workspace, run: it.run, command: { do: 'cancel', by, reason: 'enough' } })
    await rows(good.workspace, 'update vp.runs set finished_at = null, cancelling_at = 2')
    await broken(poison, ', finished_at = null, cancelling_at = 1')
    await sweepCancels(db, stuck, -1_000)
    expect(stuck.may('cancel', `${poison.workspace} ${poison.run}`)).toBe(false)
    expect(stuck.may('cancel', `${good.workspace} ${good.run}`)).toBe(false) // it was reached: its run is over, nothing came of it
    await rows(poison.workspace, 'update vp.runs set finished_at = 1')
    await rows(good.workspace, 'update vp.runs set finished_at = 1')
  })

  test('leaves the due rows of everybody else their turn', async () => {
    const workspace = await made.workspace()
    await inWorkspace(db, workspace, async (tx) => {
      for (const key of ['bad', 'good']) await enqueue(tx, 'task', key)
      await tx.query(`update vp.due set at = case key when 'bad' then 1 else 2 end, enqueued_at = 1`)
    })
    await sweepDue(
      db,
      stuck,
      async (ids) => new Map(ids.map((id) => [id, 'failed'] as const)),
      async ({ key }) => {
        if (key === 'bad') throw new Error('nobody takes it back')
      },
    )
    expect(await rows(workspace, 'select key, done_at is not null as closed from vp.due order by key')).toEqual([
      { key: 'bad', closed: false },
      { key: 'good', closed: true },
    ])
    await rows(workspace, 'delete from vp.due')
  })

  test('leaves the other workspaces their turn', async () => {
    const [poison, good] = [await made.workspace(), await made.workspace()]
    const reached: string[] = []
    await eachWorkspace(db, stuck, 'test', async (workspace) => {
      if (workspace === poison) throw new Error('this one cannot be read')
      reached.push(workspace)
    })
    expect(reached).toContain(good)
    expect(stuck.may('test', poison)).toBe(false)
  })

  test('hides no workspace in which deliveries wait, however many of its own do', async () => {
    const [full, other] = [await made.workspace(), await made.workspace()]
    await rows(
      full,
      `insert into vp.deliveries (workspace, delivery, source, provider_id, received_at) select $1, 'dlv_full' || n, 'src', 'f' || n, 1 from generate_series(1, 1200) n`,
      [full],
    )
    await rows(
      other,
      `insert into vp.deliveries (workspace, delivery, source, provider_id, received_at) values ($1, 'dlv_other', 'src', 'o', 2)`,
      [other],
    )
    const woken: string[] = []
    stuck.failed('intake', full, new Error('given up'))
    await sweepDeliveries(db, { start: (_kind, workspace) => void woken.push(workspace) }, stuck, 0)
    expect(woken).toContain(other)
    expect(woken).not.toContain(full) // its intake was given up a moment ago
    for (const workspace of [full, other]) await rows(workspace, `update vp.deliveries set state = 'processed'`)
  })
})

test('rounds go only where they may, one at a time, and survive a failure', async () => {
  let [may, at, most, times] = [false, 0, 0, 0]
  const warned: string[] = []
  const rounds = makeRounds(
    () => may,
    (words) => void warned.push(words),
  )
  rounds.add('slow', 5, async () => {
    most = Math.max(most, ++at)
    await new Promise((resolve) => setTimeout(resolve, 20))
    at--
    if (++times === 1) throw new Error('once')
  })
  rounds.begin()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(times).toBe(0)
  may = true
  while (times < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  await rounds.close()
  const after = times
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(times).toBe(after)
  expect(most).toBe(1)
  expect(warned).toEqual(['A sweep failed; it is tried again at its next time.'])
})

test('rounds that go beside each other begin at their pace though one before is at work, and a program that ends waits for them for a while only', async () => {
  const rounds = makeRounds(
    () => true,
    () => {},
  )
  let begun = 0
  rounds.add(
    'never ends',
    5,
    () => {
      begun++
      return new Promise(() => {})
    },
    true,
  )
  rounds.begin()
  while (begun < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  await rounds.close(20)
  const after = begun
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(begun).toBe(after)
})
