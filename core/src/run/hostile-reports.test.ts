/** What a runner, or an agent behind it, says to get past the workflow: refused in words, and every fact can be read back. */
import { describe, expect, it } from 'vitest'
import { due } from './due.ts'
import { factText, readFact } from './facts.ts'
import { jobOf } from './job.ts'
import { pinnedPeople } from './pinned-people.ts'
import { Play, body, checks, edited, planned, runner, specOf, steps, usage, recordedPush } from './testing/play.ts'
import type { Change } from '../gate/subject.ts'
import type { Report } from '../wire/messages.ts'
import type { RunSpec } from './spec.ts'

const toImplement = () => {
  const p = new Play().start().begin('plan').report('plan', planned)
  return p.do(p.vote('jess', 'approve')).begin('implement')
}
const toVerify = () => toImplement().report('implement', edited('one')).begin('verify')
const finished = (result: Extract<Report, { type: 'finished' }>['result'], session: string | null = null): Report => ({
  type: 'finished',
  result,
  usage,
  log: null,
  session,
  millis: 1,
})
const text = finished({ kind: 'text', body: body('words', 'output') })
const { change, patch } = recordedPush()

describe('a result of another kind than the step', () => {
  const at = { plan: () => new Play().start().begin('plan'), implement: toImplement, verify: toVerify }
  it.each<[keyof typeof at, string, Report]>([
    ['plan', 'a change', edited('one')],
    ['plan', 'checks', checks(true)],
    ['plan', 'a text', text],
    ['implement', 'a plan', planned],
    ['implement', 'checks', checks(true)],
    ['implement', 'a text', text],
    ['verify', 'a plan', planned],
    ['verify', 'a change', edited('one')],
    ['verify', 'a text', text],
  ])('%s does not end with %s', (step, _, report) => {
    const p = at[step]()
    const { refusal, facts } = p.try(p.reportOf(step, report))
    expect(refusal?.refusal).toBe('invalid')
    expect(facts).toMatchObject([{ type: 'refusal.recorded', by: runner, data: { code: 'report_refused', step } }])
    expect(p.state!.steps[step]!.status).toBe('running')
  })
  it('so nobody is asked about a change that was not checked', () => {
    const p = toVerify()
    p.try(p.reportOf('verify', planned))
    expect(Object.values(p.state!.gates).filter((gate) => gate.kind === 'change')).toEqual([])
  })
})

describe('a change that people must not be asked about', () => {
  const [repo] = specOf().workflow.compiled.repos
  const narrow = { repos: [{ ...repo!, write: ['src/**'] }] }
  const [file] = change.files
  const stray: [string, Change['files'][number]][] = [
    ['a file outside the write globs', { ...file!, path: 'infra/main.tf' }],
    ['a symbolic link', { ...file!, mode: '120000' }],
    ['a submodule', { ...file!, mode: '160000' }],
    ['a file moved out of reach', { ...file!, from: 'infra/main.tf' }],
    ['a name that leaves the repository', { ...file!, path: 'src/../../x' }],
  ]
  const readOnly = { repos: [{ ...specOf().workflow.compiled.repos[0]!, access: 'read' as const }] }
  it.each<[string, RunSpec, Report]>([
    [
      'of a repository outside the workflow',
      specOf(),
      finished({ kind: 'change', change: { ...change, repo: 'acme/other' }, patch, summary: null }),
    ],
    ['of a repository that may only be read', specOf(readOnly), edited('one')],
    [
      'with the patch of another one',
      specOf(),
      finished({ kind: 'change', change, patch: body('patch two', 'patch'), summary: null }),
    ],
    ['without its patch', specOf(), finished({ kind: 'change', change, patch: null, summary: null })],
    ...stray.map<[string, RunSpec, Report]>(([what, file]) => [
      `with ${what}`,
      specOf(narrow),
      finished({ kind: 'change', change: { ...change, files: [file] }, patch, summary: null }),
    ]),
  ])('%s is refused', (_, spec, report) => {
    const p = new Play().start(spec).begin('plan').report('plan', planned)
    p.do(p.vote('jess', 'approve')).begin('implement')
    expect(p.try(p.reportOf('implement', report)).refusal?.refusal).toBe('invalid')
  })
  it.each<[string, Partial<Extract<Report, { type: 'push' }>>]>([
    ['of a repository outside the workflow', { repo: 'acme/other', change: { ...change, repo: 'acme/other' } }],
    ['of another repository than its change', { change: { ...change, repo: 'acme/other' } }],
    ['with the patch of another change', { patch: body('patch two', 'patch') }],
    ...stray.map<[string, Partial<Extract<Report, { type: 'push' }>>]>(([what, file]) => [
      `with ${what}`,
      { change: { ...change, files: [file] } },
    ]),
  ])('a push %s opens no gate and leaves a fact', (_, over) => {
    const p = new Play().start(specOf(narrow)).begin('plan').report('plan', planned)
    p.do(p.vote('jess', 'approve')).begin('implement')
    const report: Report = { ...recordedPush(), ...over }
    const { facts } = p.try(p.reportOf('implement', report))
    expect(facts).toMatchObject([{ type: 'refusal.recorded', data: { code: 'push_refused' } }])
  })
})

describe('a fact that could not be read back', () => {
  const long = (n: number): string => `.github/${n}/${`${'a'.repeat(240)}/`.repeat(4)}x`
  it.each<[string, () => Play, string, Report]>([
    [
      'a session longer than a session is',
      toImplement,
      'implement',
      { ...edited('one'), session: 's'.repeat(301) } as Report,
    ],
    ['a parked one', toImplement, 'implement', { type: 'parked', session: 's'.repeat(301), usage }],
    [
      'a commit that is none',
      toImplement,
      'implement',
      { type: 'pinned', repo: 'acme/docs', ref: 'refs/heads/main', commit: 'x' },
    ],
    [
      'an ask to run nothing',
      toImplement,
      'implement',
      { type: 'ask', ask: 'a1', argv: [], cwd: '.', reason: null, question: null, choices: [] },
    ],
  ])('%s: the report is refused', (_, play, step, report) => {
    const p = play()
    expect(p.try(p.reportOf(step, report)).refusal?.refusal).toBe('invalid')
    for (const fact of p.facts) expect(readFact(factText(fact))).toEqual(fact)
  })
  it('protected paths as long as paths can be: the gate opens and its reason is cut', () => {
    const p = toImplement()
      .report('implement', edited('one', [long(1), long(2)]))
      .begin('verify')
      .report('verify', checks(true))
    expect(p.state!.gates[p.openGate()]).toMatchObject({ kind: 'change', required: 2 })
    for (const fact of p.facts) expect(readFact(factText(fact))).toEqual(fact)
  })
  it('the longest reason to stop', () => {
    const p = new Play().start().begin('plan').report('plan', planned)
    p.do({
      do: 'cancel',
      at: p.at,
      by: { kind: 'person', id: 'usr_sam', name: '@sam' },
      reason: 'r'.repeat(2_000),
    })
    expect(p.state!.finished).toMatchObject({ outcome: 'cancelled' })
    for (const fact of p.facts) expect(readFact(factText(fact))).toEqual(fact)
  })
})

describe('names that every object has', () => {
  const named = specOf({
    repos: [{ name: 'constructor', ref: null, access: 'write', write: ['**'], protect: [] }],
    steps: steps.map((one) => (one.kind === 'gate' ? { ...one, approvers: ['user:constructor'] } : one)),
  })
  const spec: RunSpec = {
    ...named,
    pins: {
      ...named.pins,
      repos: [{ name: 'constructor', url: 'file:///r.git', ref: 'refs/heads/main', commit: null }],
    },
  }
  it('a repository called constructor is pinned like any other', () => {
    const p = new Play().start(spec)
    const job = () => {
      const work = due(p.state!).find((one) => one.kind === 'work')
      return work?.kind === 'work' ? JSON.stringify(jobOf(p.state!, work)) : ''
    }
    expect(job()).toContain('"commit":null')
    p.begin('plan').report('plan', {
      type: 'pinned',
      repo: 'constructor',
      ref: 'refs/heads/main',
      commit: 'a'.repeat(40),
    })
    expect(Object.hasOwn(p.state!.pins, 'constructor')).toBe(true)
  })
  it('a person of that name is that person', () =>
    expect([...pinnedPeople(spec, ['user:constructor', 'team:constructor'])]).toEqual(['constructor']))
  it('an intent of that name does not exist', () => {
    const p = new Play().start().begin('plan')
    const { refusal, facts } = p.try(p.reportOf('plan', { type: 'effect_started', intent: 'constructor', attempt: 1 }))
    expect(refusal?.words).toContain('there is no intent constructor')
    expect(facts).toEqual([])
  })
})
