/** Actions at outside tools: what they would do, on what, and that the control plane does each once. */
import { describe, expect, it } from 'vitest'
import { checkStory } from '../packet/verify-story.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import type { AgentJob } from '../wire/job.ts'
import { keptText } from '../wire/level.ts'
import { stuckEffects } from '../view/stuck-effect.ts'
import { automaticTries, due, effectIsDue, isOnlyLookedFor } from './due.ts'
import { jobOf } from './job.ts'
import type { EffectEnd } from './command.ts'
import type { RunSpec } from './spec.ts'
import { Play, branch, checks, edited, failedWith, person, planned, specOf } from './testing/play.ts'

const compiled = (actions: string, approvals = '[plan_review, pr_approval]') => {
  const read = compileWorkflow(
    `name: bug-to-pr\nteam: payments\ntrigger: [{ linear: { event: issue_assigned } }, { jira: { event: issue_assigned } }, { manual: {} }]\nrepos: [acme/shop]\napprovals: ${approvals}\nactions: ${actions}\n`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}
/** A run that an event of this tool began, up to the vote on its change. */
const approved = (actions: string, event: Partial<RunSpec['event']> = {}, approvals?: string): Play => {
  const spec = specOf(compiled(actions, approvals))
  const p = new Play()
    .start({ ...spec, address: 'https://viewport.acme.dev', event: { ...spec.event, ...event } })
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  return p.begin('verify').report('verify', checks(true)).do(p.vote('dana', 'approve'))
}
const at = (tool: string, ref: string): Partial<RunSpec['event']> => ({
  tool,
  event: 'issue_assigned',
  subject: { label: 'PAY-1842', title: 'Charged twice', url: 'https://linear.app/acme/PAY-1842', ref },
})
const of = (p: Play, action: string) => Object.values(p.state!.intents).findLast((one) => one.action === action)!
const begin = (p: Play, action: string) => {
  const { id, attempt, state } = of(p, action)
  return p.try({ do: 'beginEffect', at: p.at, intent: id, attempt: state === 'executing' ? attempt : attempt + 1 })
}
const end = (p: Play, action: string, how: EffectEnd) =>
  p.try({ do: 'endEffect', at: p.at, intent: of(p, action).id, attempt: of(p, action).attempt, end: how })
const receipt = (observed: Record<string, unknown>): EffectEnd => ({
  is: 'succeeded',
  reconciled: false,
  receipt: {
    provider: 'github',
    id: '41',
    url: 'https://github.com/acme/shop/pull/41',
    observed: { ref: 'acme/shop#41', ...observed },
    readBack: true,
  },
})
const done = (p: Play, action: string, observed: Record<string, unknown> = {}) => {
  begin(p, action)
  return end(p, action, receipt(observed))
}
const faults = (p: Play) => checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).faults

describe('a pull request', () => {
  it('is opened by the control plane after the runner pushed its branch, with all that a person would see', () => {
    const p = approved('[{ github.open_pr: { labels: [bug] } }]')
    expect(of(p, 'git.push').at).toBe('runner')
    expect(of(p, 'github.open_pr')).toBeUndefined()
    p.effect('git.push')
    expect(of(p, 'github.open_pr')).toMatchObject({
      at: 'server',
      state: 'approved',
      target: 'acme/shop',
      params: {
        repo: 'acme/shop',
        head: branch.replace('refs/heads/', ''),
        base: 'main',
        draft: false,
        labels: ['bug'],
      },
    })
    expect(due(p.state!)).toEqual([]) // nothing of it is a runner's
    expect(done(p, 'github.open_pr').refusal).toBeNull()
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    expect(faults(p)).toEqual([])
  })
  it('is not opened by a report of the runner, nor is a push of the runner by the control plane', () => {
    const p = approved('[github.open_pr]')
    expect(begin(p, 'git.push').refusal?.refusal).toBe('grant_invalid')
    p.effect('git.push')
    const { id } = of(p, 'github.open_pr')
    expect(
      p.try({ ...p.reportOf(id, { type: 'effect_started', intent: id, attempt: 1 }, { attempt: 1, epoch: 1 }) }).refusal
        ?.refusal,
    ).toBe('grant_invalid')
    expect(of(p, 'github.open_pr').attempt).toBe(0)
  })
  it('links to this Viewport in what it says, and later steps read its address', () => {
    const p = approved(
      '[github.open_pr, { github.create_issue: { repo: acme/shop, title: "After {{ actions.github.open_pr.url }}", body: "{{ run.url }}" } }]',
    )
    p.effect('git.push')
    done(p, 'github.open_pr')
    expect(of(p, 'github.create_issue')).toMatchObject({ target: 'acme/shop', change: null })
    expect(of(p, 'github.create_issue').params['title']).toContain('github.com/acme/shop/pull/41')
    expect(of(p, 'github.create_issue').params['body']).toContain('https://viewport.acme.dev/runs/1')
  })
})

describe('the target of an action', () => {
  it('is the thing the event was about when it came from this tool', () => {
    const p = approved('[git.open_change, linear.comment]', at('linear', 'iss_42'))
    p.effect('git.push')
    expect(of(p, 'linear.comment')).toMatchObject({ target: 'iss_42', change: null, gate: null })
    done(p, 'linear.comment')
    expect(faults(p)).toEqual([])
  })
  it('is else what this run opened with the tool', () => {
    const p = approved('[github.open_pr, github.comment]', at('linear', 'iss_42'))
    p.effect('git.push')
    done(p, 'github.open_pr')
    expect(of(p, 'github.comment').target).toBe('acme/shop#41')
  })
  it('is what the step names before anything else', () => {
    const p = approved('[git.open_change, { linear.comment: { issue: OPS-7 } }]', at('linear', 'iss_42'))
    p.effect('git.push')
    expect(of(p, 'linear.comment').target).toBe('OPS-7')
  })
  it('of a message without a thread is the channel of the team', () => {
    const p = approved('[git.open_change, slack.comment]')
    p.effect('git.push')
    expect(of(p, 'slack.comment').target).toBe('team:payments')
  })
  it('that cannot be told ends the run in words', () => {
    const p = approved('[git.open_change, jira.comment]')
    p.effect('git.push')
    expect(p.state!.finished).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining('jira.comment has no target'),
    })
  })
})

describe('an effect of the control plane', () => {
  const opened = (): Play => {
    const p = approved('[git.open_change, linear.comment]', at('linear', 'iss_42'))
    return p.effect('git.push')
  }
  it('begins once, goes on under the same attempt after a crash, and ends once', () => {
    const p = opened()
    expect(begin(p, 'linear.comment').facts.map((f) => f.type)).toEqual(['effect.started'])
    expect(begin(p, 'linear.comment').facts).toEqual([])
    expect(end(p, 'linear.comment', receipt({})).refusal).toBeNull()
    expect(end(p, 'linear.comment', receipt({})).refusal?.refusal).toBe('grant_invalid')
    expect(begin(p, 'linear.comment').refusal?.refusal).toBe('grant_used')
    expect(faults(p)).toEqual([])
  })
  it('that may have happened is looked for again, and asks a person after the last look', () => {
    const p = opened()
    for (let n = 1; n <= automaticTries; n++) {
      expect(effectIsDue(p.state!, of(p, 'linear.comment'))).toBe(true)
      begin(p, 'linear.comment')
      end(p, 'linear.comment', { is: 'unknown', why: 'the answer was lost' })
    }
    expect(effectIsDue(p.state!, of(p, 'linear.comment'))).toBe(false)
    p.do(p.answer('dana', 'again'))
    expect(effectIsDue(p.state!, of(p, 'linear.comment'))).toBe(true)
    begin(p, 'linear.comment')
    expect(end(p, 'linear.comment', { ...receipt({}), reconciled: true } as EffectEnd).refusal).toBeNull()
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(faults(p)).toEqual([])
  })
  it('that failed asks a person', () => {
    const p = opened()
    begin(p, 'linear.comment')
    end(p, 'linear.comment', { is: 'failed', failure: failedWith('effect', 'not_found') })
    expect(p.state!.gates[p.openGate()]!.subject).toMatchObject({ kind: 'question' })
  })
  it('does not begin when the run was stopped before', () => {
    const p = opened()
    p.do({ do: 'cancel', at: p.at, by: { kind: 'person', id: 'usr_sam', name: 'sam' }, reason: '' })
    expect(begin(p, 'linear.comment').refusal).not.toBeNull()
    expect(faults(p)).toEqual([])
  })
  it('is repeated for a new round of the change, and not within one', () => {
    const p = approved('[{ git.open_change: {} }, linear.comment]', at('linear', 'iss_42'))
    p.effect('git.push')
    done(p, 'linear.comment')
    expect(Object.values(p.state!.intents).filter((one) => one.action === 'linear.comment')).toHaveLength(1)
  })
})

describe('a gate before an outside action', () => {
  it('shows exactly what is done, and nothing is done before it', () => {
    const p = approved(
      '[git.open_change, linear.comment]',
      at('linear', 'iss_42'),
      '[plan_review, pr_approval, linear.comment]',
    )
    p.effect('git.push')
    const gate = p.state!.gates[p.openGate()]!
    expect(gate.subject).toMatchObject({ kind: 'action', action: 'linear.comment', target: 'iss_42' })
    expect(of(p, 'linear.comment')).toBeUndefined()
    p.do(p.vote('dana', 'approve'))
    expect(of(p, 'linear.comment')).toMatchObject({ state: 'approved', gate: gate.id })
    done(p, 'linear.comment')
    expect(faults(p)).toEqual([])
  })
})

describe('what an agent wrote, in an action', () => {
  const source = (actions: string): string =>
    `name: triage\nteam: payments\ntrigger: { linear: { event: issue_created } }\nrepos: [{ acme/shop: { access: read } }]\nsteps:\n  - { id: look, mode: read, prompt: "Sort it." }\n${actions}`
  const asked = source(
    '  - { gate: reply_review, of: reply }\n  - { id: reply, action: linear.comment, text: "Triage: {{ steps.look.text }}" }',
  )
  const begun = (text: string): Play => {
    const read = compileWorkflow(text)
    if (!read.ok) throw new Error(JSON.stringify(read.errors))
    const spec = specOf(read.compiled)
    return new Play().start({ ...spec, event: { ...spec.event, ...at('linear', 'PAY-1842') } }).begin('look')
  }
  const wrote = (text?: string) => {
    const { result, ...end } = planned as Extract<typeof planned, { type: 'finished' }>
    const { body } = result as Extract<typeof result, { kind: 'plan' }>
    return { ...end, result: { kind: 'text' as const, body, ...(text !== undefined && { text }) } }
  }

  it('is asked of the runner only where an action takes it outside', () => {
    const job = (text: string) => {
      const p = begun(text)
      return jobOf(p.state!, { kind: 'work', work: 'step', step: 'look', attempt: 1 } as never) as AgentJob
    }
    expect(job(asked).tell).toBe(true)
    expect(job(source('  - { action: linear.comment, text: "Looked at." }')).tell).toBeUndefined()
  })

  it('is shown at the gate as it will be sent, and sent as it was approved', () => {
    const p = begun(asked).report('look', wrote("It is @sam's.\n\nSee #12."))
    const gate = Object.values(p.state!.gates).findLast((one) => one.state === 'open')!
    expect(gate.subject).toMatchObject({
      kind: 'action',
      params: { text: "Triage: \n\n> It is @ sam's.\n>\n> See # 12.\n\n" },
    })
    p.do(p.vote('dana', 'approve'))
    expect(of(p, 'linear.comment').params).toEqual((gate.subject as { params: unknown }).params)
    done(p, 'linear.comment')
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(faults(p)).toEqual([])
  })

  it.each([
    [keptText, /what look wrote stays on its runner/],
    [undefined, /look has written nothing/],
  ])('that is %j fails in words, and nothing is sent', (text, words) => {
    const p = begun(asked).report('look', wrote(text))
    expect(p.state!.finished?.outcome).toBe('failed')
    expect(JSON.stringify(p.facts)).toMatch(words)
    expect(of(p, 'linear.comment')).toBeUndefined()
  })
})

describe('a stuck effect', () => {
  const stuck = (how: 'failed' | 'unknown' = 'failed'): Play => {
    const p = approved('[git.open_change, linear.comment]', at('linear', 'iss_42'))
    p.effect('git.push')
    const tries = how === 'failed' ? 1 : automaticTries
    for (let n = 1; n <= tries; n++) {
      begin(p, 'linear.comment')
      end(
        p,
        'linear.comment',
        how === 'failed'
          ? { is: 'failed', failure: failedWith('effect', 'not_found') }
          : { is: 'unknown', why: `no answer, ${n}` },
      )
    }
    return p
  }
  const comment = (p: Play) => of(p, 'linear.comment')
  it('says what was tried, in the question and in the list', () => {
    const p = stuck('unknown')
    const subject = p.state!.gates[p.openGate()]!.subject
    expect(subject).toMatchObject({
      text: expect.stringMatching(
        /is not known after 5 looks\. The last one: no answer, 5 Before that: attempt 1 unknown/,
      ),
    })
    expect(stuckEffects(p.state!)).toMatchObject([
      { intent: comment(p).id, state: 'unknown', attempt: 5, why: 'no answer, 5', gate: p.openGate(), ended: false },
    ])
    expect(stuckEffects(p.state!)[0]!.tried).toHaveLength(5)
  })
  it('that is to be looked for is never done, also not by the looks after it, until somebody says try again', () => {
    const p = stuck()
    p.do(p.answer('dana', 'look'))
    expect(isOnlyLookedFor(p.state!, comment(p))).toBe(true)
    begin(p, 'linear.comment')
    end(p, 'linear.comment', { is: 'unknown', why: 'no answer' })
    expect([effectIsDue(p.state!, comment(p)), isOnlyLookedFor(p.state!, comment(p))]).toEqual([true, true])
    begin(p, 'linear.comment')
    end(p, 'linear.comment', { is: 'failed', failure: failedWith('effect', 'not_there') })
    p.do(p.answer('dana', 'again'))
    expect(isOnlyLookedFor(p.state!, comment(p))).toBe(false)
    done(p, 'linear.comment')
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(stuckEffects(p.state!)).toEqual([])
    expect(faults(p)).toEqual([])
  })
  it('is done by a word with a link, which is no receipt', () => {
    const p = stuck('unknown')
    expect(p.try(p.answer('dana', 'done', 'I saw it')).refusal?.refusal).toBe('answer_required')
    expect(p.try(p.answer('dana', 'done', '')).refusal?.refusal).toBe('answer_required')
    p.do(p.answer('dana', 'done', 'There: https://linear.app/acme/PAY-1842#comment-1.'))
    expect(comment(p)).toMatchObject({
      state: 'succeeded',
      receipt: null,
      settled: { how: 'done', by: '@dana', url: 'https://linear.app/acme/PAY-1842#comment-1' },
    })
    expect(begin(p, 'linear.comment').refusal?.refusal).toBe('grant_used')
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(faults(p)).toEqual([])
  })
  it('is given up with a reason, and the run goes on without it', () => {
    const p = stuck()
    expect(p.try(p.answer('dana', 'give_up', '')).refusal?.refusal).toBe('answer_required')
    p.do(p.answer('dana', 'give_up', 'The issue was deleted'))
    expect(comment(p)).toMatchObject({ state: 'failed', settled: { how: 'given_up', reason: 'The issue was deleted' } })
    expect(p.state!.finished?.outcome).toBe('succeeded')
    expect(begin(p, 'linear.comment').refusal).not.toBeNull()
    expect(faults(p)).toEqual([])
  })
  it('is given up when its run is stopped there', () => {
    const p = stuck()
    p.do(p.answer('dana', 'stop', ''))
    expect(comment(p).settled).toMatchObject({ how: 'given_up' })
    expect(p.state!.finished?.outcome).toBe('rejected')
    expect(faults(p)).toEqual([])
  })
  it('is answered once by two people', () => {
    const p = stuck()
    const [first, second] = [p.answer('dana', 'again'), p.answer('sam', 'give_up', 'no')]
    p.do(first)
    expect(p.try(second).refusal?.refusal).toBe('gate_closed')
    expect(comment(p).settled).toBeNull()
  })
  it('of a run that has ended is closed by a word of those who would have been asked, once', () => {
    const p = approved('[git.open_change, linear.comment]', at('linear', 'iss_42'))
    p.effect('git.push')
    begin(p, 'linear.comment')
    p.do({ do: 'cancel', at: p.at, by: { kind: 'person', id: 'usr_sam', name: 'sam' }, reason: '' })
    for (let n = 1; n <= automaticTries; n++) {
      if (n > 1) begin(p, 'linear.comment')
      end(p, 'linear.comment', { is: 'unknown', why: 'no answer' })
      if (n < automaticTries) expect(stuckEffects(p.state!)).toEqual([])
    }
    expect(p.state!.finished?.outcome).toBe('cancelled')
    expect(stuckEffects(p.state!)).toMatchObject([{ ended: true, gate: null, state: 'unknown' }])
    const settle = (who: string, text: string, attempt = 5, more?: string[]) =>
      p.try({
        do: 'settleEffect',
        at: p.at,
        intent: comment(p).id,
        attempt,
        how: 'given_up',
        text,
        person: person(who, more),
      }).refusal?.refusal
    expect(settle('eve', 'x', 5, [])).toBe('not_an_approver')
    expect(settle('dana', 'x', 4)).toBe('effect_moved')
    expect(settle('dana', ' ')).toBe('answer_required')
    expect(settle('dana', 'nobody misses it')).toBeUndefined()
    expect(settle('sam', 'x')).toBe('effect_settled')
    expect(stuckEffects(p.state!)).toEqual([])
    expect(faults(p)).toEqual([])
  })
  it('closed by a word that no question asked for is a fault of the story', () => {
    const p = stuck()
    p.do(p.answer('dana', 'give_up', 'gone'))
    const forged = p.facts.map((fact) =>
      fact.type === 'effect.settled' ? { ...fact, data: { ...fact.data, gate: 'gate_none' } } : fact,
    )
    expect(checkStory(forged.map((fact) => ({ fact, text: '', hash: '' }))).faults.map((one) => one.code)).toContain(
      'approver_not_allowed',
    )
  })
})

describe('the cap of a run', () => {
  const comments = (n: number, caps = '') =>
    approved(
      `[git.open_change, ${Array.from({ length: n }, () => 'linear.comment').join(', ')}]${caps}`,
      at('linear', 'iss_42'),
    )
  const play = (p: Play): number => {
    p.effect('git.push')
    let n = 0
    while (!p.state!.finished && n < 30) {
      done(p, 'linear.comment')
      n++
    }
    return n
  }
  it('refuses the 11th comment when 10 are allowed, in a fact and in words (F44)', () => {
    const p = comments(11)
    expect(play(p)).toBe(10)
    expect(p.state!.finished).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining('linear.comment was done 10 times in this run already'),
    })
    expect(p.facts.filter((fact) => fact.type === 'refusal.recorded').map((fact) => fact.data)).toMatchObject([
      { code: 'cap_reached', about: { action: 'linear.comment', per: 'run' } },
    ])
    expect(Object.values(p.state!.intents).filter((one) => one.action === 'linear.comment')).toHaveLength(10)
    expect(faults(p)).toEqual([])
  })
  it.each([
    [3, 2],
    [0, 0],
  ])('of %i steps does as many as the workflow writes: %i', (n, most) => {
    const p = comments(Math.max(1, n), `\ncaps: { linear.comment: ${most} }`)
    p.effect('git.push')
    for (let i = 0; i < most; i++) done(p, 'linear.comment')
    expect(p.state!.finished?.outcome).toBe('failed')
    expect(Object.values(p.state!.intents).filter((one) => one.action === 'linear.comment')).toHaveLength(most)
  })
})
