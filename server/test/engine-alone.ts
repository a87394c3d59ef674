/**
 * The engine with a small program of the test's own around it and no control plane, as a process that can be killed; for engine.test.ts.
 * (Two whole control planes with a runner, one of them killed: e2e/032-replicas.test.ts.)
 * Arguments: URL, key (base64), file for calls, name. Intake: five deliveries at a time become runs with two effects each.
 * An effect "calls a provider" (one line in the file) and leaves a receipt by a unique row.
 */
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { specOf } from '@viewportai/core/run/testing/play'
import { openDatabase } from '../src/database/open.ts'
import { inWorkspace } from '../src/database/tenant.ts'
import { freshId } from '../src/fresh-id.ts'
import { makeEngine } from '../src/engine/dbos.ts'
import { sweepDeliveries } from '../src/engine/sweeps.ts'
import { actIn } from '../src/ledger/act.ts'
import { makeStuck } from '../src/stuck.ts'

const [url, key, calls, name] = process.argv.slice(2) as [string, string, string, string]
const say = (what: string, about: unknown = {}): void =>
  void process.stdout.write(`${JSON.stringify({ what, about })}\n`)

const db = await openDatabase({
  url,
  key: Buffer.from(key, 'base64'),
  warn: (words, about) => say(`warn: ${words}`, about),
})
const stuck = makeStuck((words, about) => say(`warn: ${words}`, about))
const engine = makeEngine({
  db,
  stuck,
  warn: (words, about) => say(`warn: ${words}`, about),
  watchMillis: 500,
  retry: { attempts: 4, seconds: 0.1 },
})

engine.on('intake', async ({ workspace }) => {
  for (;;) {
    const taken = await inWorkspace(db, workspace, async (tx) => {
      const { rows } = await tx.query<{ delivery: string }>(
        `select delivery from vp.deliveries where workspace = $1 and state = 'stored' order by received_at, delivery limit 5 for update skip locked`,
        [workspace],
      )
      if (rows.length === 0) return 0
      const starts = rows.map(({ delivery }) => ({
        run: freshId('run'),
        command: { do: 'start', by: { kind: 'system' }, spec: specOf(), delivery, tainted: false } as const,
      }))
      await actIn(tx, starts)
      await sleep(60)
      for (const { run, command } of starts) {
        await tx.query(
          `update vp.deliveries set state = 'processed', runs = array[$3], processed_at = vp.now_ms() where workspace = $1 and delivery = $2`,
          [workspace, command.delivery, run],
        )
        for (const n of [1, 2]) await engine.enqueue(tx, 'effect', `${run.replace('run_', 'int_')}-${n}:1`, { run })
      }
      return rows.length
    })
    if (taken === 0) return
    await sleep(10)
  }
})

engine.on('effect', async ({ workspace, key: effect }) => {
  appendFileSync(calls, `${name} ${effect}\n`)
  await sleep(60)
  await inWorkspace(db, workspace, (tx) =>
    tx.query(`insert into vp.settings (workspace, name, value) values ($1, $2, '{}') on conflict do nothing`, [
      workspace,
      `receipt ${effect}`,
    ]),
  )
})

engine.on(
  'task',
  async ({ workspace, key: task, attempt }) => {
    appendFileSync(calls, `${name} ${task} ${attempt}\n`)
    if (task.startsWith('fails-') && attempt <= Number(task.slice(6)))
      throw new Error(`attempt ${attempt} of ${workspace} fails`)
  },
  async ({ key: task }, error) => {
    appendFileSync(calls, `${name} gave up ${task}: ${(error as Error).message.split(' of ')[0]}\n`)
  },
)

engine.schedule('deliveries', 300, () => sweepDeliveries(db, engine, stuck, 500))
db.nudges.on(({ topic, workspace }) => {
  if (topic === 'delivery') engine.start('intake', workspace, workspace)
})
await engine.launch()
say('ready', await engine.state())
createInterface({ input: process.stdin }).on('line', async (line) => {
  const [what, workspace, task] = line.split(' ')
  if (what === 'state') say('state', await engine.state())
  if (what === 'cancel') await engine.cancel(workspace!, 'task', task!)
  if (what !== 'stop') return
  await engine.close()
  await db.close()
  say('stopped')
  process.exit(0)
})
