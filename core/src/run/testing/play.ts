/**
 * Which run do the tests of this folder play with?
 * Builders of a small spec and of runner reports; only tests import it.
 */
import { changeDigest, subjectDigest, type Change } from '../../gate/subject.ts'
import { sha256Hex } from '../../digest/canonical.ts'
import type { BodyRef } from '../../digest/body.ts'
import { workflowDigest } from '../../workflow/digest.ts'
import type { Compiled, Step } from '../../workflow/compiled.ts'
import type { Report } from '../../wire/messages.ts'
import { decide, type Decision } from '../decide.ts'
import type { Command, Decider } from '../command.ts'
import type { Failure } from '../facts.ts'
import type { RunSpec } from '../spec.ts'
import type { RunState } from '../state.ts'

const none = { allow: [], ask: [], deny: [] }
const planGate: Step = {
  kind: 'gate',
  id: 'plan_review',
  needs: ['plan'],
  gate: 'plan',
  name: 'plan_review',
  of: 'plan',
  approvers: ['team:payments'],
  required: 1,
  exclude: ['requester'],
  expiresAfterSeconds: 3_600,
  onExpiry: 'reject',
  onReject: 'stop',
  maxRounds: 2,
  remindAfterSeconds: 60,
}
const changeGate: Step = {
  ...planGate,
  id: 'pr_approval',
  needs: ['verify'],
  gate: 'change',
  name: 'pr_approval',
  of: 'implement',
  expiresAfterSeconds: null,
}

/** plan -> gate -> implement -> verify -> gate -> open change */
export const steps: Step[] = [
  {
    kind: 'agent',
    id: 'plan',
    needs: [],
    agent: null,
    mode: 'plan',
    prompt: null,
    follows: null,
    of: null,
    commands: none,
    context: null,
    restart: 'auto',
  },
  planGate,
  {
    kind: 'agent',
    id: 'implement',
    needs: ['plan_review'],
    agent: null,
    mode: 'edit',
    prompt: null,
    follows: 'plan',
    of: null,
    commands: none,
    context: null,
    restart: 'ask',
  },
  {
    kind: 'run',
    id: 'verify',
    needs: ['implement'],
    of: 'implement',
    commands: null,
    fixWith: 'implement',
    maxRounds: 2,
    baseline: true,
    restart: 'auto',
  },
  changeGate,
  { kind: 'action', id: 'open', needs: ['pr_approval'], action: 'git.open_change', of: 'implement', params: {} },
]

export const runId = 'run_abcdefghjkmnpqrstvwx'
export const branch = 'refs/heads/vp/bug-1-3f9c52'

/** The compiled workflow of these steps. */
const compiledOf = (over: Partial<Compiled>): Compiled => ({
  language: 1,
  name: 'bug-to-change',
  description: null,
  team: 'payments',
  triggers: [],
  repos: [{ name: 'acme/shop', ref: null, access: 'write', write: ['**'], protect: [] }],
  context: [],
  budget: { usd: 5, tokens: null, seconds: 2_700 },
  concurrency: null,
  steps: JSON.parse(JSON.stringify(steps)) as Step[], // a copy of their own: some tests change theirs
  runner: { pool: null, isolation: null, requires: [] },
  ...over,
})

/** A run spec over these steps. */
export const specOf = (over: Partial<Compiled> = {}): RunSpec => ({
  language: 1,
  workflow: {
    id: 'wf_1',
    version: 1,
    name: 'bug-to-change',
    digest: workflowDigest(compiledOf(over)),
    compiled: compiledOf(over),
  },
  event: {
    tool: 'manual',
    event: 'requested',
    id: 'm1',
    at: 1,
    actor: { id: 'usr_sam', name: 'sam', trust: 'member', person: 'usr_sam', teams: ['payments'] },
    subject: { label: 'BUG-1', title: 'Prices are wrong', url: null },
    fields: {},
    text: 'It is wrong.',
    outsideText: false,
  },
  inputs: {},
  pins: {
    repos: [{ name: 'acme/shop', url: 'file:///repo.git', ref: 'refs/heads/main', commit: null }],
    agents: { plan: 'sample', implement: 'sample' },
    people: { payments: ['usr_sam', 'usr_jess', 'usr_dana'] },
    pool: 'local',
  },
  requester: { person: 'usr_sam', actor: 'usr_sam', name: 'sam' },
  bodies: 'edge',
  branch,
  sample: false,
})

export const runner = { kind: 'runner', id: 'rnr_1', name: 'laptop' } as const
export const body = (text: string, kind: BodyRef['kind'] = 'plan'): BodyRef => ({
  digest: sha256Hex(text),
  bytes: text.length,
  chunks: [sha256Hex(text)],
  kind,
  media: 'text/plain',
  home: 'edge',
})
const git = (text: string): string => sha256Hex(text).slice(0, 40)
export const changed = (text: string, paths = ['src/price.js']): Change => ({
  repo: 'acme/shop',
  base: git('base'),
  commit: git(`commit ${text}`),
  tree: git(`tree ${text}`),
  patch: sha256Hex(`patch ${text}`),
  files: paths.map((path) => ({
    path,
    from: null,
    status: 'modified',
    mode: '100644',
    added: 2,
    removed: 1,
    binary: false,
  })),
})
export const isolation = {
  level: 'none',
  processes: 'sweep',
  modelGateway: false,
  gitGateway: true,
  network: 'open',
} as const
export const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, usdMicros: 1_000, source: 'agent' } as const
export const person = (name: string, more: string[] = ['team:payments']): Decider => ({
  id: `usr_${name}`,
  name: `@${name}`,
  principals: [`user:usr_${name}`, ...more],
  ownsRunner: false,
})

/** A failure of this class, as a runner reports it. */
export const failedWith = (kind: Failure['class'], code = 'x'): Failure => ({
  code,
  class: kind,
  summary: 'It did not work.',
  check: 'Look at it.',
  retrySafe: true,
  started: true,
})

export const started: Extract<Report, { type: 'started' }> = {
  type: 'started',
  agent: { name: 'sample', version: '1', tested: true },
  isolation,
  resumed: false,
}
export const planned: Report = {
  type: 'finished',
  result: { kind: 'plan', body: body('the plan'), files: ['src/price.js'], steps: 3, title: 'Fix' },
  usage,
  log: null,
  session: 's1',
  millis: 5,
}
export const edited = (text: string, paths?: string[]): Report => ({
  type: 'finished',
  result: { kind: 'change', change: changed(text, paths), patch: { ...body(`patch ${text}`, 'patch') }, summary: null },
  usage,
  log: null,
  session: 's2',
  millis: 5,
})
export const checks = (passed: boolean, round = 1, found = true): Report => ({
  type: 'finished',
  result: {
    kind: 'checks',
    found,
    passed,
    round,
    tree: git('tree'),
    commands: found
      ? [
          {
            command: 'npm test',
            exit: passed ? 0 : 1,
            millis: 3,
            tests: { passed: 3, failed: passed ? 0 : 1 },
            log: null,
          },
        ]
      : [],
    baseline: null,
  },
  usage,
  log: null,
  session: null,
  millis: 5,
})

/** A push that the git gateway recorded. */
export const recordedPush = (text = 'one', argv = ['git', 'push', 'origin', 'HEAD']) =>
  ({
    type: 'push',
    repo: 'acme/shop',
    ref: branch,
    change: changed(text),
    patch: body(`patch ${text}`, 'patch'),
    argv,
  }) satisfies Report

/** A run under way: commands go in, the last decision is kept. */
export class Play {
  state: RunState | null = null
  facts: Decision['facts'] = []
  at = 1_000
  start(spec = specOf(), tainted = false): this {
    return this.do({
      do: 'start',
      at: this.at,
      by: { kind: 'person', id: 'usr_sam', name: 'sam' },
      run: runId,
      number: 1,
      spec,
      delivery: null,
      tainted,
    })
  }
  /** Decides a command; a refusal is thrown so that tests say where they expect one. */
  do(command: Command): this {
    const { refusal } = this.try(command)
    if (refusal) throw new Error(`${command.do}: ${refusal.refusal}: ${refusal.words}`)
    return this
  }
  try(command: Command): Decision {
    const decision = decide(this.state, command)
    this.state = decision.state
    this.facts = [...this.facts, ...decision.facts]
    this.at += 1
    return decision
  }
  report(step: string, report: Report, over: { attempt?: number; epoch?: number } = {}): this {
    return this.do(this.reportOf(step, report, over))
  }
  reportOf(step: string, report: Report, over: { attempt?: number; epoch?: number } = {}): Command {
    const attempt = over.attempt ?? (this.state?.steps[step]?.attempt ?? 0) + (report.type === 'started' ? 1 : 0)
    return {
      do: 'report',
      at: this.at,
      by: runner,
      step,
      attempt,
      epoch: over.epoch ?? (report.type === 'started' ? attempt : (this.state?.steps[step]?.epoch ?? 1)),
      report,
    }
  }
  begin(step: string): this {
    // Behind what the workflow wants, as an honest runner is.
    const level = this.state?.spec.workflow.compiled.runner.isolation ?? isolation.level
    return this.report(step, { ...started, isolation: { ...isolation, level } })
  }
  openGate(): string {
    const gate = Object.values(this.state!.gates).find((g) => g.state === 'open')
    if (!gate) throw new Error('no gate is open')
    return gate.id
  }
  vote(
    name: string,
    verdict: 'approve' | 'reject' | 'request_changes',
    comment: string | null = null,
    gate = this.openGate(),
  ): Command {
    return {
      do: 'decide',
      at: this.at,
      gate,
      verdict,
      digest: subjectDigest(this.state!.gates[gate]!.subject),
      person: person(name),
      via: { surface: 'web', auth: 'session' },
      comment,
      lines: [],
      answer: null,
    }
  }
  /** A person merges the opened change on its page. */
  merge(): Extract<Command, { do: 'merge' }> {
    const { id, change } = this.state!.change!
    return {
      do: 'merge',
      at: this.at,
      change: id,
      digest: changeDigest(change),
      person: person('jess'),
      via: { surface: 'web', auth: 'session' },
    }
  }
  answer(name: string, choice: string, text: string | null = null, gate = this.openGate()): Command {
    return {
      do: 'decide',
      at: this.at,
      gate,
      verdict: 'answer',
      digest: this.state!.gates[gate]!.digest,
      person: person(name),
      via: { surface: 'web', auth: 'session' },
      comment: null,
      lines: [],
      answer: { choice, text },
    }
  }
  /** Carries out the due effect of an action as a runner would; its receipt observes this. */
  effect(action: string, observed: Record<string, unknown> = { ref: branch, commit: git('pushed') }): this {
    const intent = Object.values(this.state!.intents).findLast((i) => i.action === action && i.state !== 'succeeded')!
    const attempt = intent.attempt + 1
    const send = (report: Report): this =>
      this.do({ do: 'report', at: this.at, by: runner, step: intent.id, attempt, epoch: attempt, report })
    send({ type: 'effect_started', intent: intent.id, attempt })
    return send({
      type: 'effect_succeeded',
      intent: intent.id,
      attempt,
      reconciled: false,
      receipt: { provider: 'git', id: String(observed['commit']), url: null, observed, readBack: true },
    })
  }
  status(): string[] {
    return Object.entries(this.state!.steps).map(([id, s]) => `${id}:${s.status}`)
  }
}
