import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '@viewportai/core/wire/messages'
import { openJournal, spoolLimit, unfinished, type Head } from './journal.ts'
import { openUsedGrants } from './used-grants.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'vpd-journal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const head: Head = {
  v: 1,
  lease: 'lease_1',
  epoch: 2,
  run: 'run_1',
  step: 'plan',
  attempt: 1,
  kind: 'agent',
  bodies: 'edge',
}
const file = () => path.join(folder, 'journal', 'lease_1.2.ndjson')
const report = (n: number): Report => ({ type: 'effect_started', intent: `int_${n}`, attempt: 1 })
const entry = (seq: number) => ({ seq, report: report(seq), signature: `a..${seq}` })

test('what was added and accepted is found again, also after a torn last line', async () => {
  const journal = await openJournal(folder, head)
  for (const seq of [1, 2, 3]) await journal.add(entry(seq))
  await journal.accepted(1)
  await journal.leave()
  await appendFile(file(), '{"seq":4,"report":{"ty')
  expect(await unfinished(folder)).toEqual([head])
  const again = await openJournal(folder, head)
  expect(again.pending()).toEqual([entry(2), entry(3)])
  expect(again.next()).toBe(4)
  await again.add(entry(4))
  await again.leave()
  expect(
    (await readFile(file(), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => Object.keys(JSON.parse(line) as object)[0]),
  ).toEqual(['v', 'seq', 'seq', 'seq', 'accepted', 'seq'])
})

test('an ended journal is gone; a lost one is kept beside', async () => {
  await (await openJournal(folder, head)).end('done')
  expect(await unfinished(folder)).toEqual([])
  await (await openJournal(folder, head)).end('lost')
  expect(await unfinished(folder)).toEqual([])
  expect(await readFile(file().replace('.ndjson', '.lost'), 'utf8')).toContain('"lost"')
})

// Never change these lines: they are what earlier versions of vpd left on disks.
const asWrittenBy010 = `{"v":1,"lease":"lease_1","epoch":2,"run":"run_1","step":"plan","attempt":1,"kind":"agent","bodies":"edge"}
{"began":true}
{"seq":1,"report":{"type":"started","agent":{"name":"sample","version":"1.0.0","tested":true},"isolation":{"level":"none","processes":"sweep","modelGateway":false,"gitGateway":true,"network":"open"},"resumed":false},"signature":"a..1"}
{"accepted":1}
{"seq":2,"report":{"type":"failed","failure":{"code":"agent_failed","class":"agent","summary":"It ended.","check":"Look.","retrySafe":true,"started":true},"usage":{"inputTokens":null,"outputTokens":null,"cachedTokens":null,"usdMicros":null,"source":"none"},"log":null,"millis":5},"signature":"a..2"}
`
const left = async (text: string): Promise<void> => {
  await mkdir(path.dirname(file()), { recursive: true })
  await writeFile(file(), text)
}

test('what an older vpd left is read, and its last report goes out', async () => {
  await left(asWrittenBy010)
  expect(await unfinished(folder)).toEqual([head])
  const journal = await openJournal(folder, head)
  expect(journal.began()).toBe(true)
  expect(journal.pending()).toMatchObject([{ seq: 2, signature: 'a..2', report: { type: 'failed' } }])
  expect(journal.next()).toBe(3)
  await journal.leave()
})

test.each([
  ['another form', asWrittenBy010.replace('"v":1', '"v":2')],
  ['a report this version does not know', asWrittenBy010.replace('"type":"failed"', '"type":"danced"')],
])('what a newer vpd left with %s is refused in words, and stays as it is', async (_, text) => {
  await left(text)
  await expect(unfinished(folder)).rejects.toThrow(/lease_1\.2\.ndjson was written by a newer vpd/)
  expect(await readFile(file(), 'utf8')).toBe(text)
})

test('a journal whose first line is unreadable is moved aside, not in the way', async () => {
  await (await openJournal(folder, head)).leave()
  await appendFile(path.join(folder, 'journal', 'odd.1.ndjson'), 'nonsense\n')
  expect(await unfinished(folder)).toEqual([head])
})

test('what waits to be sent is bounded', async () => {
  const journal = await openJournal(folder, head)
  const big: Report = { type: 'refused', code: 'x', words: 'y'.repeat(spoolLimit.bytes), about: {} }
  await expect(journal.add({ seq: 1, report: big, signature: null })).rejects.toThrow('another report')
  await journal.add(entry(1))
  expect(journal.pending()).toHaveLength(1)
  await journal.leave()
})

test('a grant is used once, also by the next process; expired ones are dropped', async () => {
  const used = await openUsedGrants(folder, () => 100_000)
  expect(await Promise.all([used.use('a', 100_050), used.use('a', 100_050), used.use('b', 5)])).toEqual([
    true,
    false,
    true,
  ])
  await used.close()
  const again = await openUsedGrants(folder, () => 100_000)
  expect(await again.use('a', 100_050)).toBe(false)
  expect(await again.use('b', 5)).toBe(true) // its expiry refuses it long before
  await again.close()
})

test('the list of used grants does not grow for ever', async () => {
  const used = await openUsedGrants(folder, () => 200_000)
  for (let n = 0; n < 2_500; n++) await used.use(`grant ${n}`, n < 2_400 ? 5 : 200_050)
  await used.close()
  expect((await readFile(path.join(folder, 'used-grants.ndjson'), 'utf8')).split('\n').length).toBeLessThan(600)
  const again = await openUsedGrants(folder, () => 200_000)
  expect(await again.use('grant 2450', 200_050)).toBe(false)
  await again.close()
})
