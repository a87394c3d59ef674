import { bodyDigests } from '@viewportai/core/digest/body'
import { subjectDigest, type Subject } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import { expect, test } from 'vitest'
import { Problem } from '../api/problem.ts'
import type { Evidence } from '../body/use-body.ts'
import { standing } from './standing.ts'

const bytes = new TextEncoder().encode('# Plan')
const { digest: body, chunks } = bodyDigests(bytes)
const subject: Subject = { kind: 'plan', run: 'run_1', step: 'plan', round: 1, body, files: [], steps: 1 }
const digest = subjectDigest(subject)
const usage = { inputTokens: null, outputTokens: null, cachedTokens: null, usdMicros: null, source: 'none' as const }
const card: GateCard = {
  gate: 'gate_1-1',
  run: 'run_1',
  number: 1,
  kind: 'plan',
  state: 'open',
  outcome: null,
  verb: 'Fix',
  source: 'PAY-1',
  title: 'Fix',
  workflow: 'bug-to-pr',
  agent: 'claude',
  round: 1,
  tainted: false,
  openedAt: 0,
  closedAt: null,
  holdsRun: true,
  yours: true,
  myVerdict: null,
  name: 'plan_review',
  subject,
  digest,
  body: { digest: body, bytes: bytes.length, chunks, kind: 'plan', media: 'text/markdown', home: 'edge' },
  may: { decide: true, why: 'team payments' },
  approvers: [],
  required: 1,
  votes: [],
  excluded: [],
  expiresAt: null,
  reasons: [],
  rules: [],
  plannedFiles: null,
  planBody: null,
  tests: null,
  previous: null,
  then: [],
  leaves: null,
  isolation: null,
  agentVersion: null,
  agentTested: null,
  usage,
  budgetUsd: null,
  held: null,
  voters: 2,
  pushesRefused: 0,
  choices: [],
  withdrawable: false,
  next: null,
}
const here: Evidence = { state: 'here', shown: { bytes, digest: body } }
const away: Evidence = {
  state: 'away',
  problem: new Problem('body_away', 503, 'payments-vps has the bytes.', 'Start the runner.'),
}

test.each<[string, Partial<GateCard>, Evidence, string, boolean, object]>([
  ['everything fits', {}, here, digest, false, { at: 'ready', digest }],
  [
    'bytes on their way',
    {},
    { state: 'loading', checked: 3, of: 9 },
    digest,
    false,
    { at: 'checking', checked: 3, of: 9 },
  ],
  [
    'bytes away',
    {},
    away,
    digest,
    false,
    { at: 'away', words: 'payments-vps has the bytes.', next: 'Start the runner.' },
  ],
  [
    'bytes that are others',
    {},
    { state: 'wrong', why: 'chunk 1 of 1 has other bytes' },
    digest,
    false,
    { at: 'wrong', why: 'chunk 1 of 1 has other bytes' },
  ],
  [
    'bytes of another body',
    {},
    { state: 'here', shown: { bytes, digest: '0'.repeat(64) } },
    digest,
    false,
    { at: 'wrong' },
  ],
  ['no bytes although the subject names some', {}, { state: 'none' }, digest, false, { at: 'wrong' }],
  ['another digest is asked now', { digest: '1'.repeat(64) }, here, digest, false, { at: 'drifted' }],
  [
    'a subject that was changed on the way',
    { subject: { ...subject, steps: 2 } },
    here,
    digest,
    false,
    { at: 'wrong' },
  ],
  [
    'decided by another',
    { state: 'closed', outcome: 'approved' },
    here,
    digest,
    false,
    { at: 'closed', outcome: 'approved' },
  ],
  ['voted already', { myVerdict: 'approve' }, here, digest, false, { at: 'voted', verdict: 'approve' }],
  [
    'not an approver',
    { may: { decide: false, why: '@sam assigned the ticket and cannot vote.' } },
    here,
    digest,
    false,
    { at: 'forbidden', why: '@sam assigned the ticket and cannot vote.' },
  ],
  ['a vote is on its way', {}, here, digest, true, { at: 'sending' }],
])('%s', (_, change, evidence, opened, sending, expected) =>
  expect(standing({ ...card, ...change }, evidence, opened, sending, true)).toMatchObject(expected),
)

test('checked bytes that are not on the screen yet decide nothing', () =>
  expect(standing(card, here, digest, false, false)).toEqual({ at: 'drawing' }))
