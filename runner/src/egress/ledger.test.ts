import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLedger, readLeft } from './ledger.ts'
import { fieldsOf } from './fields.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'vpd-ledger-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('fields are named with their level and size, never with their value', () => {
  const usage = { inputTokens: 12, outputTokens: null, cachedTokens: null, usdMicros: null, source: 'agent' }
  const failure = { code: 'x', summary: 'it broke', check: '(kept on the runner)' }
  expect(fieldsOf('report', { type: 'failed', failure, usage, log: null })).toEqual([
    { field: 'type', level: 'metadata', count: 1, bytes: 6 },
    { field: 'failure.code', level: 'metadata', count: 1, bytes: 1 },
    { field: 'failure.summary', level: 'excerpt', count: 1, bytes: 8 },
    { field: 'failure.check', level: 'metadata', count: 1, bytes: 20, kept: 1 },
    { field: 'usage.inputTokens', level: 'metadata', count: 1, bytes: 2 },
    { field: 'usage.source', level: 'metadata', count: 1, bytes: 5 },
  ])
  expect(fieldsOf('report', { type: 'ask', argv: ['git', 'push'], cwd: 'src' })).toEqual([
    { field: 'type', level: 'metadata', count: 1, bytes: 3 },
    { field: 'argv[]', level: 'asked', count: 2, bytes: 7 },
    { field: 'cwd', level: 'paths', count: 1, bytes: 3 },
  ])
})

test('lines of many runs go to their own files and are read back in order', async () => {
  const ledger = await openLedger(folder, 'https://viewport.example')
  for (let round = 0; round < 2; round++)
    for (let n = 0; n < 40; n++)
      await ledger.note({
        run: `run_${n}`,
        step: 'plan',
        attempt: 1,
        what: `report ${round}`,
        message: { of: 'beat', value: { logBytes: round } },
      })
  await ledger.note({ run: null, what: 'hello', message: { of: 'hello', value: { capabilities: { host: 'vps' } } } })
  await ledger.note({ run: 'run_0', what: 'body plan', body: { digest: 'd', from: 5, to: 9 } })
  await ledger.close()
  expect((await readLeft(folder, 'run_0')).map(({ what, bytes }) => [what, bytes])).toEqual([
    ['report 0', 1],
    ['report 1', 1],
    ['body plan', 4],
  ])
  expect((await readLeft(folder, null)).map(({ what }) => what)).toEqual(['hello'])
  expect(await readLeft(folder, 'run_unknown')).toEqual([])
})

test('what goes elsewhere than to the control plane is named with where it goes', async () => {
  const ledger = await openLedger(folder, 'https://viewport.example')
  const elsewhere = { to: 'https://models.example', bytes: 70_000 }
  await ledger.note({ run: 'run_1', step: 'plan', attempt: 1, what: 'model request', elsewhere })
  await ledger.close()
  expect(await readLeft(folder, 'run_1')).toMatchObject([
    {
      to: 'https://models.example',
      what: 'model request',
      bytes: 70_000,
      fields: [{ field: 'model request', level: 'full', count: 1, bytes: 70_000 }],
    },
  ])
})
