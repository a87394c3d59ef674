// The commands about what comes in and what goes out, beside a running sample: templates, samples, rehearsals, backtests, changes of a workflow for one delivery, effects.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, type Ended, type Running } from './testing/program.ts'

const place = makePlace('matching')
let plane: Running
const viewport = (...words: string[]): Promise<Ended> => run(place, viewportProgram, words)
const json = async (...words: string[]): Promise<Json> => {
  const { code, out, err } = await viewport(...words, '--json')
  expect({ words, code, err: code === 0 ? '' : err }).toMatchObject({ code: 0 })
  return JSON.parse(out) as Json
}
const says = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await viewport(...words)
  expect({ words, code, err: code === 0 ? '' : err }).toMatchObject({ code: 0 })
  return out
}

beforeAll(async () => {
  plane = start(place, viewportProgram, ['up', '--sample', '--port', '0', '--data', place.data])
  await plane.says(/Ctrl-C stops everything/, 120_000)
}, 150_000)
afterAll(async () => {
  plane.child.kill('SIGINT')
  await plane.ended
  endAllOf(place.folder)
  place.remove()
})

test('templates: the list, and one filled in, which compiles', async () => {
  const names = ['bug-to-pr', 'support-to-pr', 'ci-failure-fix', 'pr-review', 'ticket-triage', 'docs-refresh']
  expect((await json('templates'))['templates'].map((one: Json) => one['name'])).toEqual(names)
  expect(await says('templates')).toMatch(/^bug-to-pr +Linear, GitHub, Slack +Find the cause/)
  const filled = await says(
    'templates',
    'bug-to-pr',
    '--set',
    'team=web',
    '--set',
    'repository:acme/payments-api=acme/shop',
  )
  expect(filled).toMatch(/\nteam: web\n[^]*\n {2}- acme\/shop\n/)
  const file = join(place.folder, 'filled.yaml')
  writeFileSync(file, filled)
  expect(await viewport('compile', file)).toMatchObject({ code: 0 })
  expect(await viewport('templates', 'bug-to-pr', '--set', 'tem=web')).toMatchObject({ code: 2 })
})

test('samples, and a rehearsal with one, which is a real run and says so', async () => {
  expect(await says('samples')).toMatch(/^github\.check-failed +github\.check_failed +A check fails$/m)
  const heard = (await json('samples', '--workflow', 'fix-bug'))['samples'].filter((one: Json) => one['heard'])
  expect(heard.length).toBeGreaterThan(0)
  const started = await json('rehearse', 'fix-bug', '--sample', heard[0]['id'])
  expect(started['number']).toBe(2)
  expect(await says('runs', '2')).toMatch(/A rehearsal with a sample event: nothing outside is done\./)
  expect(await says('runs')).toMatch(/^#2 +.*\(rehearsal\)/m)
  expect((await viewport('rehearse', 'fix-bug', '--sample', 'nobody.knows')).code).not.toBe(0)
})

test('a backtest: what would have started, what nearly, and that nothing did', async () => {
  const file = join(place.folder, 'draft.yaml')
  const draft = (source: string): void =>
    writeFileSync(
      file,
      `name: draft\nteam: payments\ntrigger: { webhook: { source: ${source}, started_by: [source] } }\nrepos: [acme/shop]\n`,
    )
  draft('bugs')
  expect(await says('backtest', file)).toMatch(/It would have started 0, and nearly 1\.\n {2}only source failed: 1\n/)
  draft('Bug tracker')
  const told = await says('backtest', file)
  // Agents that work before the plan are the sample's own, so the card of the plan is the word on the text.
  expect(told).toContain('plan_review would have asked team:payments once (once also the word on outside text).')
  expect(told).toContain('Not played: what people would have decided')
  const found = await json('backtest', file)
  expect(found).toMatchObject({ draft: { starts: 1, nearMisses: 0 }, current: null, rows: [{ draft: 'starts' }] })
  expect(found['asked'].map((one: Json) => [one['gate'], one['times']])).toEqual([
    ['plan_review', 1],
    ['pr_approval', 1],
  ])
  expect((await json('runs'))['rows'].filter((one: Json) => one['workflow'] === 'draft')).toEqual([])
})

test('a workflow changed for one delivery: to never start like this again, and to start by it', async () => {
  const { id } = (await json('deliveries'))['deliveries'].find((one: Json) => one['source'] === 'Bug tracker')
  const file = join(place.folder, 'changed.yaml')
  writeFileSync(file, await says('deliveries', id, '--never', 'fix-bug', '--text'))
  expect(await viewport('compile', file)).toMatchObject({ code: 0 })
  expect(await json('backtest', file)).toMatchObject({ draft: { starts: 0 }, current: { starts: 1 } })
  // It listens to nothing of the kind, so no change of a condition would help.
  expect(await viewport('deliveries', id, '--match', 'docs-refresh')).toMatchObject({ code: 1, out: '' })
  const nearly = join(place.folder, 'nearly.yaml')
  writeFileSync(
    nearly,
    'name: nearly\nteam: payments\ntrigger: { webhook: { source: bugs, started_by: [source] } }\nrepos: [acme/shop]\n',
  )
  await says('workflows', 'save', nearly)
  writeFileSync(file, await says('deliveries', id, '--match', 'nearly', '--text'))
  const found = await json('backtest', file)
  expect(found).toMatchObject({ draft: { starts: expect.any(Number) }, current: { starts: expect.any(Number) } })
  expect(found['rows'].find((one: Json) => one['delivery'] === id)).toMatchObject({
    draft: 'starts',
    current: 'near_miss',
  })
  expect(await viewport('deliveries', id, '--again', '-m', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('only one that could not be read is worked on again'),
  })
})

test('effects: nothing waits, and what is not there cannot be answered', async () => {
  expect(await says('effects')).toBe('No effect waits for anybody.\n')
  expect(await json('effects')).toEqual({ effects: [], more: null })
  expect(await viewport('effects', 'answer', 'int_x4k2-3', 'again')).toMatchObject({
    code: 1,
    err: expect.stringContaining('waits for nobody'),
  })
})
