/** What becomes of a run whose pull request is open: reviews, checks, votes at the forge, a merge? */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkStory } from '../packet/verify-story.ts'
import { boardRow } from '../view/board-row.ts'
import { timeline } from '../view/timeline.ts'
import type { Command } from './command.ts'
import { due } from './due.ts'
import { jobOf } from './job.ts'
import { PullPlay, account, check, commitOf, ref, review, shortForm } from './testing/pull-play.ts'
import { changed, checks, edited, person, planned } from './testing/play.ts'
import { revealed } from '../policy/hidden.ts'
import type { PullSeen, ReviewSeen } from './pull-seen.ts'

const afterwards = shortForm('actions: [github.open_pr, { github.comment: { on: "acme/shop#1" } }]')
const first = shortForm('actions: [{ github.open_pr: { draft: true } }]')
const faults = (p: PullPlay) => checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).faults
const opened = (): PullPlay => {
  const p = new PullPlay().worked(afterwards)
  p.do(p.vote('dana', 'approve')).publishes('one')
  return p.served('github.comment', { ref: 'acme/shop#1' })
}
const work = (p: PullPlay) => due(p.state!).flatMap((one) => (one.kind === 'work' ? [one] : []))

describe('a run whose pull request is open', () => {
  it('has ended, holds nothing, and is watched', () => {
    const p = opened()
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    expect(due(p.state!)).toEqual([])
    expect(p.state!.pull).toMatchObject({ ref, state: 'open', of: 'implement', tool: 'github', draft: false })
    expect(faults(p)).toEqual([])
  })

  it('goes on in the same session when a mapped person asks for changes, all comments of a review as one round', () => {
    const p = opened()
    const lines = [
      { path: 'src/price.js', line: 3, side: 'new' as const, text: 'Here.' },
      { path: 'src/price.js', line: 9, side: 'new' as const, text: 'And here.' },
    ]
    p.looks('one', { reviews: [review({ lines, head: commitOf('one') })] })
    expect(p.state!.finished).toBeNull()
    expect(p.state!.steps['implement']).toMatchObject({ status: 'open', round: 2 })
    const job = jobOf(p.state!, work(p)[0]!)
    expect(job).toMatchObject({
      kind: 'agent',
      resume: { session: 's2' },
      feedback: [{ from: '@jess', kind: 'comment', text: 'Please round up.', lines }],
    })
    expect(p.state!.pending).toEqual([])
    p.edits('two')
    expect(p.open()).toEqual(['pr_approval']) // the vote of the round before is no vote of this one
    p.do(p.vote('dana', 'approve')).publishes('two')
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    // The comment on the issue carries no change: it was made, and is not made again.
    expect(Object.values(p.state!.intents).map((one) => one.action)).toEqual([
      'git.push',
      'github.open_pr',
      'github.comment',
      'git.push',
      'github.open_pr',
    ])
    expect(p.state!.pull).toMatchObject({ ref, state: 'open' })
    expect(faults(p)).toEqual([])
  })

  it('does nothing twice, whatever is told again, late or out of order', () => {
    const p = opened()
    const said = { reviews: [review({})], checks: [check('unit', 'failed')] }
    p.looks('one', said)
    const { seq } = p.state!
    for (let n = 0; n < 3; n++) p.looks('one', said)
    expect(p.since(seq)).toEqual([])
    expect(p.state!.steps['implement']!.round).toBe(2)
    expect(p.state!.steps['implement']!.feedback).toHaveLength(2)
    p.looks('one', { state: 'merged', commit: commitOf('merge'), by: account('sam') })
    const after = p.state!.seq
    p.looks('one', said).looks('one', { state: 'closed' })
    expect(p.since(after)).toEqual([])
    expect(p.state!.pull!.state).toBe('merged')
  })

  it('any order of any looks brings each fact once and at most as many rounds as there are', () => {
    const one = review({})
    const looks: Partial<PullSeen>[] = [
      {},
      { reviews: [one] },
      { reviews: [one, review({ who: account('evil', false) })] },
      { checks: [check('unit', 'failed')] },
      { checks: [check('unit', 'running')] },
      { checks: [check('unit', 'passed')] },
      { state: 'closed' },
      { state: 'merged', commit: commitOf('merge') },
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...looks), { maxLength: 20 }), (order) => {
        const p = opened()
        for (const look of order) p.looks('one', look)
        const names = p.facts.flatMap(({ type, data }) =>
          type === 'review.heard' ? [data.review] : type === 'checks.heard' && data.acted ? [data.head] : [],
        )
        expect(new Set(names).size).toBe(names.length)
        const ends = p.facts.flatMap((fact) =>
          fact.type === 'checks.heard' ? [`${fact.data.head} ${fact.data.outcome}`] : [],
        )
        expect(ends.filter((end, at) => end === ends[at - 1])).toEqual([])
        expect(p.facts.filter((fact) => fact.type === 'pull.merged').length).toBeLessThanOrEqual(1)
        expect(p.state!.steps['implement']!.round).toBeLessThanOrEqual(3)
        expect(faults(p)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['a stranger', { who: account('evil', false) }],
    ['Viewport itself', { ours: true }],
    ['whoever says nothing', { verdict: 'comment', text: ' ' }],
    ['whoever thanks, beside the change', { verdict: 'comment', text: 'LGTM, thanks!', onChange: false }],
    ['an approval', { verdict: 'approve' }],
  ] as const)('keeps what %s said, and does not act on it', (_, over) => {
    const p = opened()
    p.looks('one', { reviews: [review(over)] })
    expect(p.facts.at(-1)).toMatchObject({ type: 'review.heard', data: { acted: false } })
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
  })

  it('gets the failed checks of exactly its head, once, when all have ended', () => {
    const p = opened()
    p.looks('elsewhere', { checks: [check('unit', 'failed')] })
    expect(p.state!.steps['implement']!.round).toBe(1)
    p.looks('one', { checks: [check('unit', 'failed', 'expected 3'), check('lint', 'running')] })
    expect(p.state!.steps['implement']!.round).toBe(1)
    p.looks('one', { checks: [check('unit', 'failed', 'expected 3'), check('lint', 'failed')] })
    expect(p.state!.steps['implement']).toMatchObject({
      round: 2,
      feedback: [
        { kind: 'checks', from: 'unit on github', text: expect.stringContaining('expected 3') },
        { kind: 'checks', from: 'lint on github' },
      ],
    })
  })

  it('hears each time that the checks of a head went otherwise, and goes back for one head once', () => {
    const p = opened()
    for (const end of ['failed', 'passed', 'failed'] as const) {
      p.looks('one', { checks: [check('unit', end)] })
      const { seq } = p.looks('one', { checks: [check('unit', end)] }).state!
      expect(p.looks('one', { checks: [check('unit', end)] }).since(seq)).toEqual([])
      expect(p.state!.pull!.checks).toMatchObject({ outcome: end, failed: end === 'failed' ? ['unit'] : [] })
    }
    expect(p.state!.steps['implement']).toMatchObject({ round: 2, feedback: [{ from: 'unit on github' }] })
    expect(p.facts.flatMap(({ type, data }) => (type === 'checks.heard' ? [data.acted] : []))).toEqual([
      true,
      false,
      false,
    ])
    expect(faults(p)).toEqual([])
  })

  it('is left red by checks that flip for ever, and stops telling of them', () => {
    const p = opened()
    for (let n = 0; n < 200; n++) p.looks('one', { checks: [check(`unit ${n}`, n % 2 === 0 ? 'failed' : 'passed')] })
    expect(p.state!.pull!.checks).toMatchObject({ outcome: 'failed' })
    expect(p.facts.filter(({ type }) => type === 'checks.heard').length).toBeLessThan(50)
  })

  it('waits with what comes while it works, and takes it all in the next round', () => {
    const p = opened()
    p.looks('one', { reviews: [review({})] })
    p.begin('implement')
    p.looks('one', { reviews: [review({ text: 'Also this.' }), review({ text: 'And that.', who: account('dana') })] })
    expect(p.state!.steps['implement']).toMatchObject({ status: 'running', round: 2 })
    p.report('implement', edited('two'))
    expect(p.state!.steps['implement']).toMatchObject({
      status: 'open',
      round: 3,
      feedback: [{ text: 'Also this.' }, { text: 'And that.' }],
    })
  })

  it('asks a person when the rounds are used up, and goes on or stops as they say', () => {
    const p = opened()
    const rounds = 3
    for (let n = 0; n < rounds; n++) {
      p.looks(n === 0 ? 'one' : `round ${n}`, { reviews: [review({})] }).edits(`round ${n + 1}`)
      p.do(p.vote('dana', 'approve')).publishes(`round ${n + 1}`)
    }
    p.looks(`round ${rounds}`, { reviews: [review({ text: 'Still wrong.' })] })
    expect(p.open()).toEqual(['rounds'])
    expect(Object.values(p.state!.gates).at(-1)!.subject).toMatchObject({
      kind: 'question',
      text: expect.stringContaining('Still wrong.'),
    })
    p.looks(`round ${rounds}`, { reviews: [review({ text: 'And more.' })] })
    expect(p.open()).toEqual(['rounds'])
    p.do(p.answer('dana', 'revise'))
    expect(p.state!.steps['implement']!.feedback.map((one) => one.text)).toEqual(
      expect.arrayContaining(['Still wrong.', 'And more.']),
    )
    expect(faults(p)).toEqual([])
  })

  describe('a check that Viewport reported', () => {
    const reported = () => {
      const p = new PullPlay().worked(shortForm('actions: [github.open_pr, github.report_check]'))
      p.do(p.vote('dana', 'approve')).publishes('one').served('github.report_check', { id: 7 })
      return { p, intent: Object.values(p.state!.intents).find((one) => one.action === 'github.report_check')!.id }
    }
    const failed = (intent: string | null) => [{ ...check('viewport', 'failed'), intent }]
    it('of this run on this change is none of the forge', () => {
      const { p, intent } = reported()
      p.looks('one', { checks: failed(intent) })
      expect(p.state!.steps['implement']!.round).toBe(1)
    })
    it.each([
      ['carries the name of an effect that is not there', () => 'int_abcdefghjkmnpqrstvwx-99'],
      ['carries the name of another effect', (p: PullPlay) => Object.keys(p.state!.intents)[0]!],
      ['is of another run', () => 'int_zzzzzzzzzzzzzzzzzzzz-1'],
      ['is called as what every object has', () => 'constructor'],
      ['says that it is of nobody', () => null],
    ])('that %s counts like any other', (_, of) => {
      const { p } = reported()
      p.looks('one', { checks: failed(of(p)) })
      expect(p.state!.steps['implement']!.round).toBe(2)
    })
    it('on an older change counts too', () => {
      const { p, intent } = reported()
      p.looks('one', { reviews: [review({})] }).edits('two')
      p.do(p.vote('dana', 'approve')).publishes('two')
      p.looks('two', { checks: failed(intent) })
      expect(p.state!.pull!.checks).toMatchObject({ outcome: 'failed', failed: ['viewport'] })
    })
  })

  it('a comment on the change sends it back, and a request for changes does wherever its words stand', () => {
    for (const over of [{ verdict: 'comment' }, { verdict: 'request_changes', onChange: false }] as const) {
      const p = opened()
      p.looks('one', { reviews: [review(over)] })
      expect(p.state!.steps['implement']!.round).toBe(2)
    }
  })

  describe('by a review whose words somebody else may have changed', () => {
    const line = (text: string, n = 1) => ({ path: `src/${n}.js`, line: n, side: 'new' as const, text })
    const read = (p: PullPlay): string => {
      const { subject } = p.state!.gates[p.openGate()]!
      return subject.kind === 'question' && subject.about === 'tainted' ? subject.text : ''
    }
    /** What the agent is given of it once somebody let it. */
    const given = (p: PullPlay) => {
      p.do(p.answer('dana', 'go_on'))
      const job = jobOf(p.state!, work(p)[0]!)
      return job.kind === 'agent' ? job.feedback : []
    }
    const wordsIn = (notes: ReturnType<typeof given>) =>
      notes.flatMap((one) => [one.text, ...one.lines.map((l) => l.text)])

    it('is tainted, and each note of it carries the mark', () => {
      const p = opened()
      p.looks('one', { reviews: [review({ edited: true, lines: [line('Here.')] }), review({ text: 'Mine.' })] })
      expect(p.state!.tainted).toBe(true)
      expect(read(p)).toContain('Please round up.\nsrc/1.js:1: Here.')
      expect(given(p).map(({ text, outside }) => [text, outside])).toEqual([
        ['Please round up.', true],
        ['Mine.', undefined],
      ])
    })

    it.each([
      ['a long text', [{ text: `${'a'.repeat(9_000)}HIDDEN${'b'.repeat(9_000)}` }]],
      [
        'one that grows when hidden characters are written out',
        [{ text: `${'\u200b'.repeat(3_000)}HIDDEN${'\u200b'.repeat(3_000)}` }],
      ],
      [
        'many comments on lines',
        [{ lines: Array.from({ length: 60 }, (_, n) => line(`${'c'.repeat(900)} ${n}`, n + 1)) }],
      ],
      [
        'several long ones',
        [
          { text: 'a'.repeat(14_000) },
          { text: `${'b'.repeat(6_000)}HIDDEN${'b'.repeat(3_000)}` },
          { text: 'c'.repeat(9_000) },
        ],
      ],
    ] as [string, Partial<ReviewSeen>[]][])(
      '%s: agents are given what the question shows, and nothing else',
      (_, said) => {
        const p = opened()
        p.looks('one', { reviews: said.map((over) => review({ ...over, edited: true })) })
        const card = read(p)
        expect(card.length).toBeLessThanOrEqual(20_000)
        const notes = given(p)
        expect(notes.length).toBeGreaterThan(0)
        for (const words of wordsIn(notes)) expect(card).toContain(revealed(words))
        expect(JSON.stringify(notes)).toContain('left out here')
        expect(JSON.stringify(notes)).not.toContain('HIDDEN')
        // The run's facts keep all of it.
        expect(JSON.stringify(p.facts.filter(({ type }) => type === 'review.heard'))).toContain(
          JSON.stringify(said[0]!.text ?? said[0]!.lines![59]!.text).slice(1, -1),
        )
      },
    )

    it('says that there is no room for more, and goes on without it', () => {
      const p = opened()
      const many = Array.from({ length: 5 }, (_, n) => review({ text: `${n}`.repeat(9_000), edited: true }))
      p.looks('one', { reviews: many })
      const heard = p.facts.flatMap((fact) => (fact.type === 'review.heard' ? [fact.data] : []))
      expect(heard.map(({ acted }) => acted)).toEqual([true, true, false, false, false])
      expect(heard[2]!.why).toMatch(/more of such waits to be read/)
      const card = read(p)
      for (const words of wordsIn(given(p))) expect(card).toContain(words)
    })
  })

  it('ends where it is when the pull request is merged or closed meanwhile; nothing is pushed after it', () => {
    const p = opened()
    p.looks('one', { reviews: [review({})] }).edits('two')
    p.do(p.vote('dana', 'approve'))
    expect(work(p)).toHaveLength(1)
    p.looks('one', { state: 'merged', commit: commitOf('merge'), by: account('sam') })
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded', why: `${ref} was merged by @sam.` })
    expect(due(p.state!)).toEqual([])
    p.looks('one', { state: 'merged', reverted: { commit: commitOf('revert'), url: null } })
    expect(p.facts.at(-1)!.type).toBe('pull.reverted')
    const closed = opened()
    closed.looks('one', { reviews: [review({})] }).looks('one', { state: 'closed', by: account('sam') })
    expect(closed.state!.finished).toMatchObject({ outcome: 'rejected' })
    closed.looks('one')
    expect(closed.state!.pull!.state).toBe('open')
    expect(closed.state!.finished).toMatchObject({ outcome: 'rejected' })
    expect(faults(p)).toEqual([])
  })

  describe('merged between two looks', () => {
    const merge = { state: 'merged', commit: commitOf('merge'), by: account('sam') } as const
    const told = (p: PullPlay) => ({
      merged: p.facts.flatMap((fact) => (fact.type === 'pull.merged' ? [fact.data.unapproved] : [])),
      moved: p.facts.flatMap((fact) => (fact.type === 'pull.moved' ? [fact.data.head] : [])),
      board: boardRow(p.state!).state,
      notes: checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).notes,
      line: JSON.stringify(
        timeline(p.facts, {}, p.state!.intents).filter((row) => JSON.stringify(row).includes(' merged ')),
      ),
    })
    it('at the commit that was approved is merged, and nothing more is said', () => {
      const p = opened().looks('one', merge)
      expect(told(p)).toMatchObject({ merged: [undefined], moved: [], board: { words: 'merged' }, notes: [] })
    })
    it('at a commit that somebody else pushed is told as one that nobody approved here', () => {
      const p = opened().looks('one').looks('foreign', merge)
      p.looks('foreign', merge)
      const at = commitOf('foreign')
      expect(told(p)).toMatchObject({
        merged: ['foreign'],
        moved: [at],
        board: { tone: 'stop', words: 'merged unapproved' },
        line: expect.stringContaining('which this run did not push and nobody approved here'),
        notes: [
          `Fact ${p.state!.seq}: ${ref} was merged at ${at.slice(0, 12)}, which this run did not push and nobody approved here.`,
        ],
      })
      expect(p.state!.pull).toMatchObject({ state: 'merged', unapproved: { head: at, why: 'foreign' } })
      expect(faults(p)).toEqual([])
    })
    it('back at the commit that was approved, after somebody else had pushed, is merged as approved', () => {
      const p = opened().looks('foreign').looks('one', merge)
      expect(told(p)).toMatchObject({ merged: [undefined], moved: [commitOf('foreign')], board: { words: 'merged' } })
    })
    it('as a draft that nobody had decided about is told so, in the end of the run too', () => {
      const p = new PullPlay().worked(first).publishes('one', 'github.open_pr', true)
      p.looks('one', { checks: [check('unit', 'passed')] })
      expect(p.open()).toEqual(['pr_approval'])
      p.looks('one', merge)
      expect(told(p)).toMatchObject({ merged: ['undecided'], moved: [], board: { words: 'merged unapproved' } })
      expect(p.state!.finished).toMatchObject({
        outcome: 'succeeded',
        why: `${ref} was merged by @sam at ${commitOf('one').slice(0, 12)}, which nobody had approved here.`,
      })
    })
    it('where the workflow asks nobody about the change is no merge without approval', () => {
      const p = new PullPlay().worked(shortForm('approvals: [plan_review]\nactions: [github.open_pr]'))
      p.publishes('one').looks('one', merge)
      expect(told(p)).toMatchObject({ merged: [undefined], board: { words: 'merged' } })
    })
  })

  it('says when somebody else pushed to its branch', () => {
    const p = opened()
    p.looks('foreign').looks('foreign')
    expect(p.facts.filter((fact) => fact.type === 'pull.moved')).toHaveLength(1)
    expect(p.state!.pull!.moved).toBe(commitOf('foreign'))
  })
})

describe('a draft first', () => {
  const drafted = (): PullPlay => new PullPlay().worked(first).publishes('one', 'github.open_pr', true)
  const green = { checks: [check('unit', 'passed')] }

  it('is opened before the gate, which waits for the checks; after the decision it is ready', () => {
    const p = drafted()
    expect(p.open()).toEqual([])
    p.looks('one', { checks: [check('unit', 'running')] })
    expect(p.open()).toEqual([])
    p.looks('one', green)
    expect(p.open()).toEqual(['pr_approval'])
    expect(Object.values(p.state!.gates).at(-1)!.why).toContain('its 1 check passed')
    p.do(p.vote('dana', 'approve'))
    expect(Object.values(p.state!.intents).at(-1)).toMatchObject({
      action: 'github.update_pr',
      target: ref,
    })
    // Title, branch and base stay as they are there.
    expect(Object.values(p.state!.intents).at(-1)!.params).toEqual({ repo: 'acme/shop', ready: true })
    p.served('github.update_pr', { ref, number: 12, commit: commitOf('one'), draft: false })
    expect(p.state!).toMatchObject({ finished: { outcome: 'succeeded' }, pull: { draft: false, state: 'open' } })
    expect(faults(p)).toEqual([])
  })

  it('sends failed checks back before anybody is asked', () => {
    const p = drafted().looks('one', { checks: [check('unit', 'failed')] })
    expect(p.open()).toEqual([])
    expect(p.state!.steps['implement']!.round).toBe(2)
    p.edits('two').publishes('two', 'github.open_pr', true)
    expect(p.open()).toEqual([])
    p.looks('one', green)
    expect(p.open()).toEqual([]) // checks of an older head say nothing of this one
    p.looks('two', green)
    expect(p.open()).toEqual(['pr_approval'])
    expect(faults(p)).toEqual([])
  })

  it.each([
    [{}, 180_001],
    [{ checks: [check('unit', 'running')] }, 3_600_001],
  ])('does not wait for ever for checks that do not come or end', (look, later) => {
    const p = drafted().looks('one', look)
    expect(p.open()).toEqual([])
    p.looks('one', look, later)
    expect(p.open()).toEqual(['pr_approval'])
  })

  const hidden = 'GitHub does not show the check runs (403): the connection needs Checks: read.'
  it.each([
    ['none at all', []],
    ['those that are shown passed', [check('unit', 'passed')]],
  ])('never says that checks passed which the forge does not show, and leaves it to a person: %s', (_, shown) => {
    const look = { checks: shown, unseen: hidden }
    const p = drafted().looks('one', look)
    expect(p.open()).toEqual([])
    p.looks('one', look, 180_001)
    expect(p.open()).toEqual(['pr_approval'])
    const gate = Object.values(p.state!.gates).at(-1)!
    expect(gate.why).toContain('its checks could not be seen, so nobody knows whether they passed')
    expect(gate.why).toContain('needs Checks: read')
    expect(gate.why).not.toContain('check passed')
    expect(p.state!.pull!.checks).toMatchObject({ outcome: 'unseen', why: hidden })
    expect(faults(p)).toEqual([])
  })

  it('sends back what failed, also where not all is shown', () => {
    const p = drafted().looks('one', { checks: [check('unit', 'failed')], unseen: hidden })
    expect(p.state!.steps['implement']!.round).toBe(2)
  })

  describe('whose checks went otherwise since', () => {
    const gates = (p: PullPlay) =>
      Object.values(p.state!.gates).flatMap((one) => (one.kind === 'change' ? [[one.state, one.outcome]] : []))
    const approval = () => review({ verdict: 'approve', text: '', head: commitOf('one'), who: account('dana') })
    /** One whose failed checks were sent back once, and whose agent brought the very same change. */
    const same = () => {
      const p = drafted().looks('one', { checks: [check('unit', 'failed')] })
      p.edits('one')
      return p
        .served('github.open_pr', {
          ref,
          number: 12,
          url: 'https://github.com/acme/shop/pull/12',
          commit: commitOf('one'),
          draft: true,
        })
        .looks('one', green)
    }
    it('asks anew with what is so now, and an approval at the forge is no vote on a red head', () => {
      const p = same()
      expect(Object.values(p.state!.gates).at(-1)!.why).toContain('its 1 check passed')
      p.looks('one', { checks: [check('unit', 'failed')], reviews: [approval()] })
      expect(gates(p).at(-1)).toEqual(['open', null])
      expect(Object.values(p.state!.gates).at(-1)!.why).toContain('unit failed')
      p.looks('one', { checks: [check('unit', 'passed')], reviews: [approval()] })
      expect(gates(p).at(-1)).toEqual(['closed', 'approved'])
      expect(faults(p)).toEqual([])
    })
    it('lets a person approve in Viewport what is red there, where the gate says so', () => {
      const p = same().looks('one', { checks: [check('unit', 'failed')] })
      p.do(p.vote('dana', 'approve'))
      expect(gates(p).at(-1)).toEqual(['closed', 'approved'])
      expect(faults(p)).toEqual([])
    })
    it('waits while some run again, takes no approval then, and not for ever', () => {
      const again = { checks: [check('unit', 'running')], reviews: [approval()] }
      const p = drafted().looks('one', green).looks('one', again, 7_200_000)
      expect(p.open()).toEqual([])
      expect(gates(p)).toEqual([['closed', 'superseded']])
      expect(p.state!.pull!.checks!.outcome).toBe('running')
      const { seq } = p.looks('one', again, 3_599_999).state!
      expect(p.facts.at(-1)!.seq).toBe(seq)
      expect(p.open()).toEqual([])
      const late = drafted().looks('one', green).looks('one', { checks: again.checks })
      expect(late.looks('one', { checks: again.checks }, 3_600_001).open()).toEqual(['pr_approval'])
      p.looks('one', { ...green, reviews: [approval()] })
      expect(gates(p).at(-1)).toEqual(['closed', 'approved'])
      expect([...faults(p), ...faults(late)]).toEqual([])
    })
  })

  describe('who approved here before its checks ran again', () => {
    const two = shortForm(
      'approvals: [plan_review, { pr_approval: { required: 2 } }]\nactions: [{ github.open_pr: { draft: true } }]',
    )
    const again = { checks: [check('unit', 'running')] }
    const red = { checks: [check('unit', 'failed')] }
    const approved = (): PullPlay => {
      const p = new PullPlay().worked(two).publishes('one', 'github.open_pr', true).looks('one', green)
      return p.do(p.vote('jess', 'approve')).looks('one', again, 7_200_000)
    }
    const last = (p: PullPlay) => Object.values(p.state!.gates).at(-1)!

    it('is not asked twice when they passed again: the vote stands, is of exactly the same, and can be taken back', () => {
      const p = approved()
      expect(p.open()).toEqual([])
      const before = last(p)
      p.looks('one', green)
      expect(last(p)).toMatchObject({ state: 'open', digest: before.digest, votes: [{ person: 'usr_jess' }] })
      expect(last(p).id).not.toBe(before.id)
      expect(() => p.do(p.vote('jess', 'approve'))).toThrow(/decide: /)
      p.do(p.vote('dana', 'approve'))
      expect(last(p)).toMatchObject({ outcome: 'approved', votes: [{ person: 'usr_jess' }, { person: 'usr_dana' }] })
      expect(faults(p)).toEqual([])
    })

    it('is asked again when they went otherwise, and about every other version', () => {
      const late = approved().looks('one', again, 3_600_001)
      expect(last(late)).toMatchObject({ state: 'open', votes: [], why: expect.stringContaining('take too long') })
      const p = approved().looks('one', red, 700_000)
      // The agent was told; what it makes now is another version, and a vote for the one before is none of it.
      expect(p.state!.steps['implement']!.round).toBe(2)
      p.edits('two').publishes('two', 'github.open_pr', true).looks('two', green)
      expect(last(p)).toMatchObject({ state: 'open', votes: [] })
      expect(faults(p)).toEqual([])
    })

    it('a packet that keeps a vote nobody gave, or of something else, is found out', () => {
      const p = approved().looks('one', green)
      const opened = p.facts.findLastIndex((fact) => fact.type === 'gate.opened')
      const with_ = (kept: object) => {
        const other = Object.assign(new PullPlay(), { facts: [...p.facts] })
        const fact = p.facts[opened]!
        other.facts[opened] = { ...fact, data: { ...fact.data, kept } } as typeof fact
        return faults(other).map(({ code }) => code)
      }
      const { kept } = p.facts[opened]!.data as { kept: { gate: string } }
      expect(kept).toEqual({ gate: expect.stringMatching(/^gate_/), people: ['usr_jess'] })
      expect(with_({ ...kept, people: ['usr_jess', 'usr_dana'] })).toEqual(['impossible'])
      const plan = p.facts.find((fact) => fact.type === 'gate.opened')!.data as { gate: string }
      expect(with_({ gate: plan.gate, people: ['usr_jess'] })).toEqual(['impossible'])
    })
  })

  it('asks before a draft shows what is protected', () => {
    const p = new PullPlay().start(
      (() => {
        const q = new PullPlay().worked(first)
        return q.state!.spec
      })(),
    )
    p.begin('plan').report('plan', { ...planned })
    p.do(p.vote('jess', 'approve'))
      .begin('implement')
      .report('implement', edited('ci', ['.github/workflows/ci.yml']))
    p.begin('verify').report('verify', checks(true))
    expect(p.open()).toEqual(['github.open_pr as a draft'])
    expect(Object.values(p.state!.intents)).toEqual([])
    const no = new PullPlay()
    no.state = p.state
    no.facts = p.facts
    no.do(no.vote('dana', 'reject'))
    expect(no.state!.finished).toMatchObject({ outcome: 'rejected' })
    p.do(p.vote('dana', 'approve')).publishes('ci', 'github.open_pr', true)
    expect(p.state!.pull).toMatchObject({ state: 'open', draft: true })
    expect(faults(p)).toEqual([])
  })

  describe('an approval at the forge', () => {
    const approval = (over = {}) => review({ verdict: 'approve', text: '', head: commitOf('one'), ...over })
    const vote = (p: PullPlay) => Object.values(p.state!.gates).at(-1)!

    it('of exactly this head is the vote of the mapped person', () => {
      const p = drafted().looks('one', { ...green, reviews: [approval()] })
      expect(vote(p)).toMatchObject({
        name: 'pr_approval',
        outcome: 'approved',
        votes: [{ person: 'usr_jess', via: { surface: 'forge', auth: 'account' } }],
      })
      expect(faults(p)).toEqual([])
    })
    it.each([
      ['of an older head', { head: commitOf('older') }],
      ['without a head', { head: null }],
      ['of whoever asked for the run', { who: account('sam') }],
      ['of an account that is nobody here', { who: account('evil', false) }],
      ['with the mark of Viewport', { ours: true }],
    ])('%s does not count', (_, over) => {
      const p = drafted().looks('one', { ...green, reviews: [approval(over)] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [] })
      // What was heard is one fact; it is not refused anew with every look.
      p.looks('one', { ...green, reviews: [approval(over)] })
      expect(p.facts.filter((fact) => fact.type === 'decision.refused')).toEqual([])
    })
    it('does not count while the pull request is meant for another branch, where the forge shows another diff', () => {
      const p = drafted().looks('one', { ...green, base: 'elsewhere', reviews: [approval()] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [] })
    })
    it.each([
      ['when its base was changed, or rewritten, since: the forge showed another diff', { rebased: 10_000 }],
      ['when nobody can tell whether it was', { rebased: 'unknown' as const }],
      ['when there are more reviews than were seen', { isWhole: false }],
    ])('does not count %s', (_, over) => {
      const p = drafted().looks('one', { ...green, ...over, reviews: [approval({ at: 9_000 })] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [] })
      p.looks('one', { ...green, rebased: 10_000, reviews: [approval({ at: 11_000 })] })
      expect(vote(p)).toMatchObject({ outcome: 'approved' })
    })
    it('is taken back when its base was changed after it, and not while the forge is silent', () => {
      const two = shortForm(
        'approvals: [plan_review, { pr_approval: { required: 2 } }]\nactions: [{ github.open_pr: { draft: true } }]',
      )
      const p = new PullPlay().worked(two).publishes('one', 'github.open_pr', true)
      const reviews = [approval({ at: 9_000 })]
      p.looks('one', { ...green, reviews }).looks('one', { ...green, rebased: 'unknown', reviews })
      expect(vote(p).votes).toHaveLength(1)
      p.looks('one', { ...green, rebased: 9_500, reviews })
      expect(vote(p).votes).toEqual([])
    })
    it('brings no words that somebody else may have written', () => {
      const said = (edited: boolean) =>
        vote(drafted().looks('one', { ...green, reviews: [approval({ text: 'Fine.', edited })] })).votes[0]!.comment
      expect([said(false), said(true)]).toEqual(['Fine.', null])
    })
    it('is overtaken by what was said after it in the same second, whatever the numbers look like', () => {
      const p = drafted().looks('one', {
        ...green,
        reviews: [approval({ id: '99', at: 9_000 }), approval({ id: '100', at: 9_000, verdict: 'dismissed' })],
      })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [] })
    })
    it('does not count for another head than stands there now', () => {
      const p = drafted()
        .looks('one', green)
        .looks('foreign', { reviews: [approval()] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [] })
    })
    it('counts once for a person with two accounts, and two persons are two votes', () => {
      const two = shortForm(
        'approvals: [plan_review, { pr_approval: { required: 2 } }]\nactions: [{ github.open_pr: { draft: true } }]',
      )
      const p = new PullPlay().worked(two).publishes('one', 'github.open_pr', true)
      const other = { ...account('jess'), account: 'github:jess-at-home' }
      p.looks('one', { ...green, reviews: [approval(), approval({ who: other })] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [{ person: 'usr_jess' }] })
      p.looks('one', { ...green, reviews: [approval(), approval({ who: account('dana') })] })
      expect(vote(p)).toMatchObject({ outcome: 'approved' })
      expect(faults(p)).toEqual([])
    })
    it('is withdrawn when it is dismissed, and a vote given in Viewport is not', () => {
      const two = shortForm(
        'approvals: [plan_review, { pr_approval: { required: 2 } }]\nactions: [{ github.open_pr: { draft: true } }]',
      )
      const p = new PullPlay().worked(two).publishes('one', 'github.open_pr', true)
      const given = approval()
      p.looks('one', { ...green, reviews: [given] })
      p.looks('one', { ...green, reviews: [{ ...given, verdict: 'dismissed' }] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [] })
      p.do(p.vote('dana', 'approve'))
      p.looks('one', { ...green, reviews: [approval({ who: account('dana'), verdict: 'dismissed' })] })
      expect(vote(p).votes).toHaveLength(1)
      expect(faults(p)).toEqual([])
    })
    it('does not carry over to the next round', () => {
      const p = drafted().looks('one', green)
      p.looks('one', { ...green, reviews: [review({ who: account('dana') })] }).edits('two')
      p.publishes('two', 'github.open_pr', true).looks('two', { ...green, reviews: [approval()] })
      expect(vote(p)).toMatchObject({ state: 'open', votes: [], round: 2 })
    })
  })
})

describe('a change that stands open in Viewport', () => {
  it('comes back when a person asks for changes on its page', () => {
    const p = new PullPlay().worked(shortForm('actions: [git.open_change]'))
    p.do(p.vote('dana', 'approve')).effect('git.push')
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    const { id, digest } = { id: p.state!.change!.id, digest: p.merge().digest }
    const ask: Extract<Command, { do: 'review' }> = {
      do: 'review',
      at: p.at,
      change: id,
      digest,
      person: person('jess'),
      comment: 'Round up.',
      lines: [],
    }
    expect(p.try({ ...ask, comment: ' ' }).refusal?.refusal).toBe('comment_required')
    expect(p.try({ ...ask, digest: 'f'.repeat(64) }).refusal?.refusal).toBe('gate_drifted')
    expect(p.try({ ...ask, person: { ...person('x'), principals: [] } }).refusal?.refusal).toBe('not_an_approver')
    p.do(ask)
    expect(p.state!.steps['implement']).toMatchObject({ round: 2, feedback: [{ from: '@jess', text: 'Round up.' }] })
    p.edits('two')
      .do(p.vote('dana', 'approve'))
      .effect('git.push', { ref: 'x', commit: commitOf('two') })
    expect(p.state!.change).toMatchObject({ id, state: 'open', change: { tree: changed('two').tree } })
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    p.do(p.merge()).effect('git.merge')
    expect(p.try({ ...ask, digest: p.merge().digest }).refusal?.refusal).toBe('change_not_open')
    expect(faults(p)).toEqual([])
  })
})
