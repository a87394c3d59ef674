import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import pino from 'pino'
import { foldVersion } from '@viewportai/core/run/fold-version'
import { specOf } from '@viewportai/core/run/testing/play'
import { expect, test } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { atPlanGate, Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { startControlPlane } from '../program.ts'
import { readSettings } from '../settings.ts'
import { act } from './act.ts'
import { refold } from './refold.ts'

const made = await testDatabase()
const { db } = made

/** As the owner of the tables, who may do what the application may not. */
const tamper = (workspace: string, text: string): Promise<unknown> =>
  db.asOwner(async (owner) => {
    await owner.query(`begin; set local vp.workspace = '${workspace}'`)
    expect((await owner.query(text)).rowCount).toBeGreaterThan(0)
    await owner.query('commit')
  })
const rows = (workspace: string, text: string): Promise<unknown[]> =>
  inWorkspace(db, workspace, async (tx) => (await tx.query(text)).rows)
const old = `update vp.runs set fold = 0, state = '{"seq": 1, "phases": {}}', shown = '{}'`

test('states that another version made are folded from their facts again, of every workspace, and work keeps its place', async () => {
  const [one, two] = [await made.workspace(), await made.workspace()]
  const stories = [
    await atPlanGate(db, one, specOf()),
    await new Story(db, one).start(specOf()),
    await atPlanGate(db, two, specOf()),
  ]
  const states = await Promise.all(stories.map((story) => story.state()))
  const shown = await rows(one, 'select run, shown from vp.runs order by run')
  await rows(one, 'update vp.work set ready_at = 5, priority = 2')
  for (const workspace of [one, two]) await tamper(workspace, old)
  await rows(two, `update vp.gates set shown = '{}'`)
  await expect(stories[0]!.state()).rejects.toThrow(/was made by another version of Viewport \(reading 0/)
  const command = { do: 'cancelNow' } as const
  await expect(act(db, { workspace: one, run: stories[0]!.run, command })).rejects.toThrow(/another version/)

  const told: string[] = []
  expect(await refold(db, (words) => void told.push(words))).toEqual({ runs: 3, setAside: [] })
  expect(told).toEqual(['Reading 3 runs anew after the upgrade ...', '3 runs read anew'])
  expect(await Promise.all(stories.map((story) => story.state()))).toEqual(states)
  expect(await rows(one, 'select run, shown from vp.runs order by run')).toEqual(shown)
  expect(await rows(two, `select gate from vp.gates where shown::text = '{}'`)).toEqual([])
  expect(await rows(one, 'select ready_at, priority from vp.work')).toEqual([{ ready_at: 5, priority: 2 }])
  told.length = 0
  expect(await refold(db, (words) => void told.push(words))).toEqual({ runs: 0, setAside: [] })
  expect(told).toEqual([])
})

test('runs whose facts cannot be folded are set aside and named; the others are read, and the next start tries again', async () => {
  const workspace = await made.workspace()
  const [fine, broken, cut] = [
    await atPlanGate(db, workspace, specOf()),
    await atPlanGate(db, workspace, specOf()),
    await atPlanGate(db, workspace, specOf()),
  ]
  await tamper(workspace, old)
  await tamper(workspace, `update vp.facts set text = text || ' ' where run = '${broken.run}' and seq = 2`)
  await tamper(
    workspace,
    `delete from vp.facts where run = '${cut.run}' and seq = (select seq from vp.runs where run = '${cut.run}') or (run = '${cut.run}' and seq > 2)`,
  )
  for (const runs of [1, 0]) {
    const told: string[] = []
    const { setAside, ...rest } = await refold(db, (words) => void told.push(words))
    expect(rest).toEqual({ runs })
    expect(new Map(setAside.map((one) => [one.run, one.why]))).toEqual(
      new Map([
        [broken.run, expect.stringMatching(/fact 2 \(step.started\) does not have the hash/)],
        [cut.run, expect.stringMatching(/was the last one/)],
      ]),
    )
    expect(told.join('\n')).toContain(`Set aside: ${broken.run} of ${workspace}: the text of fact 2`)
  }
  expect((await fine.state()).seq).toBeGreaterThan(2)
  await expect(broken.state()).rejects.toThrow(/could not be made anew from its facts/)
  await tamper(workspace, `update vp.runs set fold = ${foldVersion}`) // or they would be met by the next test
})

test('of several replicas one does it while the others wait', async () => {
  const workspace = await made.workspace()
  const story = await atPlanGate(db, workspace, specOf())
  const before = await story.state()
  await tamper(workspace, old)
  const holder = new pg.Client({ connectionString: made.url })
  await holder.connect()
  try {
    await holder.query('begin; select run from vp.runs for update') // the one who has the lock cannot finish
    const [a, b]: string[][] = [[], []]
    const first = refold(db, (words) => void a!.push(words))
    await expect.poll(() => a, { timeout: 30_000 }).toEqual(['Reading 1 run anew after the upgrade ...'])
    const other = await made.again() // it starts amid the reading, and is not held up before it can say why it waits
    const both = [first, refold(other, (words) => void b!.push(words))]
    await expect
      .poll(() => b, { timeout: 30_000 })
      .toEqual(['Another replica reads runs anew after the upgrade; this one waits for it'])
    await holder.query('rollback')
    expect((await Promise.all(both)).map(({ runs }) => runs)).toEqual([1, 0])
  } finally {
    await holder.end()
  }
  expect(await story.state()).toEqual(before)
})

test('a start makes old states anew before it answers, and says so', { timeout: 60_000 }, async () => {
  const workspace = await made.workspace()
  const story = await atPlanGate(db, workspace, specOf())
  const before = await story.state()
  await tamper(workspace, old)
  const told: string[] = []
  const plane = await startControlPlane(
    {
      ...readSettings({}),
      databaseUrl: made.url,
      key: Buffer.from(made.key).toString('base64'),
      port: 0,
      dataFolder: path.join(os.tmpdir(), 'viewport-test-unused'),
    },
    { works: false, log: pino({ level: 'silent' }), tell: (words) => void told.push(words) },
  )
  try {
    expect(await story.state()).toEqual(before)
    expect(told).toEqual(['Reading 1 run anew after the upgrade ...', '1 run read anew'])
  } finally {
    await plane.close()
  }
})

test('a database that a newer version used is left alone', async () => {
  const workspace = await made.workspace()
  await new Story(db, workspace).start(specOf())
  await tamper(workspace, `update vp.runs set fold = ${foldVersion + 1}`)
  await expect(refold(db, () => {})).rejects.toThrow(/used by a newer Viewport .*Start that version/)
})
