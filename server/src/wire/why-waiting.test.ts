import { expect, test } from 'vitest'
import { capabilities } from './testing/known-runner.ts'
import { unfitRunners, whyWaiting, type Present } from './why-waiting.ts'

const work = {
  kind: 'checks',
  agent: null,
  mode: null,
  model: null,
  isolation: null,
  requires: [],
  repos: [],
  runner: null,
  pool: 'local',
}
const present = (over: Partial<Present> = {}): Present => ({
  runner: 'rnr_1',
  name: 'box',
  pool: 'local',
  repositories: [],
  capabilities: capabilities(),
  noWall: null,
  online: true,
  state: 'active',
  seen: 1,
  busy: 0,
  ...over,
})
const full = { capabilities: { ...capabilities(), takesNoWork: '7 MB are free on the disk, 256 MB are wanted' } }

test('a runner that is there and takes no work says why, where people wait for it', () => {
  expect(whyWaiting(work, [present()])).toBeNull()
  expect(whyWaiting(work, [present(full)])).toBe(
    'No runner fits now: box takes no work (7 MB are free on the disk, 256 MB are wanted).',
  )
  expect(unfitRunners(work, [present(full)])).toEqual([
    { runner: 'box', lacks: ['it takes no work: 7 MB are free on the disk, 256 MB are wanted'] },
  ])
  expect(whyWaiting(work, [present(full), present({ name: 'other' })])).toBeNull()
})

test.each([
  [{ online: false }, 'is away'],
  [{ state: 'draining' }, 'drains'],
])('%j: %s', (over, words) => {
  expect(whyWaiting(work, [present(over)])).toBe(`No runner fits now: box ${words}.`)
})
