/** What is the sample agent's driver beside the contract of all drivers: what it makes of messages, and of what nobody expects. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Driver } from './driver.ts'
import { driversOf } from './drivers.ts'
import { openBench, type Bench } from './testing/bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench({ programs: {}, conversations: [] })
})
afterEach(async () => {
  const alive = await bench.alive()
  await bench.close()
  expect(alive).toEqual([])
})
const task = (also: Parameters<Bench['task']>[0] = {}) =>
  bench.task({ mode: 'plan', seconds: 20, decide: () => ({ decision: 'ask', why: 'a test' }), ...also })

describe('the sample driver', () => {
  const sample = async (script: string): Promise<Driver> => {
    await writeFile(path.join(bench.root, 'sample-script'), script)
    return driversOf({ home: bench.root, passEnvironment: [], commands: {} })[0]!
  }
  it('takes what is no message as output, and goes on', async () => {
    expect(await (await sample('plan:garbage')).run(task())).toMatchObject({ end: 'finished' })
    const output = bench.events.flatMap((event) =>
      event.event === 'output' ? [Buffer.from(event.bytes).toString()] : [],
    )
    expect(output).toContain('not a message\n')
    expect(output).toContain('{"type":"unknown"}\n')
  })
  it('asks the policy, and goes on when it allows or denies', async () => {
    for (const decision of ['allow', 'deny'] as const) {
      await rm(path.join(bench.state, 'session.json'), { force: true })
      const end = await (
        await sample('edit:ask edit:no-push')
      ).run(task({ mode: 'edit', decide: () => ({ decision, why: 'a rule' }) }))
      expect(end.end).toBe('finished')
      expect(bench.events.filter((event) => event.event === 'permission').at(-1)).toMatchObject({
        command: ['git', 'log', '--oneline', '-5'],
        decision,
        why: 'a rule',
      })
    }
  })
  it('is parked by an ask: its process is gone, its state is there', async () => {
    const end = await (await sample('edit:ask edit:no-push')).run(task({ mode: 'edit' }))
    expect(end).toMatchObject({ end: 'parked', ask: { argv: ['git', 'log', '--oneline', '-5'], choices: [] } })
    expect(await bench.alive()).toEqual([])
    expect(JSON.parse(await readFile(path.join(bench.state, 'session.json'), 'utf8'))).toMatchObject({ answered: {} })
  })
  it('says that it cannot mend what it does not know', async () => {
    await writeFile(path.join(bench.cwd, 'src', 'price.js'), 'export const orderTotal = () => 0\n')
    await expect((await sample('')).run(task())).rejects.toThrow(/agent_failed/)
    expect(bench.events.map((event) => ('text' in event ? event.text : '')).join('\n')).toContain(
      'I cannot go on: I do not understand src/price.js',
    )
  })
})
