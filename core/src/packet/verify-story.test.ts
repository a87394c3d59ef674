import { describe, expect, test } from 'vitest'
import type { Fact } from '../run/facts.ts'
import { input, at, lie, moved, play, seqOf, told, verdictOn } from './testing/tampered.ts'
import { rechained } from './testing/packets.ts'
import { factsFile, reportFile } from './names.ts'
import { runSpecDigest } from '../run/spec.ts'
import { composePacket } from './compose.ts'

describe('a control plane that lies with good signatures', () => {
  const approved = seqOf('intent.approved')
  const gateOf = (seq: number) => (at(play.facts, seq).data as { gate: string }).gate
  test('the approval written down after the effect had begun', async () => {
    expect(await lie((facts) => moved(facts, approved, seqOf('effect.started')))).toContain(
      `approved_after_execution ${factsFile} fact ${seqOf('effect.started') - 1}`,
    )
  })
  test('the vote and its gate closed after the intent was approved', async () => {
    const closed = play.facts.filter(
      (fact) => fact.type === 'gate.closed' && fact.data.gate === gateOf(seqOf('decision.made', 1)),
    )[0]!.seq
    expect(await lie((facts) => moved(moved(facts, closed, approved), seqOf('decision.made', 1), approved))).toContain(
      `approved_after_execution ${factsFile} fact ${approved - 2}`,
    )
  })
  test('an effect that nobody approved', async () => {
    expect(await lie((facts) => facts.filter((fact) => fact.seq !== approved))).toContain(
      `not_approved ${factsFile} fact ${seqOf('effect.started') - 1}`,
    )
    const unasked = await lie((facts) => (((at(facts, approved) as Fact<'intent.approved'>).data.gate = null), facts))
    expect(unasked).toEqual([`not_approved ${factsFile} fact ${approved}`])
  })
  test('another tree pushed than the approved one', async () => {
    const done = seqOf('effect.succeeded')
    const other = await lie(
      (facts) => (
        ((at(facts, done) as Fact<'effect.succeeded'>).data.receipt.observed['tree'] = '0'.repeat(40)),
        delete (at(facts, done) as Fact<'effect.succeeded'>).data.receipt.observed['digest'],
        facts
      ),
    )
    expect(other).toEqual([`executed_differs ${factsFile} fact ${done}`])
    const digest = await lie(
      (facts) => (
        ((at(facts, done) as Fact<'effect.succeeded'>).data.receipt.observed['digest'] = '0'.repeat(64)),
        facts
      ),
    )
    expect(digest).toEqual([`executed_differs ${factsFile} fact ${done}`])
  })
  test('an intent for another change than the gate showed', async () => {
    const proposed = seqOf('intent.proposed')
    const other = await lie(
      (facts) => (((at(facts, proposed) as Fact<'intent.proposed'>).data.change!.patch = '0'.repeat(64)), facts),
    )
    expect(other).toContain(`approved_differs ${factsFile} fact ${proposed}`)
  })
  test('a decision on another digest', async () => {
    const made = seqOf('decision.made')
    expect(
      await lie((facts) => (((at(facts, made) as Fact<'decision.made'>).data.digest = '0'.repeat(64)), facts)),
    ).toEqual([`decision_digest_differs ${factsFile} fact ${made}`])
  })
  test('a gate whose digest is not of what it shows', async () => {
    const opened = seqOf('gate.opened')
    expect(
      await lie(
        (facts) => (((at(facts, opened) as Fact<'gate.opened'>).data.subject as { steps: number }).steps++, facts),
      ),
    ).toEqual([`gate_digest_differs ${factsFile} fact ${opened}`])
  })
  test.each([
    ['the person who asked for the run', { by: { kind: 'person', id: 'usr_sam', name: '@sam' } }, {}],
    ['as a team that was not asked', {}, { as: 'team:other' }],
    ['as another user', {}, { as: 'user:usr_dana' }],
    ['a machine', { by: { kind: 'system' } }, {}],
  ])('a decision by %s', async (_, over, data) => {
    const made = seqOf('decision.made')
    const faults = await lie((facts) =>
      facts.map((fact) => (fact.seq === made ? ({ ...fact, ...over, data: { ...fact.data, ...data } } as Fact) : fact)),
    )
    expect(faults[0]).toBe(`approver_not_allowed ${factsFile} fact ${made}`)
  })
  test.each([
    ['fewer votes', { required: 1 }, 'gate_differs'],
    ['other people', { approvers: ['team:payments', 'user:usr_mallory'] }, 'gate_differs'],
    ['nobody excluded', { exclude: [], excluded: [] }, 'gate_differs'],
  ])('a gate that asks for less than the workflow: %s', async (_, data, code) => {
    const opened = seqOf('gate.opened', 3) // it needs two: a protected path was touched
    const faults = await lie((facts) =>
      facts.map((fact) => (fact.seq === opened ? ({ ...fact, data: { ...fact.data, ...data } } as Fact) : fact)),
    )
    expect(faults[0]).toBe(`${code} ${factsFile} fact ${opened}`)
  })
  test('the requester voting although others could, with the gate made to let it pass', async () => {
    const [opened, made] = [seqOf('gate.opened'), seqOf('decision.made')]
    const faults = await lie((facts) =>
      facts.map((fact) =>
        fact.seq === opened && fact.type === 'gate.opened'
          ? { ...fact, data: { ...fact.data, excluded: [] } }
          : fact.seq === made
            ? ({ ...fact, by: { kind: 'person', id: 'usr_sam', name: '@sam' } } as Fact)
            : fact,
      ),
    )
    expect(faults).toEqual([`approver_not_allowed ${factsFile} fact ${made}`])
  })
  test('a merge asked for by somebody who could not', async () => {
    const asked = seqOf('change.merge_requested')
    const faults = await lie(
      (facts) => (((at(facts, asked) as Fact<'change.merge_requested'>).data.as = 'team:other'), facts),
    )
    expect(faults).toEqual([`approver_not_allowed ${factsFile} fact ${asked}`])
  })
  test('the work begun before the plan was approved', async () => {
    const [made, began] = [seqOf('decision.made'), seqOf('step.started', 1)]
    expect(await lie((facts) => moved(facts, began, made - 1))).toEqual([`began_too_early ${factsFile} fact ${made}`])
    // and where the whole gate was left out
    const gate = (at(play.facts, made) as Fact<'decision.made'>).data.gate
    const faults = await lie((facts) => facts.filter((fact) => !('gate' in fact.data && fact.data.gate === gate)))
    expect(faults[0]).toMatch(/^began_too_early/)
  })
  test('one vote where two were needed', async () => {
    const second = seqOf('decision.made', 4)
    const faults = await lie((facts) => facts.filter((fact) => fact.seq !== second))
    expect(faults).toEqual([`too_few_votes ${factsFile} fact ${second}`])
  })
  test('a decision on a gate that had closed', async () => {
    const made = seqOf('decision.made')
    expect(await lie((facts) => moved(facts, made, made + 1))).toContain(
      `decision_after_close ${factsFile} fact ${made + 1}`,
    )
  })
  test('an effect done twice', async () => {
    const [began, done] = [seqOf('effect.started'), seqOf('effect.succeeded')]
    const again = (facts: Fact[]): Fact[] => {
      const copy = structuredClone([at(facts, began), at(facts, done)]) as [
        Fact<'effect.started'>,
        Fact<'effect.succeeded'>,
      ]
      for (const fact of copy) fact.data.attempt = 2
      return facts.toSpliced(done, 0, ...copy)
    }
    expect(await lie(again)).toEqual([
      `duplicate_effect ${factsFile} fact ${done + 1}`,
      `duplicate_effect ${factsFile} fact ${done + 2}`,
    ])
  })
  test('another run spec than its digest', async () => {
    expect(
      await lie((facts) => (((facts[0] as Fact<'run.started'>).data.spec.branch = 'refs/heads/vp/other'), facts)),
    ).toContain(`spec_differs ${factsFile} fact 1`)
  })
  test('another workflow than the one whose digest is named', async () => {
    const faults = await lie((facts) => {
      const { data } = facts[0] as Fact<'run.started'>
      data.spec.workflow.compiled.budget.usd = 500
      data.specDigest = runSpecDigest(data.spec)
      return facts
    })
    expect(faults).toEqual([`spec_differs ${factsFile} fact 1`])
  })
  test('words that the runner did not report', async () => {
    const report = play.reports.find((one) => at(play.facts, one.fact).type === 'step.finished')!
    const facts = structuredClone(play.facts)
    ;(at(facts, report.fact) as Fact<'step.finished'>).data.millis = 1
    const files = await composePacket({ ...input, facts: rechained(facts) })
    expect(told(verdictOn(files))).toEqual([`report_differs ${reportFile(report.fact)} fact ${report.fact}`])
  })
  test('reports in another order than the runner sent them', async () => {
    const [first, second] = [play.reports[2]!, play.reports[3]!]
    const swapped = moved(structuredClone(play.facts), first.fact, second.fact)
    const files = await composePacket({
      ...input,
      facts: rechained(swapped),
      reports: play.reports.map((one) =>
        one === first ? { ...one, fact: second.fact } : one === second ? { ...one, fact: first.fact } : one,
      ),
    })
    expect(told(verdictOn(files))).toEqual([`reordered ${reportFile(second.fact)} fact ${second.fact}`])
  })
})
