/** A gate right before an action: it shows what would be done, and exactly that is done, once it is approved. */
import { describe, expect, it } from 'vitest'
import { subjectDigest } from '../gate/subject.ts'
import { checkStory } from '../packet/verify-story.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import { due } from './due.ts'
import { Play, branch, changed, checks, edited, person, planned, runner, specOf } from './testing/play.ts'
import type { Fact } from './facts.ts'

const compiled = (approvals: string, more = '') => {
  const read = compileWorkflow(`
name: bug-to-change
team: payments
repos: [acme/shop]
approvals: ${approvals}
actions: [git.open_change, { git.merge: { method: fast_forward } }]
${more}`)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}
const toActions = (approvals: string, paths?: string[]): Play => {
  const p = new Play()
    .start(specOf(compiled(approvals)))
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one', paths))
  return p.begin('verify').report('verify', checks(true))
}
const mergeGate = (paths?: string[]): Play => {
  const p = toActions('[plan_review, pr_approval, git.merge]', paths)
  return p.do(p.vote('dana', 'approve')).effect('git.push')
}
const gate = (p: Play) => p.state!.gates[p.openGate()]!
const intents = (p: Play) => Object.values(p.state!.intents).map((i) => [i.action, i.state, i.gate] as const)
const faults = (facts: readonly Fact[]) => checkStory(facts.map((fact) => ({ fact, text: '', hash: '' }))).faults

describe('a gate before git.merge', () => {
  it('shows the rendered parameters and the change, under their digest', () => {
    const p = mergeGate()
    const change = p.state!.change!
    expect(gate(p)).toMatchObject({
      kind: 'action',
      name: 'git_merge_approval',
      step: 'git_merge',
      gateStep: 'git_merge_approval',
      body: { digest: changed('one').patch },
      subject: {
        kind: 'action',
        action: 'git.merge',
        target: 'acme/shop refs/heads/main',
        params: {
          repo: 'acme/shop',
          ref: branch,
          into: 'refs/heads/main',
          title: 'Prices are wrong',
          change: change.id,
          method: 'fast_forward',
        },
        change: changed('one'),
      },
    })
    expect(gate(p).digest).toBe(subjectDigest(gate(p).subject))
    expect(due(p.state!).map((one) => one.kind)).toEqual(['gate'])
  })
  it('approved: the intent is proposed with this gate, and the run goes on to its end', () => {
    const p = mergeGate()
    const { id } = gate(p)
    p.do(p.vote('dana', 'approve'))
    expect(intents(p).at(-1)).toEqual(['git.merge', 'approved', id])
    p.effect('git.merge')
    expect(p.state!).toMatchObject({ change: { state: 'merged' }, finished: { outcome: 'succeeded' } })
    expect(faults(p.facts)).toEqual([])
  })
  it('rejected: nothing is merged and the run ends; the change stays open', () => {
    const p = mergeGate()
    p.do(p.vote('dana', 'reject', 'not before Monday'))
    expect(p.state!.finished).toMatchObject({ outcome: 'rejected', why: expect.stringContaining('not before Monday') })
    expect(p.state!.change!.state).toBe('open')
    expect(due(p.state!)).toEqual([])
    expect(faults(p.facts)).toEqual([])
  })
  it('has nothing to send back', () => {
    const p = mergeGate()
    expect(p.try(p.vote('dana', 'request_changes', 'other words')).refusal?.refusal).toBe('verdict_not_offered')
  })
  it('cannot be passed on the page of the change', () => {
    const p = mergeGate()
    const merge = p.merge()
    expect(p.try(merge).refusal?.refusal).toBe('merge_by_gate')
    p.do(p.vote('dana', 'reject'))
    expect(p.try({ ...merge, at: p.at }).refusal?.refusal).toBe('merge_by_gate')
  })
  it('asks one more where the change touches protected files', () => {
    const p = toActions('[plan_review, pr_approval, git.merge]', ['.github/x'])
    p.do(p.vote('dana', 'approve')).do(p.vote('jess', 'approve')).effect('git.push')
    expect(gate(p).required).toBe(2)
    expect(faults(p.facts)).toEqual([])
  })
  it('takes a vote back as long as the merge has not begun', () => {
    const p = mergeGate()
    const { id } = gate(p)
    const withdraw = () =>
      ({
        do: 'withdraw',
        at: p.at,
        gate: id,
        person: person('dana'),
        via: { surface: 'web', auth: 'session' },
      }) as const
    p.do(p.vote('dana', 'approve')).do(withdraw())
    expect(due(p.state!).map((one) => one.kind)).toEqual(['gate'])
    p.do(p.vote('dana', 'approve'))
    const { id: intent } = Object.values(p.state!.intents).at(-1)!
    const started = { type: 'effect_started', intent, attempt: 1 } as const
    p.do({ do: 'report', at: p.at, by: runner, step: intent, attempt: 1, epoch: 1, report: started })
    expect(p.try(withdraw()).refusal?.refusal).toBe('nothing_to_withdraw')
  })
})

describe('a gate before git.open_change', () => {
  it('holds the push too, and is what approves it where no gate looks at the change', () => {
    const p = toActions('[plan_review, git.open_change]')
    expect(gate(p)).toMatchObject({ kind: 'action', subject: { action: 'git.open_change', change: changed('one') } })
    expect(intents(p)).toEqual([])
    const { id } = gate(p)
    p.do(p.vote('dana', 'approve'))
    expect(intents(p)).toEqual([['git.push', 'approved', id]])
    p.effect('git.push').effect('git.merge')
    expect(intents(p).map(([action, , by]) => [action, by])).toEqual([
      ['git.push', id],
      ['git.open_change', id],
      ['git.merge', null],
    ])
    expect(faults(p.facts)).toEqual([])
  })
  it('after a gate on the change: the push rests on that one, the opening on this one', () => {
    const p = toActions('[plan_review, pr_approval, git.open_change]')
    const ofChange = gate(p).id
    p.do(p.vote('dana', 'approve'))
    const ofAction = gate(p).id
    p.do(p.vote('dana', 'approve')).effect('git.push')
    expect(intents(p).map(([, , by]) => by)).toEqual([ofChange, ofAction, ofChange])
    expect(faults(p.facts)).toEqual([])
  })
  it('a vote that is taken back holds the push again', () => {
    const p = toActions('[plan_review, pr_approval, git.open_change]')
    p.do(p.vote('dana', 'approve'))
    const { id } = gate(p)
    p.do(p.vote('dana', 'approve'))
    expect(due(p.state!).map((one) => one.kind)).toEqual(['work'])
    p.do({ do: 'withdraw', at: p.at, gate: id, person: person('dana'), via: { surface: 'web', auth: 'session' } })
    expect(due(p.state!).map((one) => one.kind)).toEqual(['gate'])
    p.do(p.vote('dana', 'approve')).effect('git.push').effect('git.merge')
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(faults(p.facts)).toEqual([])
  })
})

describe('whoever reads the packet', () => {
  const done = (): Play => {
    const p = mergeGate()
    return p.do(p.vote('dana', 'approve')).effect('git.merge')
  }
  /** The facts without some, and with changed ones, numbered again. */
  const told = (p: Play, change: (fact: Fact) => Fact | null): Fact[] =>
    p.facts.flatMap((fact) => change(fact) ?? []).map((fact, i) => ({ ...fact, seq: i + 1 }))
  const about = (p: Play) => Object.values(p.state!.gates).find((g) => g.kind === 'action')!.id

  it('sees that the gate before the action is missing', () => {
    const p = done()
    const id = about(p)
    const ofChange = Object.values(p.state!.gates).find((g) => g.kind === 'change')!.id
    const cut = told(p, (fact) => {
      if ('gate' in fact.data && fact.type !== 'intent.approved' && fact.data.gate === id) return null
      return fact.type === 'intent.approved' && fact.data.gate === id
        ? ({ ...fact, data: { ...fact.data, gate: ofChange } } as Fact)
        : fact
    })
    expect(faults(cut).map((one) => one.code)).toContain('not_approved')
  })
  it('sees that something else was done than the gate showed', () => {
    const p = done()
    const other = told(p, (fact) =>
      fact.type === 'intent.proposed' && fact.data.action === 'git.merge'
        ? ({ ...fact, data: { ...fact.data, params: { ...fact.data.params, into: 'refs/heads/release' } } } as Fact)
        : fact,
    )
    expect(faults(other).map((one) => one.code)).toContain('approved_differs')
  })
})

it('the gate stands right before its action', () => {
  const read = compileWorkflow(`
name: early
team: payments
repos: [acme/shop]
steps:
  - plan
  - plan_review
  - implement
  - pr_approval
  - { gate: merge_ok, of: merge }
  - git.open_change
  - { id: merge, action: git.merge }
`)
  expect(read).toMatchObject({
    ok: false,
    errors: [{ code: 'wrong_order', message: expect.stringContaining('git_open_change would still come') }],
  })
})
