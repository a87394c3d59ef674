import { expect, test } from 'vitest'
import { differing, type Workspace } from './differing.ts'

const now: Workspace = {
  id: 'ws_1',
  slug: 'acme',
  name: 'Acme',
  sample: false,
  bodies: 'edge',
  leaves: 'excerpt',
  defaultPool: 'local',
  defaultAgents: { plan: 'claude', edit: 'codex' },
  packetBodies: false,
  caps: { 'github.comment': 20 },
}

test('nothing differs from itself, in whatever order its keys stand', () =>
  expect(differing(now, { ...now, defaultAgents: { edit: 'codex', plan: 'claude' } })).toEqual({}))
test('only what differs is said, and what was taken away is said too', () =>
  expect(differing(now, { ...now, defaultPool: null, defaultAgents: { edit: 'codex' }, caps: {} })).toEqual({
    defaultPool: null,
    defaultAgents: { edit: 'codex' },
    caps: {},
  }))
