import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logFolder, logsOf } from './step-log.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(path.join(os.tmpdir(), 'vpd-logs-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Writes the logs, each at a later time than the one before as the disk counts it. */
const write = async (run: string, names: readonly string[]): Promise<void> => {
  await mkdir(logFolder(folder, run), { recursive: true })
  let last = 0
  for (const name of names) {
    const file = path.join(logFolder(folder, run), name)
    for (let born = last; born <= last; born = (await stat(file)).birthtimeMs) {
      await rm(file, { force: true })
      await writeFile(file, name)
    }
    last = (await stat(file)).birthtimeMs
  }
}

test('the logs of a run come oldest first, whatever their steps are called', async () => {
  await write('run_1', ['plan.1.1.log', 'implement.1.1.log', 'verify.1.1.log', 'implement.1.2.log', 'verify.2.1.log'])
  await writeFile(path.join(logFolder(folder, 'run_1'), 'plan.1.1.log.closed'), '')
  expect((await logsOf(folder, 'run_1')).map((one) => `${one.step} ${one.attempt} ${one.epoch} ${one.closed}`)).toEqual(
    ['plan 1 1 true', 'implement 1 1 false', 'verify 1 1 false', 'implement 1 2 false', 'verify 2 1 false'],
  )
})

test('a run without logs has none', async () => expect(await logsOf(folder, 'run_2')).toEqual([]))
