import { describe, expect, it } from 'vitest'
import { changeDigest, subjectDigest } from '../gate/subject.ts'
import type { Fact } from '../run/facts.ts'
import { Play, changed, checks, edited, planned, specOf, steps, recordedPush } from '../run/testing/play.ts'
import { checkStory } from './verify-story.ts'

const faults = (facts: readonly Fact[]): string[] =>
  checkStory(facts.map((fact) => ({ fact, text: '', hash: '' }))).faults.map(({ code, record }) => `${code} ${record}`)
const placed = (facts: readonly Fact[]): Fact[] => facts.map((fact, at) => ({ ...fact, seq: at + 1 }) as Fact)
const seqOf = (facts: readonly Fact[], type: Fact['type']): number => facts.findLast((fact) => fact.type === type)!.seq

/** An agent whose commands are allowed so pushes; the push is asked where the list does not allow it. */
const pushing = (allow: string[]): Play => {
  const rules = { allow, ask: [], deny: [] }
  const p = new Play().start(specOf({ steps: steps.map((s) => (s.kind === 'agent' ? { ...s, commands: rules } : s)) }))
  p.begin('plan').report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement')
  return p.report('implement', recordedPush())
}

describe('a push without a gate', () => {
  it('is the one that the workflow allows by its rules', () => {
    expect(faults(pushing(['git push *']).facts)).toEqual([])
  })
  it('is not allowed by a rule about something else', () => {
    const p = pushing(['npm test'])
    p.do(p.vote('dana', 'approve'))
    const gate = Object.values(p.state!.gates).find((one) => one.kind === 'command')!.id
    const cut = placed(
      p.facts
        .filter((fact) => !('gate' in fact.data && fact.data.gate === gate) || fact.type === 'intent.approved')
        .map((fact) =>
          fact.type === 'intent.approved'
            ? { ...fact, data: { ...fact.data, gate: null, rule: 'the workflow allows this push' } }
            : fact,
        ),
    )
    expect(faults(cut)).toEqual([`not_approved fact ${seqOf(cut, 'intent.approved')}`])
  })
  it.each([
    ['of another tree than the agent pushed', { change: changed('two'), digest: changeDigest(changed('two')) }],
    ['to another ref', { params: { repo: 'acme/shop', ref: 'refs/heads/main', expect: null, message: '' } }],
    ['that is no push at all', { action: 'git.merge' }],
  ])('is not one %s', (_, over) => {
    const facts = pushing(['git push *']).facts.map((fact) =>
      fact.type === 'intent.proposed' ? { ...fact, data: { ...fact.data, ...over } } : fact,
    )
    expect(faults(facts)).toEqual([`not_approved fact ${seqOf(facts, 'intent.approved')}`])
  })
})

it('a gate that is silent about a protected file asks for less than the workflow', () => {
  const p = new Play().start().begin('plan').report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement')
  p.report('implement', edited('one', ['src/price.js', '.github/workflows/ci.yml']))
  p.begin('verify').report('verify', checks(true))
  const gate = p.openGate()
  p.do(p.vote('dana', 'approve')).do(p.vote('jess', 'approve'))
  expect(faults(p.facts)).toEqual([])
  const opened = p.facts.find(
    (fact): fact is Fact<'gate.opened'> => fact.type === 'gate.opened' && fact.data.gate === gate,
  )!
  const subject = { ...opened.data.subject, protected: [] } as typeof opened.data.subject
  const digest = subjectDigest(subject)
  const told = p.facts.map((fact) =>
    fact.seq === opened.seq
      ? ({ ...opened, data: { ...opened.data, subject, digest, required: 1 } } as Fact)
      : fact.type === 'decision.made' && fact.data.gate === gate
        ? { ...fact, data: { ...fact.data, digest } }
        : fact,
  )
  expect(faults(told)).toContain(`gate_differs fact ${opened.seq}`)
})

it('a gate that was rejected and goes on approves nothing', () => {
  const goesOn = steps.map((s) => (s.id === 'pr_approval' ? ({ ...s, onReject: 'continue' } as typeof s) : s))
  const p = new Play()
    .start(specOf({ steps: goesOn }))
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  p.begin('verify').report('verify', checks(true))
  const gate = p.openGate()
  p.do(p.vote('dana', 'approve'))
  const rejected = p.facts.map((fact) =>
    fact.type === 'gate.closed' && fact.data.gate === gate
      ? ({ ...fact, data: { ...fact.data, outcome: 'rejected' } } as Fact)
      : fact.type === 'decision.made' && fact.data.gate === gate
        ? ({ ...fact, data: { ...fact.data, verdict: 'reject' } } as Fact)
        : fact,
  )
  expect(faults(rejected)).toContain(`not_approved fact ${seqOf(rejected, 'intent.approved')}`)
})
