/**
 * How do the facts of a run read as a story?
 * Past tense, bold subject and verb, evidence below. One item per fact that people care about; the rest stays in the facts.
 */
import { sourceLabel } from '../match/title.ts'
import { revealed } from '../policy/hidden.ts'
import type { Fact } from '../run/facts.ts'
import { unapprovedWords } from '../run/merged-unapproved.ts'
import { effectDid, effectDoes } from './effect-words.ts'
import { askedAbout } from './question-words.ts'
import type { TimelineItem } from './shapes.ts'

type Told = Omit<TimelineItem, 'seq' | 'at'>
const short = (digest: string): string => `${digest.slice(0, 6)}…${digest.slice(-4)}`
const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`
const branch = (ref: string): string => ref.replace(/^refs\/heads\//, '')
const seconds = (millis: number): string =>
  millis < 1_000
    ? `${millis} ms`
    : millis < 60_000
      ? `${(millis / 1_000).toFixed(1)} s`
      : `${Math.floor(millis / 60_000)} min ${Math.round((millis % 60_000) / 1_000)} s`
const dot = (tone: Told['tone'], bold: string, rest = '', evidence: string | null = null): Told => ({
  mark: 'dot',
  tone,
  name: '',
  bold,
  rest,
  evidence,
  gate: null,
  body: null,
  url: null,
  indent: false,
})

/** What each kind of gate is about, in the sentence "… approved the plan". */
const objects: Readonly<Record<string, string>> = {
  plan: ' the plan',
  change: ' the change',
  command: ' the command',
  action: ' the action',
}

/** What a person did with a verdict. */
export const sayVerdict = {
  approve: 'approved',
  request_changes: 'requested changes',
  reject: 'rejected',
  answer: 'answered',
} as const

type Asked = { kind: string; at: number; required: number; approvals: number }

/** What is proposed to be done outside, by its intent: the action and its target. */
type Intents = Readonly<Record<string, { readonly action: string; readonly target: string }>>

/** The story of these facts; `agents` names the agent of each step (from the run spec), `intents` what each effect is (from the state: the facts may be the last ones alone). */
export const timeline = (
  facts: readonly Fact[],
  agents: Readonly<Record<string, string>>,
  intents: Intents,
): TimelineItem[] => {
  const gates = new Map<string, Asked>()
  return facts.flatMap((fact) => {
    if (fact.type === 'gate.opened')
      gates.set(fact.data.gate, { kind: fact.data.kind, at: fact.at, required: fact.data.required, approvals: 0 })
    const withdrawn = fact.type === 'decision.withdrawn' ? gates.get(fact.data.gate) : undefined
    if (withdrawn && withdrawn.approvals > 0) withdrawn.approvals -= 1
    const told = tell(fact, agents, intents)
    if (!told) return []
    return [
      { seq: fact.seq, at: fact.at, ...told, ...(fact.type === 'decision.made' ? decided(fact, told, gates) : {}) },
    ]
  })
}

/** What was decided on, which vote it was, and how long people had it. */
const decided = (fact: Fact<'decision.made'>, told: Told, gates: ReadonlyMap<string, Asked>): Pick<Told, 'rest'> => {
  const gate = gates.get(fact.data.gate)
  const { verdict } = fact.data
  if (!gate || (verdict !== 'approve' && verdict !== 'reject')) return told
  if (verdict === 'approve') gate.approvals += 1
  const votes = gate.required > 1 && verdict === 'approve' ? `, ${gate.approvals} of ${gate.required}` : ''
  return { rest: `${objects[gate.kind] ?? ''}${votes} after ${seconds(fact.at - gate.at)}${told.rest}` }
}

/** An effect that goes through another connection than the run used before. One that goes where it always did needs no line. */
const wentOn = (through: Fact<'effect.started'>['data']['through']): Told | null =>
  through?.instead === undefined
    ? null
    : dot(
        'run',
        `It goes on through the connection ${through.name}`,
        '',
        `${through.instead}, which it used before, was removed; ${through.name} is at the same server.`,
      )

const tell = (fact: Fact, agents: Readonly<Record<string, string>>, intents: Intents): Told | null => {
  const who = fact.by.kind === 'system' ? 'Viewport' : fact.by.name
  const agent = (step: string): string => agents[step] ?? 'checks'
  const actionOf = (intent: string): string => intents[intent]?.action ?? 'act outside'
  switch (fact.type) {
    case 'run.started': {
      const { spec, tainted } = fact.data
      return {
        ...dot(
          tainted ? 'taint' : 'done',
          `${sourceLabel(spec.event)} started ${spec.workflow.name}`,
          ` v${spec.workflow.version}`,
          `${spec.requester.name}${tainted ? '. Outside text reached it: tainted' : ''}. Run spec ${short(fact.data.specDigest)}.`,
        ),
      }
    }
    case 'run.cancel_requested':
      return {
        ...dot('stop', `${who} stopped the run`, '', fact.data.reason || null),
        mark: fact.by.kind === 'person' ? 'person' : 'dot',
        name: who,
      }
    case 'run.moved':
      return {
        ...dot('idle', `${who} moved the run`, fact.data.to ? ' to another runner' : ': any runner may take it'),
        mark: 'person',
        name: who,
      }
    case 'run.finished': {
      const tone = fact.data.outcome === 'succeeded' ? 'done' : 'stop'
      return dot(tone, `The run ended: ${fact.data.outcome}`, '', fact.data.why)
    }
    case 'repo.pinned':
      return dot('done', `${fact.data.repo} pinned`, ` at ${fact.data.commit.slice(0, 8)}`, branch(fact.data.ref))
    case 'step.started':
      return fact.data.agent
        ? {
            ...dot(
              'run',
              `${fact.data.agent.name} ${fact.data.resumed ? 'went on with' : 'began'} ${fact.data.step}`,
              fact.data.attempt > 1 ? `, attempt ${fact.data.attempt}` : '',
              `${who}. Isolation ${fact.data.isolation.level}, processes ${fact.data.isolation.processes === 'pid-namespace' ? 'in a namespace of their own' : 'swept afterwards'}.${untested(fact.data.agent)}`,
            ),
            mark: 'agent',
            name: fact.data.agent.name,
          }
        : dot('run', 'Checks began', fact.data.attempt > 1 ? `, attempt ${fact.data.attempt}` : '', who)
    case 'context.resolved':
      return dot(
        'done',
        `Context resolved, ${plural(fact.data.items.length, 'item')}`,
        '',
        `${fact.data.tokens} tokens.${fact.data.missing.length ? ` Missing: ${fact.data.missing.map((m) => m.wish).join(', ')}.` : ''}`,
      )
    case 'settings.resolved': {
      const { repo, commit, files, hooks, servers, left, why } = fact.data
      return why === null
        ? dot(
            'wait',
            `${agent(fact.data.step)} loaded settings of ${repo}`,
            ` at ${commit.slice(0, 8)}`,
            `${files.map((file) => `${file.path} ${short(file.digest)}`).join(', ') || 'None are there'}: ${plural(hooks, 'hook')}, ${plural(servers.length, 'server')}${servers.length ? ` (${servers.join(', ')})` : ''}.${left.length ? ` Left out: ${left.join('; ')}.` : ''}`,
          )
        : dot('idle', `${agent(fact.data.step)} loaded no settings of ${repo}`, '', why)
    }
    case 'context.cited':
      return dot(
        'done',
        `${plural(fact.data.used.length, 'context item')} cited`,
        fact.data.unknown.length ? `, ${fact.data.unknown.length} unknown` : '',
      )
    case 'push.recorded':
      return {
        ...dot(
          'wait',
          'Push recorded',
          ', not sent',
          `${branch(fact.data.ref)}, tree ${fact.data.change.tree.slice(0, 8)}. The agent holds no key.`,
        ),
        body: fact.data.patch,
      }
    case 'ask.recorded':
      return {
        ...dot(
          'wait',
          `${agent(fact.data.step)} asked`,
          fact.data.argv ? ' to run a command' : ' a question',
          fact.data.argv ? JSON.stringify(fact.data.argv) : fact.data.reason,
        ),
        mark: 'agent',
        name: agent(fact.data.step),
        body: fact.data.question,
      }
    case 'step.parked':
      return dot('idle', `${fact.data.step} parked`, '', 'Process ended, session kept on the runner.')
    case 'step.finished':
      return finished(fact, agent(fact.data.step))
    case 'step.failed':
      return {
        ...dot(
          'stop',
          `${fact.data.step} failed`,
          '',
          `${fact.data.failure.summary} ${fact.data.failure.check}`.trim(),
        ),
        body: fact.data.log,
      }
    case 'step.lost':
      return dot('stop', `The runner was lost during ${fact.data.step}`, '', fact.data.why)
    case 'step.reopened': {
      const why = {
        changes_requested: 'a reviewer asked for changes',
        checks_failed: 'the checks were red',
        answer: 'a person answered',
        restart: 'it starts again',
        review: 'a review of the open change asked for it',
        ci: 'the checks of the forge failed',
      }[fact.data.because]
      return {
        ...dot(
          'run',
          `${fact.data.step} was sent back`,
          fact.data.because === 'checks_failed' ? '' : `, round ${fact.data.round}`,
          `Because ${why}.`,
        ),
        indent: fact.data.because === 'checks_failed',
      }
    }
    case 'gate.opened':
      return {
        ...dot(
          'wait',
          openedWords(fact.data),
          '',
          `${whyAsked(fact.data)} ${keptWords(fact.data.kept?.people.length ?? 0)}Digest ${short(fact.data.digest)}.`,
        ),
        gate: fact.data.gate,
        body: fact.data.body,
      }
    case 'decision.made': {
      const tone = fact.data.verdict === 'reject' ? 'stop' : fact.data.verdict === 'request_changes' ? 'wait' : 'done'
      const said = fact.data.comment ?? fact.data.answer?.text ?? (fact.data.answer ? fact.data.answer.choice : null)
      const lines = fact.data.lines.length ? ` ${plural(fact.data.lines.length, 'line comment')}.` : ''
      return {
        mark: 'person',
        tone,
        name: who,
        bold: `${who} ${sayVerdict[fact.data.verdict]}`,
        rest: `${fact.data.selfApproved ? ', self-approved' : ''}${fact.data.via.surface === 'sample' ? ', by --yes in the sample workspace' : ''}`,
        evidence: `${said ? `“${said.slice(0, 400)}” ` : ''}${lines}Saw ${short(fact.data.digest)}, ${fact.data.via.auth} in ${fact.data.via.surface}.`,
        gate: fact.data.gate,
        body: null,
        url: null,
        indent: false,
      }
    }
    case 'decision.withdrawn':
      return { ...dot('wait', `${who} withdrew the vote`), mark: 'person', name: who, gate: fact.data.gate }
    case 'decision.refused':
      return {
        ...dot('stop', `A decision of ${who} was refused`, '', fact.data.words),
        mark: 'person',
        name: who,
        gate: fact.data.gate,
      }
    case 'gate.reminded':
      return { ...dot('idle', 'Reminder: nobody has decided yet'), gate: fact.data.gate }
    case 'gate.escalated':
      return {
        ...dot('wait', 'The gate was escalated', '', `Also asked: ${fact.data.approvers.join(', ')}.`),
        gate: fact.data.gate,
      }
    case 'gate.closed':
      return fact.data.outcome === 'superseded' || fact.data.outcome === 'expired' || fact.data.outcome === 'cancelled'
        ? {
            ...dot(
              fact.data.outcome === 'expired' ? 'stop' : 'idle',
              `The gate closed: ${fact.data.outcome}`,
              '',
              fact.data.why,
            ),
            gate: fact.data.gate,
          }
        : null
    case 'intent.proposed':
      return null
    case 'intent.approved':
      return null
    case 'intent.rehearsed':
      return dot(
        'idle',
        'Rehearsed',
        ': shown, and not done',
        'It was started with a sample event, so nothing outside happens.',
      )
    case 'run.routed':
      return dot('done', 'It is known where', `: ${fact.data.label}`, null)
    case 'effect.started':
      return fact.by.kind === 'runner'
        ? dot(
            'run',
            `${who} began to ${effectDoes(actionOf(fact.data.intent))}`,
            fact.data.attempt > 1 ? `, attempt ${fact.data.attempt}: it looks first` : '',
          )
        : wentOn(fact.data.through)
    case 'effect.succeeded': {
      const { receipt, reconciled } = fact.data
      const commit = receipt.observed['commit']
      const inViewport = receipt.provider === 'viewport'
      return {
        ...dot(
          'done',
          inViewport
            ? 'Change opened in Viewport'
            : `${who} ${effectDid(actionOf(fact.data.intent), intents[fact.data.intent]?.target ?? '', receipt)}`,
          reconciled ? ', found already done' : '',
          `Receipt ${receipt.provider} ${receipt.id.slice(0, 80)}${typeof commit === 'string' ? `, head ${commit.slice(0, 8)}` : ''}${receipt.readBack ? ', read back' : ''}.`,
        ),
        url: inViewport ? null : receipt.url,
      }
    }
    case 'effect.failed':
      return dot(
        'stop',
        `It failed to ${effectDoes(actionOf(fact.data.intent))}`,
        '',
        `${fact.data.failure.summary} ${fact.data.failure.check}`.trim(),
      )
    case 'effect.unknown':
      return dot(
        'wait',
        `It tried to ${effectDoes(actionOf(fact.data.intent))}`,
        ': whether that happened is not known',
        `${fact.data.why} It is looked up before anything is sent again.`,
      )
    case 'effect.settled': {
      const { how, url, reason } = fact.data
      return {
        ...dot(
          how === 'done' ? 'done' : 'stop',
          `${who} ${how === 'done' ? 'saw the effect done' : 'gave the effect up'}`,
          '',
          `${reason}${url !== null && !reason.includes(url) ? ` ${url}` : ''}`.trim(),
        ),
        mark: 'person',
      }
    }
    case 'change.opened':
      return null
    case 'change.merge_requested':
      return {
        ...dot('run', `${who} asked to merge`, '', `Saw ${short(fact.data.digest)}.`),
        mark: 'person',
        name: who,
      }
    case 'change.merged':
      return dot(
        'done',
        'The change is merged',
        '',
        `Commit ${fact.data.commit.slice(0, 8)}. Whether it is taken back later is not looked for: no forge tells it.`,
      )
    case 'change.abandoned':
      return {
        ...dot('stop', `${who} closed the change`, '', fact.data.why),
        mark: fact.by.kind === 'person' ? 'person' : 'dot',
        name: who,
      }
    case 'run.resumed':
      return dot(
        'run',
        'The run went on',
        '',
        fact.data.because === 'ci' ? 'The checks of the forge failed.' : 'A review asked for changes.',
      )
    case 'run.held':
      return dot('wait', 'A breaker tripped', ': nothing began', fact.data.why)
    case 'run.tainted':
      return dot('taint', 'Outside text reached the run', '', fact.data.why)
    case 'review.heard': {
      const { verdict, name, text, lines, tool, ref, acted, why, head } = fact.data
      const said = {
        approve: 'approved',
        request_changes: 'asked for changes',
        comment: 'commented',
        dismissed: 'had a review dismissed',
      }
      return {
        ...dot(
          verdict === 'approve' ? 'done' : acted ? 'wait' : 'idle',
          `${name} ${said[verdict]}`,
          ` on ${tool === 'viewport' ? 'the change' : ref}`,
          `${text ? `“${revealed(text).slice(0, 400)}” ` : ''}${lines.length ? `${plural(lines.length, 'line comment')}. ` : ''}${head ? `At ${head.slice(0, 8)}. ` : ''}${acted ? '' : why}${!acted && why?.includes(' told of it') ? '' : toldBy(fact)}`.trim(),
        ),
        mark: 'person',
        name,
      }
    }
    case 'check.told': {
      const { name, state, head, early } = fact.data
      const waits = early === undefined ? '' : ' It waits for the push that is under way to name its commit.'
      return dot(state === 'passed' ? 'idle' : 'stop', `${name}: ${state}`, '', `At ${head.slice(0, 8)}.${waits}`)
    }
    case 'checks.heard': {
      const { outcome, total, failed, head, tool, why } = fact.data
      const words = {
        passed: `${plural(total, 'check')} passed`,
        failed: `${failed.map((one) => one.name).join(', ')} failed`,
        none: 'No check was reported',
        unfinished: 'The checks take too long to wait for',
        unseen: 'The checks could not be seen',
        running: 'Checks run again',
      }[outcome]
      return dot(
        outcome === 'passed'
          ? 'done'
          : outcome === 'failed'
            ? 'stop'
            : outcome === 'unseen' || outcome === 'running'
              ? 'wait'
              : 'idle',
        words,
        ` on ${tool}`,
        `At ${head.slice(0, 8)}.${why === undefined ? '' : ` ${why}`}${toldBy(fact)}`,
      )
    }
    case 'pull.merged': {
      const { name, ref, commit, head, unapproved } = fact.data
      const without = unapproved && head !== undefined ? ` ${unapprovedWords(unapproved, head)}` : ''
      return dot(
        without === '' ? 'done' : 'stop',
        `${name} merged ${ref}`,
        without,
        `${commit ? `Commit ${commit.slice(0, 8)}.` : ''}${toldBy(fact)}`.trim() || null,
      )
    }
    case 'pull.closed':
      return dot('stop', `${fact.data.name} closed ${fact.data.ref}`, ' without merging', toldBy(fact).trim() || null)
    case 'pull.reopened':
      return dot('run', `${fact.data.ref} was opened again`, '', toldBy(fact).trim() || null)
    case 'pull.moved':
      return dot(
        'stop',
        `Somebody else pushed to ${fact.data.ref}`,
        '',
        `It shows ${fact.data.head.slice(0, 8)}, which nobody approved here.${toldBy(fact)}`,
      )
    case 'pull.reverted':
      return dot('stop', `${fact.data.ref} was reverted`, '', `By ${fact.data.commit.slice(0, 8)}.${toldBy(fact)}`)
    case 'refusal.recorded':
      return dot('stop', 'Refused', `: ${fact.data.code.replaceAll('_', ' ')}`, fact.data.words)
  }
}

/** Whose word it is, where no forge was asked by the control plane itself. */
const toldBy = ({ by }: Pick<Fact, 'by'>): string => (by.kind === 'runner' ? ` The runner ${by.name} told of it.` : '')

/** Approvals that were given before the checks ran again, and stand. */
const keptWords = (count: number): string =>
  count === 0
    ? ''
    : `${count === 1 ? 'One approval' : `${count} approvals`} of exactly this, from before its checks ran again, ${count === 1 ? 'stands' : 'stand'}. `

/** The reason without the gate's own name in front, which stands above it already. */
/** A gate by the name that the workflow gives it, a question by what it is about. */
const openedWords = ({ kind, name }: { kind: string; name: string }): string => {
  const about = kind === 'question' ? askedAbout(name) : null
  return about === null ? `${name} opened` : `The run asked about ${about}`
}

const whyAsked = ({ name, why }: { name: string; why: string }): string => {
  const rest = why.startsWith(`${name}: `) ? why.slice(name.length + 2) : why
  return rest.charAt(0).toUpperCase() + rest.slice(1)
}

/** A warning about an agent that the runner's vpd was not tried with. A command of the owner's has no version that could be. */
const untested = ({ version, tested }: NonNullable<Fact<'step.started'>['data']['agent']>): string =>
  tested || version === null ? '' : ` Version ${version} is not one that vpd was tested with.`

const finished = (fact: Fact<'step.finished'>, agent: string): Told => {
  const { result, usage, millis } = fact.data
  const used = usage.models ? ` With ${usage.models.map(({ model }) => model).join(', ')}.` : ''
  const cost = `${usage.usdMicros === null ? '' : ` $${(usage.usdMicros / 1_000_000).toFixed(2)}.`}${used}`
  if (result.kind === 'plan')
    return {
      ...dot(
        'done',
        `${agent} planned`,
        ` ${plural(result.steps, 'step')}, ${plural(result.files.length, 'file')}`,
        `${seconds(millis)}.${cost}`,
      ),
      mark: 'agent',
      name: agent,
      body: result.body,
    }
  if (result.kind === 'change')
    return {
      ...dot(
        'done',
        result.change ? `${agent} changed ${plural(result.change.files.length, 'file')}` : `${agent} changed nothing`,
        '',
        `${result.change ? `Tree ${result.change.tree.slice(0, 8)}. ` : ''}${seconds(millis)}.${cost}`,
      ),
      mark: 'agent',
      name: agent,
      body: result.patch,
    }
  if (result.kind === 'text')
    return {
      ...dot('done', `${agent} finished ${fact.data.step}`, '', `${seconds(millis)}.${cost}`),
      mark: 'agent',
      name: agent,
      body: result.body,
    }
  const counts = result.commands.flatMap((c) => (c.tests ? [c.tests] : []))
  const sum = counts.length
    ? `${counts.reduce((n, c) => n + c.passed, 0)} passed, ${counts.reduce((n, c) => n + c.failed, 0)} failed. `
    : ''
  if (!result.found) return dot('wait', 'No checks were found')
  return dot(
    result.passed ? 'done' : 'stop',
    result.passed ? 'Checks passed' : 'Checks failed',
    result.round > 1 ? ` in round ${result.round}` : '',
    `${sum}${result.commands.map((c) => c.command).join(', ')}. ${seconds(millis)}.`,
  )
}
