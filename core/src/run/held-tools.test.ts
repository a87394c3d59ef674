/** Where a runner holds a tool's credential: who is told to do the effect, with what, and that the control plane never does. */
import { describe, expect, it } from 'vitest'
import { checkStory } from '../packet/verify-story.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import type { EffectJob } from '../wire/job.ts'
import type { Report } from '../wire/messages.ts'
import { runStatus } from '../view/run-status.ts'
import { due } from './due.ts'
import type { Failure } from './facts.ts'
import { jobOf } from './job.ts'
import { templateValuesOf } from './template-values-of.ts'
import { Play, branch, checks, edited, planned, specOf } from './testing/play.ts'

const held = [
  { tool: 'github', connection: 'github', at: 'https://api.github.com' },
  { tool: 'webhook', connection: 'ops', at: 'https://ops.acme.dev/hook' },
]

/** A run up to the vote on its change; `actions` follow. */
const approved = (actions: string): Play => {
  const read = compileWorkflow(
    `name: bug-to-pr\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\nrunner: { isolation: none, requires: [gpu] }\napprovals: [plan_review, pr_approval]\nactions: ${actions}\n`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  const spec = specOf(read.compiled)
  const p = new Play()
    .start({ ...spec, address: 'https://viewport.acme.dev', pins: { ...spec.pins, held } })
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  p.begin('verify').report('verify', checks(true)).do(p.vote('dana', 'approve'))
  return p.effect('git.push')
}
const of = (p: Play, action: string) => Object.values(p.state!.intents).findLast((one) => one.action === action)!
const work = (p: Play) => due(p.state!).filter((one) => one.kind === 'work')
const report = (
  p: Play,
  action: string,
  one: (about: { intent: string; attempt: number }) => Report,
  hindered?: Failure,
) => {
  const { id, attempt, state } = of(p, action)
  const about = { intent: id, attempt: state === 'executing' ? attempt : attempt + 1 }
  const command = p.reportOf(id, one(about), { attempt: about.attempt, epoch: about.attempt })
  return p.try({ ...command, ...(hindered && { hindered }) } as typeof command)
}
const started = (about: { intent: string; attempt: number }): Report => ({ type: 'effect_started', ...about })
const succeeded = (about: { intent: string; attempt: number }): Report => ({
  type: 'effect_succeeded',
  ...about,
  reconciled: false,
  receipt: {
    provider: 'github',
    id: '41',
    url: 'https://github.com/acme/shop/pull/41',
    observed: { ref: 'acme/shop#41' },
    readBack: true,
  },
})
const faults = (p: Play) => checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).faults

describe('a tool whose credential a runner holds', () => {
  it('is acted at by any runner that holds it, whichever the run began on', () => {
    const p = approved('[github.open_pr]')
    expect(of(p, 'github.open_pr')).toMatchObject({ at: 'runner', state: 'approved' })
    expect(p.state!.runner).toBe('rnr_1')
    expect(work(p)).toMatchObject([
      { work: 'effect', runner: null, credential: { ...held[0], action: 'github.open_pr' }, pool: 'local' },
    ])
  })
  it('the job holds all that the effect is about, and no more of the connection than where it leads', () => {
    const p = approved('[github.open_pr]')
    const job = jobOf(p.state!, work(p)[0]!) as EffectJob
    expect(job).toMatchObject({
      kind: 'effect',
      action: 'github.open_pr',
      params: { head: branch.slice('refs/heads/'.length) },
    })
    expect(job.outside).toEqual({
      tool: 'github',
      connection: { id: '', name: 'github', at: 'https://api.github.com', settings: {} },
      target: 'acme/shop',
      commit: of(p, 'git.push').receipt!.observed['commit'],
      opened: null,
      told: {
        title: 'Prices are wrong',
        approvedBy: ['@jess', '@dana'],
        checks: 'Checks passed (1 command).',
        source: { label: 'BUG-1', url: null },
      },
      page: 'https://viewport.acme.dev/runs/1',
      home: null,
    })
  })
  it('is never acted at by the control plane', () => {
    const p = approved('[github.open_pr]')
    const { id } = of(p, 'github.open_pr')
    expect(p.try({ do: 'beginEffect', at: p.at, intent: id, attempt: 1 }).refusal?.refusal).toBe('grant_invalid')
    expect(of(p, 'github.open_pr').attempt).toBe(0)
  })
  it('the receipt of the runner opens the pull request of the run, and the packet is content', () => {
    const p = approved('[github.open_pr, github.comment]')
    report(p, 'github.open_pr', started)
    expect(work(p)).toEqual([])
    report(p, 'github.open_pr', succeeded)
    expect(p.state!.pull).toMatchObject({ ref: 'acme/shop#41', state: 'open' })
    expect(of(p, 'github.comment')).toMatchObject({ at: 'runner', target: 'acme/shop#41' })
    report(p, 'github.comment', started)
    report(p, 'github.comment', succeeded)
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded' })
    expect(faults(p)).toEqual([])
  })
  it('an effect whose runner was lost is unknown, and the next attempt is told by its number to look', () => {
    const p = approved('[github.open_pr]')
    report(p, 'github.open_pr', started)
    const { id } = of(p, 'github.open_pr')
    p.do({ do: 'lose', at: p.at, step: id, attempt: 1, epoch: 1, runner: 'rnr_1', why: 'No beat came.' })
    expect(of(p, 'github.open_pr').state).toBe('unknown')
    expect(work(p)).toMatchObject([{ attempt: 2, runner: null }])
    expect((jobOf(p.state!, work(p)[0]!) as EffectJob).attempt).toBe(2)
  })
  it('what began before the run was stopped is looked for and not done; what had not begun is not told to anybody', () => {
    const [begun, not] = [approved('[github.open_pr]'), approved('[github.open_pr]')]
    report(begun, 'github.open_pr', started)
    for (const p of [begun, not])
      p.do({ do: 'cancel', at: p.at, by: { kind: 'person', id: 'usr_sam', name: 'sam' }, reason: 'No more.' })
    const { id } = of(begun, 'github.open_pr')
    begun.do({ do: 'lose', at: begun.at, step: id, attempt: 1, epoch: 1, runner: 'rnr_1', why: 'No beat came.' })
    begun.do({ do: 'cancelNow', at: begun.at })
    expect(jobOf(begun.state!, work(begun)[0]!)).toMatchObject({ lookOnly: true })
    expect(work(not)).toEqual([])
  })
  it('what the control plane finds wrong right before it begins fails it, and the runner is told not to', () => {
    const p = approved('[github.open_pr]')
    const no: Failure = {
      code: 'cap_reached',
      class: 'policy',
      summary: 'Enough.',
      check: 'Wait.',
      retrySafe: true,
      started: false,
    }
    const { refusal, facts } = report(p, 'github.open_pr', started, no)
    expect(refusal?.refusal).toBe('grant_invalid')
    expect(facts.map(({ type }) => type)).toEqual(expect.arrayContaining(['effect.started', 'effect.failed']))
    expect(of(p, 'github.open_pr')).toMatchObject({ state: 'failed', failure: no, receipt: null })
    expect(report(p, 'github.open_pr', succeeded).refusal).not.toBeNull()
  })
})

it('a tool that the control plane has the credential of, and another webhook target, stay its own', () => {
  const p = approved(
    '[git.open_change, { webhook.send: { to: other, type: a } }, { webhook.send: { to: ops, type: b } }]',
  )
  expect(of(p, 'git.open_change').at).toBe('server')
  const sent = (to: string) => Object.values(p.state!.intents).find(({ target }) => target === to)
  expect(sent('other')).toMatchObject({ at: 'server' })
  p.do({ do: 'beginEffect', at: p.at, intent: sent('other')!.id, attempt: 1 })
  p.do({
    do: 'endEffect',
    at: p.at,
    intent: sent('other')!.id,
    attempt: 1,
    end: {
      is: 'succeeded',
      reconciled: false,
      receipt: { provider: 'webhook', id: 'x', url: null, observed: {}, readBack: false },
    },
  })
  expect(sent('ops')).toMatchObject({ at: 'runner' })
  expect(work(p)).toMatchObject([{ credential: held[1] }])
})

describe('the address in a receipt of a runner', () => {
  const statusAfter = (url: string | null) => {
    const p = approved('[github.open_pr, github.comment: { text: "See {{ actions.github.open_pr.url }}" }]')
    report(p, 'github.open_pr', started)
    const answer = report(p, 'github.open_pr', (about) => {
      const one = succeeded(about) as Extract<Report, { type: 'effect_succeeded' }>
      return { ...one, receipt: { ...one.receipt, url } }
    })
    expect(answer.refusal).toBeNull()
    return {
      brought: runStatus(p.state!).brought.map((one) => one.url),
      told: templateValuesOf(p.state!).actions['github.open_pr']!['url'],
    }
  }
  it('is passed on where it lies at the tool', () => {
    const url = 'https://github.com/acme/shop/pull/41'
    expect(statusAfter(url)).toEqual({ brought: [url], told: url })
  })
  it.each([
    'https://evil.example/) @acme/everyone ![x](https://evil.example/pixel.png) closes acme/shop#1 (',
    'https://evil.example/acme/shop/pull/41',
    'https://github.com.evil.example/acme/shop/pull/41',
    'https://evilgithub.com/acme/shop/pull/41',
    'http://github.com/acme/shop/pull/41',
    'https://github.com:8443/acme/shop/pull/41',
    'https://github.com@evil.example/acme/shop/pull/41',
    'https://github.com/acme/shop/pull/41|Approve <!channel>',
    'https://github.com/acme/shop/pull/41"onmouseover="alert(1)',
    'javascript:alert(1)',
    '//evil.example/acme/shop/pull/41',
    `https://github.com/${'a'.repeat(500)}`,
  ])('%s is not', (url) => expect(statusAfter(url)).toEqual({ brought: [], told: null }))
})
