/**
 * How does a run read as one row of the board?
 * Two halves: `boardRow` from the state alone (kept as a cache beside the facts, principals by id), and `namedRow`, which puts names to principals when it is shown.
 */
import { runTitle, sourceLabel } from '../match/title.ts'
import { due } from '../run/due.ts'
import { isDone, openAsks, runUsage, type GateState, type RunState, type StepState } from '../run/state.ts'
import type { Step } from '../workflow/compiled.ts'
import { resultWord } from '../workflow/result-word.ts'
import type { BoardRow, Chip } from './shapes.ts'

/** Present participle of what an agent step does. */
const doing = { plan: 'planning', read: 'reading', edit: 'implementing', review: 'reviewing' } as const
const verbs = { plan: 'plan', read: 'read', edit: 'implement', review: 'review' } as const
/** What an action brings, on its chip. */
const results: Record<string, string> = {
  'github.open_pr': 'PR',
  'git.open_change': 'change',
  'git.merge': 'merge',
  'slack.comment': 'reply',
}

/** The row of a run; names of people and teams are still principals (`user:…`, `team:…`). */
export const boardRow = (state: RunState): BoardRow => {
  const open = Object.values(state.gates).filter((g) => g.state === 'open')
  const first = open[0] ?? null
  const compiled = state.spec.workflow.compiled
  return {
    run: state.run,
    number: state.number,
    group: state.finished ? 'finished' : first ? 'waiting' : 'running',
    source: sourceLabel(state.spec.event),
    result: resultWord(compiled),
    title: runTitle(state.spec.event),
    workflow: state.spec.workflow.name,
    state: wordsOf(state, first),
    chips: compiled.steps
      .filter((s) => s.kind !== 'run' || state.steps[s.id]?.status !== 'open')
      .map((s) => chipOf(state, s)),
    context: compiled.context.map((w) =>
      w.kind === 'name' ? w.name : w.kind === 'paths' ? w.repo : `history of ${w.of}`,
    ),
    usage: runUsage(state),
    tainted: state.tainted,
    rehearsal: state.spec.rehearsal !== undefined,
    startedAt: state.startedAt,
    finishedAt: state.finished?.at ?? null,
    waitingSince: first?.openedAt ?? null,
    awaits: first ? waitsFor(first) : [],
    gate: first?.id ?? null,
    runner: state.runner,
    why: null,
  }
}

/** Approvers who may still vote at a gate. */
const waitsFor = (gate: GateState): string[] =>
  gate.approvers.filter(
    (p) => !gate.excluded.some((e) => `user:${e.person}` === p) && !gate.votes.some((v) => `user:${v.person}` === p),
  )

/** How what the run published stands, once its work is done. */
const published = ({ pull, change }: RunState): BoardRow['state'] => {
  if (pull?.reverted) return { tone: 'stop', words: 'reverted' }
  if (pull?.state === 'closed') return { tone: 'stop', words: 'closed unmerged' }
  if (pull?.unapproved) return { tone: 'stop', words: 'merged unapproved' }
  if (pull?.state === 'merged' || change?.state === 'merged') return { tone: 'done', words: 'merged' }
  if (pull) return { tone: 'done', words: pull.draft ? 'draft open' : 'pull request open' }
  return { tone: 'done', words: change ? 'change open' : 'done' }
}

const wordsOf = (state: RunState, gate: GateState | null): BoardRow['state'] => {
  if (state.finished) {
    const { outcome } = state.finished
    if (outcome === 'succeeded')
      return state.spec.rehearsal !== undefined ? { tone: 'done', words: 'rehearsed' } : published(state)
    return { tone: 'stop', words: outcome === 'rejected' ? 'refused' : outcome }
  }
  if (state.cancelling) return { tone: 'stop', words: 'stopping' }
  if (gate) return { tone: 'wait', words: gate.kind === 'command' || gate.kind === 'question' ? 'asks' : 'awaiting' }
  const effect = Object.values(state.intents).find((i) => i.state === 'executing')
  if (effect)
    return {
      tone: 'run',
      words: effect.action === 'git.push' ? 'pushing' : effect.action === 'git.merge' ? 'merging' : effect.action,
    }
  for (const spec of state.spec.workflow.compiled.steps) {
    const step = state.steps[spec.id]
    if (step?.status === 'running') return { tone: 'run', words: spec.kind === 'agent' ? doing[spec.mode] : 'checking' }
  }
  return due(state).some((d) => d.kind === 'work')
    ? { tone: 'idle', words: 'queued' }
    : { tone: 'run', words: 'going on' }
}

const toneOf = (step: StepState, done: boolean): Chip['state'] => {
  if (done) return 'done'
  if (step.status === 'running') return 'run'
  if (step.status === 'failed' || step.status === 'lost') return 'stop'
  return step.status === 'open' ? 'later' : 'wait'
}

const chipOf = (state: RunState, spec: Step): Chip => {
  const step = state.steps[spec.id]!
  const done = isDone(state, spec.id)
  const tone: Chip['state'] = openAsks(state, spec.id).length
    ? 'wait'
    : state.finished && !done && step.status !== 'open'
      ? 'stop'
      : toneOf(step, done)
  if (spec.kind === 'agent')
    return {
      actor: 'agent',
      name: state.spec.pins.agents[spec.id] ?? spec.agent ?? 'agent',
      verb: verbs[spec.mode],
      state: tone,
      step: spec.id,
    }
  if (spec.kind === 'run') return { actor: 'system', name: 'checks', verb: '', state: tone, step: spec.id }
  if (spec.kind === 'gate') {
    const gate = step.gate ? state.gates[step.gate] : undefined
    const voter = gate?.votes.findLast((v) => v.verdict === 'approve' || v.verdict === 'reject')
    return {
      actor: 'person',
      name: voter ? `user:${voter.person}` : (spec.approvers[0] ?? 'team'),
      verb: 'approve',
      state: tone,
      step: spec.id,
    }
  }
  if (spec.kind === 'action') {
    const doing = state.intents[step.intent ?? '']?.state
    return {
      actor: 'result',
      name: results[spec.action] ?? spec.action,
      verb: '',
      state: tone === 'wait' ? (doing === 'failed' ? 'stop' : 'run') : tone,
      step: spec.id,
    }
  }
  return { actor: 'result', name: 'note', verb: '', state: tone, step: spec.id }
}

/** Names for principals: what a page shows, and which people hold them. */
export type Names = { label(principal: string): string; people(principal: string): string[] }

/** The row as it is shown: principals named, "awaiting @jess" spelled out, `awaits` as people's ids. */
export const namedRow = (row: BoardRow, names: Names): BoardRow => {
  const labels = row.awaits.map((p) => names.label(p))
  const listed = labels.length > 2 ? `${labels[0]} and ${labels.length - 1} more` : labels.join(' or ')
  return {
    ...row,
    state: row.group === 'waiting' && listed ? { ...row.state, words: `${row.state.words} ${listed}` } : row.state,
    chips: row.chips.map((c) => (c.actor === 'person' ? { ...c, name: names.label(c.name) } : c)),
    awaits: [...new Set(row.awaits.flatMap((p) => names.people(p)))],
  }
}
