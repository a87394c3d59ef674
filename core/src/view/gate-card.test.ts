import { expect, it } from 'vitest'
import {
  Play,
  branch,
  changed,
  checks,
  edited,
  person,
  planned,
  specOf,
  steps,
  recordedPush,
} from '../run/testing/play.ts'
import { gateCard } from './gate-card.ts'
import { verbOf } from './gate-item.ts'
import { boardRow, namedRow } from './board-row.ts'

const names = {
  label: (principal: string) =>
    principal.startsWith('user:usr_') ? `@${principal.slice(9)}` : `@${principal.slice(5)}`,
  people: (principal: string) => (principal === 'team:payments' ? ['usr_sam', 'usr_jess'] : []),
}
const cardOf = (p: Play, viewer = 'jess', principals?: string[], voters = 2) =>
  gateCard(p.state!, p.state!.gates[p.openGate()]!, person(viewer, principals), names, null, null, voters)
const planGate = () => new Play().start().begin('plan').report('plan', planned)

it('says who may decide, why another may not, and what follows', () => {
  const p = planGate()
  expect(cardOf(p)).toMatchObject({ may: { decide: true }, yours: true, excluded: [{ name: '@sam' }] })
  expect(cardOf(p, 'sam').may).toEqual({ decide: false, why: '@sam asked for this run and cannot vote.' })
  expect(cardOf(p, 'eve', []).may.decide).toBe(false)
  expect(cardOf(p).then[0]).toContain('implements it')
})

it('says that it is advisory where nothing walled the agent off, and not where something did or the sample works', () => {
  const reasons = (agent: string, level: 'none' | 'sandbox', said = agent) => {
    const p = planGate()
    p.state!.spec.pins.agents['plan'] = agent
    const step = p.state!.steps['plan']!
    step.agent = { name: said, version: null, tested: true }
    step.isolation = { ...step.isolation!, level }
    return cardOf(p).reasons.filter((reason) => reason.startsWith('Advisory'))
  }
  expect(reasons('claude', 'none')).toHaveLength(1)
  expect(reasons('claude', 'sandbox')).toEqual([])
  expect(reasons('sample', 'none')).toEqual([])
  // Which agent it is the run says, whatever its runner says.
  expect(reasons('claude', 'none', 'sample')).toHaveLength(1)
})

it('says about a command which rules held', () => {
  const p = planGate()
  p.do(p.vote('jess', 'approve')).begin('implement')
  p.report('implement', recordedPush('one', ['git', 'push', 'origin', 'a b; c']))
  const implement = p.state!.spec.workflow.compiled.steps.find((step) => step.id === 'implement')!
  if (implement.kind === 'agent') implement.commands = { allow: [], ask: ['git push *'], deny: ['terraform *'] }
  const card = cardOf(p)
  expect(card.reasons).toEqual([
    'The agent asked to push; it holds no key to do so.',
    "The workflow's rules for commands say ask: the rule `git push *` asks.",
  ])
  expect(card.rules.filter((rule) => rule.held)).toEqual([
    { rule: 'ask rules', effect: 'ask', held: true, found: '`git push *`' },
    { rule: 'on no list', effect: 'ask', held: true, found: '`git push` is not on the read-only list' },
  ])
  expect(card.rules[0]).toEqual({ rule: 'deny rules', effect: 'deny', held: false, found: null })
  expect(cardOf(planGate()).rules).toEqual([])
})

it('does not promise a push that has happened: the same tree on the same branch is one effect', () => {
  const p = planGate()
  p.do(p.vote('jess', 'approve')).begin('implement')
  p.report('implement', recordedPush())
  expect(verbOf(p.state!, p.state!.gates[p.openGate()]!)).toBe(`Allow git push to acme/shop on ${branch.slice(11)}`)
  p.report('implement', edited('one'))
  p.do(p.vote('jess', 'approve')).effect('git.push').begin('verify').report('verify', checks(true))
  const card = cardOf(p, 'dana')
  expect(card).toMatchObject({
    plannedFiles: ['src/price.js'],
    tests: { passed: true },
    verb: 'Open the change of 1 file in acme/shop',
    leaves: 'open',
  })
  expect(card.then).toEqual([expect.stringContaining('was pushed already')])
  const q = planGate()
  q.do(q.vote('jess', 'approve'))
    .begin('implement')
    .report('implement', edited('one'))
    .begin('verify')
    .report('verify', checks(true))
  expect(cardOf(q, 'dana')).toMatchObject({ verb: 'Push 1 file to acme/shop', leaves: 'push' })
  expect(cardOf(q, 'dana').then).toEqual([expect.stringContaining('The runner pushes')])
})

it('promises no push where the workflow takes no action', () => {
  const p = new Play().start(specOf({ steps: steps.filter((step) => step.kind !== 'action') }))
  p.begin('plan').report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  p.begin('verify').report('verify', checks(true))
  expect(cardOf(p, 'dana')).toMatchObject({
    verb: 'Accept the change of 1 file in acme/shop',
    leaves: 'nothing',
    then: ['The run ends.'],
  })
})

it('a board row names whom it waits for', () => {
  const state = planGate().state!
  const row = namedRow(boardRow(state), names)
  expect(row).toMatchObject({
    group: 'waiting',
    state: { tone: 'wait', words: 'awaiting @payments' },
    awaits: ['usr_sam', 'usr_jess'],
  })
  expect(row.chips.map((chip) => chip.state)).toEqual(['done', 'wait', 'later', 'later', 'later'])
  expect(row.result).toBe('change')
  for (const step of state.spec.workflow.compiled.steps) if (step.kind === 'action') step.action = 'gitlab.open_mr'
  expect(boardRow(state).result).toBe('MR')
})

it('shows an action with the change it carries: whose work it is, what was planned, how the checks went', () => {
  const gate = steps.find((step) => step.id === 'pr_approval')!
  const merges = [
    ...steps,
    { ...gate, id: 'merge_ok', name: 'merge_ok', needs: ['open'], gate: 'action' as const, of: 'merge' },
    { kind: 'action' as const, id: 'merge', needs: ['merge_ok'], action: 'git.merge', of: 'implement', params: {} },
  ] as typeof steps
  const p = new Play()
    .start(specOf({ steps: merges }))
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  p.begin('verify').report('verify', checks(true))
  p.do(p.vote('dana', 'approve')).effect('git.push')
  expect(cardOf(p)).toMatchObject({
    kind: 'action',
    verb: 'Merge the change of 1 file into main of acme/shop',
    agent: 'sample',
    agentVersion: '1',
    plannedFiles: ['src/price.js'],
    tests: { passed: true },
    body: { digest: changed('one').patch },
    then: ['The runner merges it.'],
    reasons: ['merge_ok: the workflow asks before git.merge.'],
  })
})

it('warns on the card when most of the budget is used, and counts what a person granted', () => {
  const costs = {
    ...planned,
    usage: { inputTokens: 1, outputTokens: 1, cachedTokens: 0, usdMicros: 4_200_000, source: 'agent' },
  }
  const p = new Play()
    .start()
    .begin('plan')
    .report('plan', costs as typeof planned)
  expect(cardOf(p).reasons).toContain('84 % of the budget is used: 4.20 of 5.00 USD.')
  p.state = { ...p.state!, budgetsGranted: 1 }
  expect(cardOf(p).reasons).not.toContain('84 % of the budget is used: 4.20 of 5.00 USD.')
  expect(cardOf(p).budgetUsd).toBe(10)
})
