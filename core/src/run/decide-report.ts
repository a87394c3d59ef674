/**
 * Does this report of a runner still count, and what does it say?
 * A report of a superseded attempt is refused and kept as evidence. It never believes a runner about another runner's work.
 */
import { decideCommand } from '../policy/command.ts'
import { refusedPaths } from '../policy/paths.ts'
import { refuse } from '../refusal.ts'
import type { BodyRef } from '../digest/body.ts'
import type { Change, Subject } from '../gate/subject.ts'
import { propose } from './action-step.ts'
import { closeGates, keptRefusal, openGate, unwritten } from './consequence.ts'
import { no, yes, type Answer } from './answer.ts'
import { effectIsDue, isReady } from './due.ts'
import { isTaintHeld } from './holds.ts'
import { isStopped, noUsage, stepSpec, type RunState } from './state.ts'
import { pushIntent } from './wanted.ts'
import type { Command } from './command.ts'
import type { Actor, Draft, Failure, StepResult } from './facts.ts'
import { tooWeak } from './wall-level.ts'
import type { Report } from '../wire/messages.ts'

type Of<K extends Command['do']> = Extract<Command, { do: K }>
const system = { kind: 'system' } as const
/** Gates one attempt may ask for before further asks are refused. */
const asksPerAttempt = 20

const late = (
  state: RunState,
  by: Actor,
  code: 'stale_epoch' | 'run_finished',
  command: { step: string; attempt: number; epoch: number },
  what: string,
): Answer => {
  const refusal =
    code === 'run_finished'
      ? refuse(code, { outcome: state.finished?.outcome })
      : refuse(code, { current: state.steps[command.step]?.epoch ?? 0, epoch: command.epoch })
  const about = { what, attempt: command.attempt, epoch: command.epoch }
  return no(refusal, [keptRefusal(by, code, refusal.words, command.step, about)])
}

/** One report against the state. */
export const decideReport = (state: RunState, command: Of<'report'>): Answer => {
  const { report, by, step: id, attempt, epoch } = command
  if (
    report.type === 'effect_started' ||
    report.type === 'effect_succeeded' ||
    report.type === 'effect_failed' ||
    report.type === 'effect_unknown'
  )
    return effectReport(state, command, report)
  if (report.type === 'refused') return yes([keptRefusal(by, report.code, report.words, id, report.about)])
  if (report.type === 'pinned')
    return Object.hasOwn(state.pins, report.repo)
      ? yes([])
      : yes([{ type: 'repo.pinned', by, data: { repo: report.repo, ref: report.ref, commit: report.commit } }])
  if (state.finished) return late(state, by, 'run_finished', command, report.type)
  const step = state.steps[id]
  if (report.type === 'started') {
    if (!step || !isReady(state, id) || attempt !== step.attempt + 1 || state.cancelling)
      return late(state, by, 'stale_epoch', command, 'started')
    const weak = tooWeak(report.isolation.level, {
      workflow: state.spec.workflow.compiled.runner.isolation,
      hello: command.hello ?? null,
    })
    if (weak !== null) return behindTooLittle(command, report, weak)
    return yes([
      {
        type: 'step.started',
        by,
        data: {
          step: id,
          attempt,
          epoch,
          round: step.round,
          agent: report.agent,
          isolation: report.isolation,
          resumed: report.resumed,
        },
      },
    ])
  }
  if (!step || step.status !== 'running' || step.attempt !== attempt || step.epoch !== epoch)
    return late(state, by, 'stale_epoch', command, report.type)
  const at = { step: id, attempt, epoch }
  switch (report.type) {
    case 'context':
      return yes([
        {
          type: 'context.resolved',
          by,
          data: { ...at, items: report.items, missing: report.missing, tokens: report.tokens },
        },
      ])
    case 'settings': {
      const { type: _, ...said } = report
      const isAllowed = state.spec.pins.repos.some((repo) => repo.name === said.repo && repo.agentSettings === 'base')
      if (said.why === null && (!isAllowed || state.tainted))
        return unfit(command, `agents of this run may not load the settings of ${said.repo}`)
      return yes([{ type: 'settings.resolved', by, data: { ...at, ...said } }])
    }
    case 'cited':
      return yes([
        {
          type: 'context.cited',
          by,
          data: { ...at, used: report.used, unused: report.unused, unknown: report.unknown },
        },
      ])
    case 'push':
      return pushed(state, command, report)
    case 'ask':
      return asked(state, command, report)
    case 'parked':
      return yes([{ type: 'step.parked', by, data: { ...at, session: report.session, usage: report.usage } }])
    case 'finished': {
      const wrong = wrongResult(state, id, report.result)
      if (wrong !== null) return unfit(command, wrong)
      return yes([
        {
          type: 'step.finished',
          by,
          data: {
            ...at,
            result: report.result,
            usage: report.usage,
            log: report.log,
            session: report.session,
            millis: report.millis,
          },
        },
      ])
    }
    case 'failed':
      return yes([
        {
          type: 'step.failed',
          by,
          data: { ...at, failure: report.failure, usage: report.usage, log: report.log, millis: report.millis },
        },
      ])
  }
}

/** A step that began behind a weaker wall than people count on has failed before anything of it is believed: its runner has no lease any more. */
const behindTooLittle = (
  { by, step, attempt, epoch }: Of<'report'>,
  { isolation }: Extract<Report, { type: 'started' }>,
  why: string,
): Answer => {
  const refusal = refuse('wall_too_weak', { step, why })
  const failure: Failure = {
    code: 'wall_too_weak',
    class: 'policy',
    summary: refusal.words,
    check: refusal.next,
    retrySafe: true,
    started: false,
  }
  return no(refusal, [
    keptRefusal(by, 'wall_too_weak', refusal.words, step, { attempt, epoch, level: isolation.level }),
    { type: 'step.failed', by: system, data: { step, attempt, epoch, failure, usage: noUsage, log: null, millis: 0 } },
  ])
}

/** A report that says what cannot be: refused, and kept. */
export const unfit = ({ by, step, attempt, epoch }: Of<'report' | 'refuseWork'>, why: string): Answer => {
  const words = `What the runner said cannot be kept: ${why}.`
  return no(refuse('invalid', { where: 'report', why }), [
    keptRefusal(by, 'report_refused', words, step, { attempt, epoch }),
  ])
}

/** What each mode of an agent brings. */
const brings = { plan: 'plan', edit: 'change', read: 'text', review: 'text' } as const

/** Why this is no result of this step: a plan from the checks would let a change pass unchecked. */
const wrongResult = (state: RunState, id: string, result: StepResult): string | null => {
  const spec = stepSpec(state, id)
  const expected = spec?.kind === 'agent' ? brings[spec.mode] : spec?.kind === 'run' ? 'checks' : 'nothing'
  if (result.kind !== expected) return `${id} brings ${expected}, not ${result.kind}`
  return result.kind === 'change' && result.change ? wrongChange(state, result.change, result.patch) : null
}

/** Why people must not be asked about this change: the workflow lets the run write no such thing, or they would be shown another patch. The runner looked at it too; this holds for one that did not. */
const wrongChange = (state: RunState, change: Change, patch: BodyRef | null): string | null => {
  const use = state.spec.workflow.compiled.repos.find((repo) => repo.name === change.repo)
  if (use?.access !== 'write') return `the workflow does not let this run write to ${change.repo}`
  const [stray] = refusedPaths(change.files, use)
  if (stray) return `${JSON.stringify(stray.path)} may not be in a change: ${stray.why}`
  return patch?.digest === change.patch ? null : 'the patch to be shown is not the patch of the change'
}

/** A push that the git gateway recorded: denied, allowed by the workflow, or asked. The same ref and tree is asked once. */
const pushed = (
  state: RunState,
  { by, step, attempt, epoch, at }: Of<'report'>,
  report: Extract<Report, { type: 'push' }>,
): Answer => {
  const spec = stepSpec(state, step)
  const about = { repo: report.repo, ref: report.ref, tree: report.change.tree }
  const refused = (words: string): Answer => yes([keptRefusal(by, 'push_refused', words, step, about)])
  if (report.ref !== state.spec.branch)
    return refused(`A push to ${report.ref} was refused: this run may publish ${state.spec.branch} alone.`)
  if (spec?.kind !== 'agent') return refused('Only an agent step may ask for a push.')
  const wrong =
    report.repo === report.change.repo
      ? wrongChange(state, report.change, report.patch)
      : `it is for ${report.repo}, its change is of ${report.change.repo}`
  if (wrong !== null) return refused(`A push was refused: ${wrong}.`)
  if (isTaintHeld(state, step))
    return refused('A push was refused: outside text reached this run, and nobody has let it write yet.')
  if (tooMany(state, step)) return refused(tooManyWords)
  const recorded: Draft = {
    type: 'push.recorded',
    by,
    data: {
      step,
      attempt,
      epoch,
      repo: report.repo,
      ref: report.ref,
      change: report.change,
      patch: report.patch,
      argv: report.argv,
    },
  }
  const wanted = pushIntent(state, step, report.change, report.ref)
  const gates = Object.values(state.gates).filter((g) => g.step === step && g.push !== null && g.state === 'open')
  const same = gates.some((g) => g.subject.kind === 'command' && g.subject.push?.change.tree === report.change.tree)
  if (same || Object.values(state.intents).some((i) => i.key === wanted.key)) return yes([recorded])
  const { decision: verdict, why } = decideCommand(report.argv, spec.commands, { sandboxed: false })
  if (verdict === 'deny') return refused(`The workflow denies this push: ${why}.`)
  if (verdict === 'allow')
    return yes([recorded, ...propose(state, wanted, null, `the workflow allows this push: ${why}`)])
  const subject: Subject = {
    kind: 'command',
    run: state.run,
    step,
    round: state.steps[step]?.round ?? 1,
    argv: report.argv,
    cwd: '.',
    push: { ref: report.ref, change: report.change },
    reason: null,
  }
  return yes([
    recorded,
    ...closeGates(gates, 'superseded', 'The agent pushed another tree.'),
    openGate(state, {
      ...unwritten(state, step, at),
      kind: 'command',
      name: 'git push',
      ask: null,
      subject,
      body: report.patch,
      why: 'The agent asked to push; it holds no key to do so.',
    }),
  ])
}

/** An agent asks to run something, or asks a question. Identical open asks collapse into one gate. */
const asked = (
  state: RunState,
  { by, step, attempt, epoch, at }: Of<'report'>,
  report: Extract<Report, { type: 'ask' }>,
): Answer => {
  const recorded: Draft = {
    type: 'ask.recorded',
    by,
    data: {
      step,
      attempt,
      epoch,
      ask: report.ask,
      argv: report.argv,
      cwd: report.cwd,
      ...(report.where && { where: report.where }),
      reason: report.reason,
      question: report.question,
      choices: report.choices,
    },
  }
  if (tooMany(state, step)) return yes([keptRefusal(by, 'asks_flood', tooManyWords, step, { ask: report.ask })])
  const round = state.steps[step]?.round ?? 1
  const common = { run: state.run, step, round }
  const subject: Subject = report.argv
    ? {
        kind: 'command',
        ...common,
        argv: report.argv,
        cwd: report.cwd ?? '.',
        ...(report.where && { where: report.where }),
        push: null,
        reason: report.reason,
      }
    : {
        kind: 'question',
        ...common,
        about: 'agent',
        text: report.reason ?? 'The agent asks.',
        body: report.question?.digest ?? null,
        choices: report.choices.length
          ? report.choices.map((label, i) => ({ id: `c${i + 1}`, label, text: 'optional' as const }))
          : [{ id: 'answer', label: 'Answer', text: 'required' as const }],
      }
  const gate = openGate(state, {
    ...unwritten(state, step, at),
    kind: report.argv ? 'command' : 'question',
    name: report.argv ? (report.argv[0] ?? 'command') : 'agent',
    ask: report.ask,
    subject,
    body: report.question,
    why: report.argv ? 'The agent asked before it runs this.' : 'The agent asked a person.',
  })
  const same = Object.values(state.gates).some((g) => g.state === 'open' && g.digest === gate.data.digest)
  return yes(same ? [recorded] : [recorded, gate])
}

const tooManyWords = `The step asked for more than ${asksPerAttempt} decisions; this one was refused.`
const tooMany = (state: RunState, step: string): boolean => (state.steps[step]?.asks ?? 0) >= asksPerAttempt

type EffectReport = Extract<Report, { type: `effect_${string}` }>
const effectReport = (state: RunState, command: Of<'report'>, report: EffectReport): Answer => {
  const { by, epoch } = command
  const intent = Object.hasOwn(state.intents, report.intent) ? state.intents[report.intent] : undefined
  if (!intent) return no(refuse('grant_invalid', { why: `there is no intent ${report.intent}` }))
  const { attempt } = report
  const kept = (words: string): Draft =>
    keptRefusal(by, 'effect_refused', words, null, { intent: intent.id, attempt, epoch })
  // A lease of an agent's step, or of another effect, says nothing about this one.
  if (report.intent !== command.step || attempt !== command.attempt)
    return no(refuse('grant_invalid', { why: `${report.intent} is not the work of this lease` }), [
      kept(`A ${report.type} for ${intent.action} came from the lease of ${command.step} and was refused.`),
    ])
  if (report.type === 'effect_started') {
    const fits = intent.at === 'runner' && effectIsDue(state, intent) && attempt === intent.attempt + 1
    const started: Draft = { type: 'effect.started', by, data: { intent: intent.id, attempt, epoch } }
    // Nothing was done yet: whoever reports it waits for this answer.
    if (fits && command.hindered)
      return no(refuse('grant_invalid', { why: command.hindered.summary }), [
        started,
        { type: 'effect.failed', by: system, data: { intent: intent.id, attempt, failure: command.hindered } },
      ])
    if (fits) return yes([started])
    const stopped = isStopped(state) && intent.attempt === 0
    const is = `${intent.action} is ${intent.state}`
    return no(
      refuse(intent.state === 'succeeded' ? 'grant_used' : 'grant_invalid', {
        why: stopped ? 'the run was stopped' : is,
      }),
      [
        kept(
          stopped
            ? `The run was stopped, and ${intent.action} had not begun; attempt ${attempt} was refused.`
            : `${is}; attempt ${attempt} was refused.`,
        ),
      ],
    )
  }
  if (intent.state !== 'executing' || intent.attempt !== attempt)
    return late(state, by, 'stale_epoch', command, report.type)
  if (report.type === 'effect_succeeded')
    return yes([
      {
        type: 'effect.succeeded',
        by,
        data: { intent: intent.id, attempt, receipt: report.receipt, reconciled: report.reconciled },
      },
    ])
  if (report.type === 'effect_failed')
    return yes([{ type: 'effect.failed', by, data: { intent: intent.id, attempt, failure: report.failure } }])
  return yes([{ type: 'effect.unknown', by, data: { intent: intent.id, attempt, why: report.why } }])
}

/** The lease of a begun attempt ended without its runner: the step is lost, an effect becomes unknown and is looked up next. */
export const loseWork = (state: RunState, { step: id, attempt, epoch, runner, why }: Of<'lose'>): Answer => {
  const intent = state.intents[id]
  if (intent)
    return intent.state === 'executing' && intent.attempt === attempt
      ? yes([{ type: 'effect.unknown', by: system, data: { intent: id, attempt, why } }])
      : yes([])
  const step = state.steps[id]
  if (!step || step.status !== 'running' || step.attempt !== attempt || step.epoch !== epoch || state.finished)
    return yes([])
  return yes([{ type: 'step.lost', by: system, data: { step: id, attempt, epoch, runner, why } }])
}

/** A runner's local policy, or the match of capabilities, says no before anything started. */
export const refuseWork = (state: RunState, { by, step: id, attempt, epoch, failure }: Of<'refuseWork'>): Answer => {
  const record = keptRefusal(by, failure.code, failure.summary, id, { attempt, epoch })
  const intent = state.intents[id]
  if (intent)
    return intent.at === 'runner' && effectIsDue(state, intent)
      ? yes([
          record,
          { type: 'effect.started', by, data: { intent: id, attempt, epoch } },
          { type: 'effect.failed', by, data: { intent: id, attempt, failure } },
        ])
      : yes([record])
  const step = state.steps[id]
  if (!step || !isReady(state, id) || state.finished) return yes([record])
  return yes([
    record,
    {
      type: 'step.failed',
      by,
      data: { step: id, attempt: step.attempt + 1, epoch, failure, usage: noUsage, log: null, millis: 0 },
    },
  ])
}
