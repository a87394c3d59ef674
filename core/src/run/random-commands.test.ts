/** 50,000 random commands against whole runs: whatever comes in whatever order, what must hold holds. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { changeDigest } from '../gate/subject.ts'
import { showsEffect } from '../gate/shown-action.ts'
import { checkStory } from '../packet/verify-story.ts'
import { isSpent } from './budget.ts'
import { due } from './due.ts'
import { evolve } from './evolve.ts'
import {
  Play,
  branch,
  changed,
  checks,
  edited,
  isolation,
  person,
  planned,
  specOf,
  steps,
  usage,
  recordedPush,
} from './testing/play.ts'
import type { Command } from './command.ts'
import type { Step } from '../workflow/compiled.ts'
import type { Fact } from './facts.ts'
import { isPersonsMerge, isStopped, type RunState } from './state.ts'

const sequences = 500
const perSequence = 100

/** What must hold over any list of facts of one run. */
const holds = (facts: readonly Fact[], state: RunState): void => {
  const seen = {
    approved: new Set<string>(),
    started: new Map<string, number>(),
    succeeded: new Map<string, number>(),
    finished: 0,
    stopped: false,
    closed: new Map<string, number>(),
  }
  const proposed = new Map<string, Extract<Fact, { type: 'intent.proposed' }>['data']>()
  const gates = new Map<string, Extract<Fact, { type: 'gate.opened' }>['data']>()
  const voted = new Map<string, Set<string>>()
  facts.forEach((fact, i) => {
    expect(fact.seq).toBe(i + 1)
    if (fact.type === 'gate.opened') gates.set(fact.data.gate, fact.data)
    if (fact.type === 'decision.made' && fact.by.kind === 'person') {
      const gate = gates.get(fact.data.gate)!
      expect(fact.data.digest).toBe(gate.digest) // nobody decides what they did not see
      expect(gate.excluded.some((e) => fact.by.kind === 'person' && e.person === fact.by.id)).toBe(false)
      expect(['usr_eve']).not.toContain(fact.by.id)
      if (fact.data.verdict === 'approve') voted.set(gate.gate, new Set([...(voted.get(gate.gate) ?? []), fact.by.id]))
    }
    if (fact.type === 'decision.withdrawn' && fact.by.kind === 'person') voted.get(fact.data.gate)?.delete(fact.by.id)
    if (fact.type === 'gate.closed' && fact.data.outcome === 'approved')
      expect(voted.get(fact.data.gate)!.size).toBeGreaterThanOrEqual(gates.get(fact.data.gate)!.required)
    if (fact.type === 'intent.proposed') proposed.set(fact.data.intent, fact.data)
    if (fact.type === 'intent.approved') {
      seen.approved.add(fact.data.intent)
      const gate = fact.data.gate ? gates.get(fact.data.gate) : undefined
      const change =
        gate?.subject.kind === 'change'
          ? gate.subject.change
          : gate?.subject.kind === 'command'
            ? gate.subject.push?.change
            : gate?.subject.kind === 'action'
              ? gate.subject.change
              : undefined
      if (gate?.subject.kind === 'action') expect(showsEffect(gate.subject, proposed.get(fact.data.intent)!)).toBe(true) // shown = to be done
      if (fact.data.gate) expect(changeDigest(change!)).toBe(proposed.get(fact.data.intent)!.digest) // approved = to be done
      else expect(proposed.get(fact.data.intent)!.action).toBe('git.merge') // this workflow asks for everything else
    }
    if (fact.type === 'effect.started') {
      expect(seen.approved.has(fact.data.intent)).toBe(true)
      if (seen.stopped && fact.data.attempt === 1)
        expect(isPersonsMerge(state, proposed.get(fact.data.intent)!)).toBe(true) // nothing new leaves a stopped run
    }
    if (fact.type === 'run.cancel_requested') seen.stopped = true
    if (fact.type === 'run.finished' && fact.data.outcome !== 'succeeded') seen.stopped = true
    if (fact.type === 'effect.succeeded') {
      const { key, action } = proposed.get(fact.data.intent)!
      seen.succeeded.set(key, (seen.succeeded.get(key) ?? 0) + 1)
      expect(seen.succeeded.get(key), `${action} done twice`).toBe(1)
    }
    if (fact.type === 'run.finished') expect(++seen.finished).toBe(1)
    if (seen.finished && fact.type !== 'run.finished')
      expect(fact.type).toMatch(/^(refusal|decision\.refused|intent|effect|change|gate\.closed|repo)/)
  })
  let again: RunState | null = null
  for (const fact of facts) again = evolve(again, fact)
  expect(again).toEqual(state)
  // whoever verifies the packet of such a run finds nothing wrong in its story
  expect(checkStory(facts.map((fact) => ({ fact, text: '', hash: '' }))).faults).toEqual([])
  if (state.finished) expect(Object.values(state.gates).filter((g) => g.state === 'open')).toEqual([]) // nobody is asked for nothing
  if (state.finished) expect(due(state).every((d) => d.kind === 'work' && d.work === 'effect')).toBe(true)
  for (const one of due(state))
    if (one.kind === 'work' && one.work !== 'effect')
      expect(isSpent(state, one.work === 'agent' ? 'agent' : 'run')).toBe(false)
  if (isStopped(state))
    for (const one of due(state)) {
      const intent = one.kind === 'work' ? state.intents[one.intent ?? ''] : undefined
      expect(intent && (intent.attempt > 0 || isPersonsMerge(state, intent)), `${one.key} is due after the stop`).toBe(
        true,
      )
    }
}

const merge: Step = {
  kind: 'action',
  id: 'merge',
  needs: ['merge_ok'],
  action: 'git.merge',
  of: 'implement',
  params: {},
}
const mergeGate: Step = {
  ...steps.find((s) => s.kind === 'gate')!,
  id: 'merge_ok',
  name: 'merge_ok',
  needs: ['open'],
  gate: 'action',
  of: 'merge',
  expiresAfterSeconds: null,
}

const names = ['sam', 'jess', 'dana', 'eve'] as const
type Roll = { kind: number; a: number; b: number; c: number }

/** What a well-meaning world would do next, so that half of the play goes deep. */
const helpful = (p: Play, { a, b, c }: Roll): Command | null => {
  const state = p.state!
  const gate = Object.values(state.gates).find((g) => g.state === 'open')
  const via = { surface: 'web', auth: 'session' } as const
  if (gate) {
    const question = gate.subject.kind === 'question' ? gate.subject : null
    const person_ = person(a % 2 ? 'jess' : 'dana')
    if (question)
      return {
        do: 'decide',
        at: p.at,
        gate: gate.id,
        verdict: 'answer',
        digest: gate.digest,
        person: person_,
        via,
        comment: null,
        lines: [],
        answer: { choice: question.choices[0]!.id, text: 'go on' },
      }
    return {
      do: 'decide',
      at: p.at,
      gate: gate.id,
      verdict: c % 12 ? 'approve' : 'request_changes',
      digest: gate.digest,
      person: person_,
      via,
      comment: 'as I say',
      lines: [],
      answer: null,
    }
  }
  const running = Object.keys(state.steps).find((id) => state.steps[id]!.status === 'running')
  if (running)
    return p.reportOf(
      running,
      running === 'plan' ? planned : running === 'verify' ? checks(b % 6 > 0) : edited(String(b % 3)),
    )
  const executing = Object.values(state.intents).find((i) => i.state === 'executing')
  const by = { kind: 'runner', id: 'rnr_1', name: 'laptop' } as const
  if (executing)
    return {
      do: 'report',
      at: p.at,
      by,
      step: executing.id,
      attempt: executing.attempt,
      epoch: 1,
      report: {
        type: 'effect_succeeded',
        intent: executing.id,
        attempt: executing.attempt,
        reconciled: false,
        receipt: {
          provider: 'git',
          id: 'x',
          url: null,
          observed: { commit: changed('x').commit, ref: branch },
          readBack: true,
        },
      },
    }
  const work = due(state).find((d) => d.kind === 'work')
  if (work?.kind === 'work')
    return work.intent
      ? {
          do: 'report',
          at: p.at,
          by,
          step: work.intent,
          attempt: work.attempt,
          epoch: 1,
          report: { type: 'effect_started', intent: work.intent, attempt: work.attempt },
        }
      : p.reportOf(work.step, { type: 'started', agent: null, isolation, resumed: false })
  return state.change?.state === 'open' ? p.merge() : null
}

/** One random command that fits the state more or less: often possible, often stale, sometimes absurd. */
const commandOf = (p: Play, { kind, a, b, c }: Roll): Command => {
  const state = p.state!
  const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!
  const work = due(state).flatMap((d) => (d.kind === 'work' ? [d] : []))
  const step =
    work.length && a % 4 ? pick(work, b).step : pick([...steps.map((s) => s.id), ...Object.keys(state.intents)], b)
  const running = Object.entries(state.steps).filter(([, s]) => s.status === 'running')
  const busy = running.length && a % 5 ? pick(running, b)[0] : step
  const off = c % 9 === 0 ? { attempt: c % 4, epoch: c % 3 } : {}
  const gates = Object.values(state.gates)
  const open = gates.filter((g) => g.state === 'open')
  const gate = open.length && a % 6 ? pick(open, b) : gates.length ? pick(gates, b) : undefined
  const who = person(pick(names, c), pick(names, c) === 'eve' ? [] : ['team:payments'])
  const via = { surface: 'web', auth: 'session' } as const
  const digest = gate && a % 7 ? gate.digest : 'f'.repeat(64)
  switch ((kind >> 3) % 16) {
    case 0:
    case 1:
    case 2:
      return p.reportOf(step, { type: 'started', agent: null, isolation, resumed: false }, off)
    case 3:
    case 4:
    case 5: {
      const spec = steps.find((s) => s.id === busy)
      const done =
        spec?.kind === 'run'
          ? checks(a % 3 > 0, 1, a % 11 > 0)
          : spec?.id === 'plan'
            ? planned
            : edited(String(b % 3), c % 9 ? undefined : ['.github/x'])
      return p.reportOf(busy, done, off)
    }
    case 6:
    case 7:
    case 8:
      if (gate?.subject.kind === 'question')
        return {
          do: 'decide',
          at: p.at,
          gate: gate.id,
          verdict: 'answer',
          digest,
          person: who,
          via,
          comment: null,
          lines: [],
          answer: { choice: pick(gate.subject.choices, a % 5 ? 0 : a).id, text: b % 4 ? 'because' : null },
        }
      return {
        do: 'decide',
        at: p.at + (c % 400 ? 0 : 4_000_000),
        gate: gate?.id ?? 'gate_x',
        verdict: pick(
          [
            'approve',
            'approve',
            'approve',
            'approve',
            'approve',
            'approve',
            'approve',
            'request_changes',
            'request_changes',
            'reject',
          ] as const,
          a,
        ),
        digest,
        person: who,
        via,
        comment: b % 3 ? 'change it' : null,
        lines: [],
        answer: null,
      }
    case 9:
      return p.reportOf(
        busy,
        { ...recordedPush(String(b % 3), ['git', 'push']), ref: a % 4 ? branch : 'refs/heads/main' },
        off,
      )
    case 10:
      return p.reportOf(
        busy,
        c % 2
          ? { type: 'ask', ask: `a${b % 3}`, argv: ['npm', 'i'], cwd: '.', reason: null, question: null, choices: [] }
          : { type: 'parked', session: 's', usage },
        off,
      )
    case 11: {
      const intent = Object.values(state.intents)[a % Math.max(1, Object.keys(state.intents).length)]
      const id = intent?.id ?? 'int_x'
      const attempt = (intent?.attempt ?? 0) + (b % 3 === 0 ? 1 : 0)
      const receipt = {
        provider: 'git',
        id,
        url: null,
        observed: { commit: changed('x').commit, ref: branch },
        readBack: true,
      }
      const failure = {
        code: 'push_failed',
        class: 'effect',
        summary: 'no',
        check: 'look',
        retrySafe: true,
        started: true,
      } as const
      const report =
        b % 3 === 0
          ? ({ type: 'effect_started', intent: id, attempt } as const)
          : c % 4
            ? ({ type: 'effect_succeeded', intent: id, attempt, receipt, reconciled: false } as const)
            : c % 8
              ? ({ type: 'effect_failed', intent: id, attempt, failure } as const)
              : ({ type: 'effect_unknown', intent: id, attempt, why: '?' } as const)
      return {
        do: 'report',
        at: p.at,
        by: { kind: 'runner', id: 'rnr_1', name: 'laptop' },
        step: id,
        attempt,
        epoch: 1,
        report,
      }
    }
    case 12:
      return {
        do: 'lose',
        at: p.at,
        step: busy,
        attempt: state.steps[busy]?.attempt ?? state.intents[busy]?.attempt ?? 1,
        epoch: state.steps[busy]?.epoch ?? 1,
        runner: 'rnr_1',
        why: 'no beat',
      }
    case 13:
      return { do: 'withdraw', at: p.at, gate: gate?.id ?? 'gate_x', person: who, via }
    case 14:
      if (c % 40 === 0)
        return { do: 'cancel', at: p.at, by: { kind: 'person', id: who.id, name: who.name }, reason: '' }
      if (c % 40 === 1) return { do: 'cancelNow', at: p.at }
      if (c % 10 < 4) return { do: 'expire', at: p.at + (a % 20 ? 0 : 4_000_000), gate: gate?.id ?? 'gate_x' }
      return { do: 'remind', at: p.at + 100_000, gate: gate?.id ?? 'gate_x' }
    default:
      if (c % 12 === 0)
        return p.reportOf(
          busy,
          {
            type: 'failed',
            failure: { code: 'x', class: 'agent', summary: 's', check: 'c', retrySafe: true, started: true },
            usage,
            log: null,
            millis: 1,
          },
          off,
        )
      return {
        do: 'merge',
        at: p.at,
        change: state.change?.id ?? 'chg_x',
        digest: state.change ? changeDigest(state.change.change) : 'f'.repeat(64),
        person: who,
        via,
      }
  }
}

it(`${sequences * perSequence} random commands keep what must hold`, { timeout: 120_000 }, () => {
  const roll = fc.record({ kind: fc.nat(1_000), a: fc.nat(1_000), b: fc.nat(1_000), c: fc.nat(1_000) })
  let opened = 0
  let merged = 0
  let finished = 0
  let plays = 0
  let granted = 0
  fc.assert(
    fc.property(fc.array(roll, { minLength: perSequence, maxLength: perSequence, size: 'max' }), (rolls) => {
      // Every other play has a workflow that merges behind a gate of its own, and a budget that does not last.
      const p = new Play().start(
        plays++ % 2
          ? specOf()
          : specOf({ steps: [...steps, mergeGate, merge], budget: { usd: 0.003, tokens: null, seconds: 2_700 } }),
      )
      for (const one of rolls) p.try((one.kind % 5 < 3 ? helpful(p, one) : null) ?? commandOf(p, one))
      holds(p.facts, p.state!)
      if (p.state!.change) opened++
      if (p.state!.change?.state === 'merged') merged++
      if (p.state!.finished) finished++
      if (p.state!.budgetsGranted) granted++
    }),
    { numRuns: sequences, unbiased: true, endOnFailure: true },
  )
  expect(finished).toBeGreaterThan(sequences / 20) // the play reaches ends, it does not stay in the first steps
  expect(opened).toBeGreaterThan(sequences / 20)
  expect(granted).toBeGreaterThan(0)
  expect(merged).toBeGreaterThan(sequences / 50)
})
