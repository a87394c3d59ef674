/**
 * What does a look at the pull request bring that was not heard before?
 * People count by the account that is mapped to them; of others it is kept what they said, and nothing follows from it.
 * Where a runner looked it is a runner's word: it sends work back and ends it, and it never approves (docs/decisions/026).
 */
import { changeDigest } from '../gate/subject.ts'
import { revealed } from '../policy/hidden.ts'
import { refuse } from '../refusal.ts'
import { branchOf, targetRef } from './action-inputs.ts'
import { no, yes, type Answer } from './answer.ts'
import { decideGate, mayNot, mayWithdraw } from './decide-gate.ts'
import type { Command, Decider } from './command.ts'
import { closeGates } from './consequence.ts'
import { draftBefore } from './draft-first.ts'
import type { Actor, Draft, FactOf } from './facts.ts'
import { taintAskedAnew } from './holds.ts'
import { toldChars } from './moved-words.ts'
import { cardGap, outsideRoom, shownWords, wordsOnCard } from './shown-words.ts'
import { unapprovedAt } from './merged-unapproved.ts'
import { asToldBy, endsByItsWord } from './told-by-runner.ts'
import { toldFailures, toldOf, withRoom } from './told-check.ts'
import type { CheckSeen, ForgeAccount, PullSeen, ReviewSeen } from './pull-seen.ts'
import { checksName, pushedHead, pushedHeads, reviewName } from './pull-standing.ts'
import type { PullState } from './pull-state.ts'
import { stepSpec, type GateState, type RunState } from './state.ts'

type Of<K extends Command['do']> = Extract<Command, { do: K }>
const system = { kind: 'system' } as const

/** So long (ms) after a push a head without any check may still get one. */
const checksBeginWithin = 180_000
/** So long (ms) after a push people are not kept waiting for checks that do not end. */
const checksEndWithin = 3_600_000
/** A check that failed waits so long (ms) for the others, so that one round mends all. */
const othersWithin = 600_000

/** The facts of one look. Asked again with the same look it brings none. */
export const hear = (state: RunState, { seen: raw, at, toldBy: told }: Of<'hear'>): Answer => {
  const { pull } = state
  const toldBy = told ?? null
  const seen = toldBy === null ? raw : asToldBy(state, toldBy.id, raw)
  const { drafts, refusal } = heardOf(state, pull, seen, { at, toldBy })
  // Whatever accounts and names are in it: the one who said it is the runner.
  return { drafts: toldBy === null ? drafts : drafts.map((one) => saidBy(one, toldBy)), refusal }
}

const saidBy = (draft: Draft, { id, name }: ToldBy): Draft =>
  ofLook.has(draft.type) ? { ...draft, by: { kind: 'runner', id, name } } : draft
const ofLook = new Set<Draft['type']>([
  'review.heard',
  'checks.heard',
  'pull.merged',
  'pull.closed',
  'pull.reopened',
  'pull.moved',
  'pull.reverted',
])

type ToldBy = NonNullable<Of<'hear'>['toldBy']>
type Telling = { readonly at: number; readonly toldBy: ToldBy | null }

const heardOf = (state: RunState, pull: PullState | null, seen: PullSeen, { at, toldBy }: Telling): Answer => {
  if (pull?.ref !== seen.ref) return no(refuse('not_found', { what: 'pull request', id: seen.ref }))
  // What another runner told of an ended run is shown, and is nobody's last word: it keeps nothing from being heard for good.
  const isTakenBack = pull.unsure && pull.state === 'merged' && seen.state !== 'merged' && knowsBetter(state, toldBy)
  if (isTakenBack) {
    const { drafts, refusal } = heardOf(state, { ...pull, state: 'open', unsure: false }, seen, { at, toldBy })
    const reopened: Draft = { type: 'pull.reopened', by: system, data: { ref: pull.ref } }
    return { drafts: seen.state === 'open' ? [reopened, ...drafts] : drafts, refusal }
  }
  const standing = stands(state, pull, seen, toldBy)
  if (pull.state === 'merged') return yes(standing)
  // Between two looks somebody may have pushed and merged: then what was merged is another commit than anybody here has seen.
  if (seen.state === 'merged') return yes([...moved(state, pull, seen), ...standing])
  const heard = reviews(state, pull, seen, toldBy)
  const used = heard.reduce((sum, one) => sum + cardRoom(one), 0)
  const isBelieved = toldBy === null || endsByItsWord(state, toldBy.id)
  const said = checks(state, pull, seen, { at, used, isBelieved })
  return yes([
    ...moved(state, pull, seen),
    ...heard,
    ...askedAnew(state, pull, said),
    ...([...heard, ...said].some(({ type }) => type === 'run.tainted') ? taintAskedAnew(state) : []),
    ...standing,
  ])
}

/** Whoever reads an open gate that tells of the draft's checks has not read that they went otherwise: it closes, and is asked anew when they have ended. */
const askedAnew = (state: RunState, pull: PullState, said: Draft[]): Draft[] =>
  said.length === 0
    ? []
    : [...said, ...closeGates(openOnDraft(state, pull), 'superseded', 'The checks of the draft went otherwise since.')]

/** The forge's own word, or that of the runner that works on the run. */
const knowsBetter = ({ runner }: RunState, toldBy: ToldBy | null): boolean => toldBy === null || toldBy.id === runner

/** Merged is the last word, whatever an older look says after it. What only another runner told is told once more by who knows better. */
const stands = (state: RunState, pull: PullState, seen: PullSeen, toldBy: ToldBy | null): Draft[] => {
  const { ref } = pull
  const by = actorOf(seen.by)
  const name = seen.by?.name ?? 'somebody'
  const without = unapprovedAt(state, pull, seen.head)
  const merged: Draft[] =
    seen.state === 'merged' && (pull.state !== 'merged' || (pull.unsure && knowsBetter(state, toldBy)))
      ? [
          {
            type: 'pull.merged',
            by,
            data: { ref, name, commit: seen.commit, head: seen.head, ...(without && { unapproved: without }) },
          },
        ]
      : []
  const reverted: Draft[] =
    seen.state === 'merged' && seen.reverted && !pull.reverted
      ? [{ type: 'pull.reverted', by: system, data: { ref, ...seen.reverted } }]
      : []
  if (pull.state === 'open' && seen.state === 'closed') return [{ type: 'pull.closed', by, data: { ref, name } }]
  if (pull.state === 'closed' && seen.state === 'open') return [{ type: 'pull.reopened', by: system, data: { ref } }]
  return [...merged, ...reverted]
}

const actorOf = (who: ForgeAccount | null): Actor => {
  if (who === null) return system
  return who.person === null
    ? { kind: 'outside', id: who.account, name: who.name }
    : { kind: 'person', id: who.person, name: who.name }
}

const moved = (state: RunState, pull: PullState, { head }: PullSeen): Draft[] =>
  pushedHeads(state, pull.repo).has(head) || pull.moved === head
    ? []
    : [{ type: 'pull.moved', by: system, data: { ref: pull.ref, head } }]

const reviews = (state: RunState, pull: PullState, seen: PullSeen, toldBy: ToldBy | null): Draft[] => {
  // What a runner told of its own run is asked about when the run is moved: then all of it stands on one card.
  let held = (state.cleared || !state.taint ? 0 : revealed(state.taint.text).length + cardGap.length) + toldChars(state)
  return seen.reviews
    .filter((one) => !pull.heard.includes(reviewName({ review: one.id, verdict: one.verdict })))
    .toSorted((a, b) => a.at - b.at)
    .flatMap((one): Draft[] => {
      const { acted, why } = isActedOn(state, one, toldBy)
      const { who, id: review, verdict, head, text, lines, url } = one
      const heard = (over: Pick<FactOf<'review.heard'>, 'acted' | 'why' | 'outside' | 'given'>): Draft => ({
        type: 'review.heard',
        by: actorOf(who),
        data: { tool: pull.tool, ref: pull.ref, review, ...who, verdict, head, text, lines, url, ...over },
      })
      if (!acted || (!one.edited && toldBy === null)) return [heard({ acted, why })]
      const words = shownWords(one, outsideRoom - held - who.name.length - 2)
      if (words === null) return [heard({ acted: false, why: one.edited ? tooMuch : tooMuchTold })]
      const card = wordsOnCard(words)
      held += revealed(`${who.name}: ${card}`).length + cardGap.length
      return one.edited
        ? [heard({ acted, why, outside: words }), tainted(one, toldBy, card)]
        : [heard({ acted, why, given: words })]
    })
}

const tooMuch =
  'Somebody else may have changed its words, and more of such waits to be read than one question can show: shown, not acted on. Say it again once that is decided.'

const tooMuchTold =
  'More words that only a runner told of wait for the agent than one question can show: shown, not acted on. Say it again once the step has been done with them.'

const tainted = ({ who }: ReviewSeen, toldBy: ToldBy | null, card: string): Draft => ({
  type: 'run.tainted',
  by: system,
  data: {
    why: (toldBy === null
      ? `Somebody else than ${who.name} may have changed the words of their review.`
      : `The words of the review by ${who.name} came from the runner ${toldBy.name}: it does not work on this run, or somebody else may have changed them.`
    ).slice(0, 1_000),
    account: who.account,
    text: card,
  },
})

/** Does it send the step back, and why (not)? */
const isActedOn = (
  state: RunState,
  { who, verdict, text, lines, ours, onChange }: ReviewSeen,
  toldBy: ToldBy | null,
): { acted: boolean; why: string } => {
  const not = (why: string) => ({ acted: false, why })
  if (ours) return not('It carries the mark of Viewport itself.')
  if (who.person === null) return not(`${who.name} is mapped to no person of the workspace: shown, not acted on.`)
  if (state.finished && state.finished.outcome !== 'succeeded') return not('The run had ended.')
  if (verdict === 'approve')
    return not(
      toldBy === null
        ? 'An approval counts where a gate asks about exactly this commit.'
        : `The runner ${toldBy.name} told of it, and no runner's word is a vote: approve in Viewport.`,
    )
  if (verdict === 'dismissed') return not('A dismissed review asks for nothing.')
  if (verdict === 'comment' && text.trim() === '' && lines.length === 0) return not('It says nothing.')
  // Thanks, or talk: at every forge a person says with a comment on the change, or with their verdict, that something is to be done.
  if (verdict === 'comment' && !onChange)
    return not(
      'A comment beside the change asks for nothing. To send it back, comment on its lines or request changes.',
    )
  return { acted: true, why: `${who.name} is a person of the workspace.` }
}

/** How many characters of outside text this fact puts on the card of the question. */
const cardRoom = (fact: Draft): number => {
  const given = fact.type === 'review.heard' ? fact.data.given : undefined
  const text = fact.type === 'run.tainted' ? fact.data.text : given && wordsOnCard(given)
  return text === undefined ? 0 : revealed(text).length + cardGap.length
}

/** `isBelieved`: also that they passed, or that nobody need wait for them; else failures alone are heard. */
type Checking = { readonly at: number; readonly used: number; readonly isBelieved: boolean }
const checks = (state: RunState, pull: PullState, seen: PullSeen, { at, used, isBelieved }: Checking): Draft[] => {
  const pushed = pushedHead(state, pull.repo)
  if (!pushed || pushed.commit !== seen.head) return [] // of another commit nothing is said of ours
  const theirs = seen.checks.filter((one) => !isOwnCheck(state, one, pushed))
  const { head } = seen
  const before = pull.checks?.head === head ? pull.checks : null
  // A failure that CI told by itself counts beside them; a pass of that kind only takes such a failure back (docs/decisions/036).
  const told = toldFailures(state, head)
  const all = [...theirs, ...told.map((one) => ({ ...one, state: 'failed' as const, intent: null }))]
  const ended = outcomeOf(all, seen.unseen, at - (before?.since ?? pushed.at))
  const outcome = runsAgain(before, ended, theirs) && openOnDraft(state, pull).length > 0 ? 'running' : ended
  if (outcome === null || (outcome !== 'failed' && !isBelieved)) return []
  if (before && before.changes >= changesAtMost && (outcome !== 'failed' || before.outcome === 'failed')) return []
  // What is only said so that people need not wait longer is of no use where nobody waits.
  const isTakenBack = before?.outcome === 'failed' && outcome !== 'unfinished'
  if (waitEnders.has(outcome) && !isTakenBack && draftGateOf(state, pull) === null) return []
  const seenFailed = theirs
    .filter((one) => one.state === 'failed')
    .slice(0, 50)
    .map(({ name, conclusion, url, text }) => ({ name, conclusion, url, text }))
  const failed = [...seenFailed, ...told].slice(0, 50)
  if (before?.outcome === outcome && sameNames(before.failed, outcome === 'failed' ? failed : [])) return []
  const alive = state.finished === null || state.finished.outcome === 'succeeded'
  // Once for a commit, however often its checks go from red to green and back: the agent has heard of it.
  const acted =
    outcome === 'failed' && alive && pull.state === 'open' && !pull.heard.includes(checksName({ head, outcome }))
  const words = withRoom(acted ? toldOf(state, head, 'failed') : [], used, state)
  const data: FactOf<'checks.heard'> = {
    tool: pull.tool,
    ref: pull.ref,
    head,
    outcome,
    ...(outcome === 'unseen' && seen.unseen !== null && { why: seen.unseen }),
    total: all.length,
    failed: outcome !== 'failed' ? [] : acted ? [...seenFailed, ...words.failed].slice(0, 50) : failed,
    acted,
  }
  return [{ type: 'checks.heard', by: system, data }, ...words.tainted]
}

/** So often it is told of one head that its checks went otherwise; after that only that one failed, so that what stands then is never a green that is gone. */
const changesAtMost = 40

const sameNames = (before: readonly string[], now: readonly { name: string }[]): boolean =>
  before.length === now.length && now.every(({ name }) => before.includes(name))

/** Checks that had ended, and of which some run again. */
const runsAgain = (before: PullState['checks'], ended: Outcome | null, all: readonly CheckSeen[]): boolean =>
  before !== null &&
  before.outcome !== 'unfinished' &&
  (ended === null || (ended === 'unfinished' && before.outcome !== 'running')) &&
  all.some((one) => one.state === 'running')

/** The open gate that looks at the draft of this pull request, if there is one. */
const openOnDraft = (state: RunState, pull: PullState): GateState[] => {
  const step = draftGateOf(state, pull)
  return Object.values(state.gates).filter((gate) => gate.state === 'open' && step !== null && gate.gateStep === step)
}

type Outcome = FactOf<'checks.heard'>['outcome']

const waitEnders = new Set<Outcome>(['none', 'unfinished', 'unseen'])
const reports = new Set(['github.report_check', 'gitlab.report_status', 'ci.report_status'])
/** A check that this run itself reported on this very change proves nothing of it. One that only looks so counts like any other. */
const isOwnCheck = (
  { intents }: RunState,
  { intent: id }: CheckSeen,
  { change }: NonNullable<ReturnType<typeof pushedHead>>,
): boolean => {
  const intent = id !== null && Object.hasOwn(intents, id) ? intents[id]! : null
  return (
    intent !== null &&
    reports.has(intent.action) &&
    intent.attempt > 0 &&
    intent.change !== null &&
    changeDigest(intent.change) === changeDigest(change)
  )
}

/** `unseen`: what the forge does not show. However well the rest went, that has not passed: it is never said that the checks did. */
const outcomeOf = (all: readonly CheckSeen[], unseen: string | null, sincePush: number): Outcome | null => {
  const running = all.some((one) => one.state === 'running')
  if (all.some((one) => one.state === 'failed')) return !running || sincePush > othersWithin ? 'failed' : null
  if (running) return sincePush > checksEndWithin ? 'unfinished' : null
  if (unseen !== null) return sincePush > checksBeginWithin ? 'unseen' : null
  if (all.length > 0) return 'passed'
  return sincePush > checksBeginWithin ? 'none' : null
}

/** The gate step that looks at the draft of this pull request, or null. */
const draftGateOf = (state: RunState, pull: PullState): string | null => {
  const { steps } = state.spec.workflow.compiled
  return steps.find((one) => one.kind === 'gate' && draftBefore(steps, one.id)?.id === pull.step)?.id ?? null
}

/** Does this gate wait until the checks of the draft have ended? */
export const waitsForChecks = (state: RunState, gateStep: string): boolean => {
  const draft = draftBefore(state.spec.workflow.compiled.steps, gateStep)
  const { pull } = state
  if (!draft || pull?.step !== draft.id || pull.state !== 'open') return false
  return pull.checks?.head !== pushedHead(state, pull.repo)?.commit || pull.checks?.outcome === 'running'
}

/** Was the gate on a draft closed because the draft's checks went otherwise, so that it opens once more? */
export const isAskedAnew = (state: RunState, gateStep: string): boolean => {
  const gate = state.gates[state.steps[gateStep]?.gate ?? '']
  return (
    gate?.outcome === 'superseded' && draftBefore(state.spec.workflow.compiled.steps, gateStep)?.id === state.pull?.step
  )
}

/** The branch that the pull request was opened into, as its receipt says. */
const openedAt = (state: RunState, { ref, repo }: PullState): string => {
  const opened = Object.values(state.intents).find((intent) => intent.receipt?.observed['ref'] === ref)
  const base = opened?.receipt?.observed['base']
  return typeof base === 'string' ? base : branchOf(targetRef(state, repo))
}

/** What of a look is a vote: asked about each person on the state as the votes before have left it. */
export const votesIn = (seen: PullSeen): string[] => [
  ...new Set(seen.reviews.flatMap(({ who, ours }) => (who.person === null || ours ? [] : [who.person]))),
]

/**
 * The vote of a person that their reviews say now: an approval of exactly the head that the open gate shows counts, and counts no more
 * once it was dismissed or overtaken. Whoever may not vote there is passed over: what they said was kept when it was heard. A runner's word gives no
 * vote; it takes one back, since less was approved then and never more.
 */
export const voteOfForge = (state: RunState, { seen, at, deciders, toldBy }: Of<'hear'>, id: string): Answer => {
  const person = deciders.find((one) => one.id === id)
  const { pull } = state
  if (!person || !pull || pull.ref !== seen.ref || seen.state !== 'open') return yes([])
  const said = seen.reviews.filter((one) => one.who.person === id && !one.ours && one.verdict !== 'comment')
  const last = said.toSorted((a, b) => a.at - b.at || a.id.length - b.id.length || a.id.localeCompare(b.id)).at(-1)
  const pushed = pushedHead(state, pull.repo)
  // At another base the forge shows another diff: what was looked at there is not what the gate asks about.
  const stands =
    last?.verdict === 'approve' &&
    seen.isWhole && // their last word may be among those that were not seen
    last.head === pushed?.commit &&
    seen.head === pushed?.commit &&
    seen.base === openedAt(state, pull) &&
    (seen.rebased === null || seen.rebased === 'unknown' || seen.rebased < last.at)
  const gate = changeGate(state, pull)
  if (!gate) return yes([])
  const given = gate.votes.find((vote) => vote.person === id)
  if (given) {
    if (stands || given.via.surface !== 'forge' || !mayWithdraw(state, gate, id)) return yes([])
    return yes([
      { type: 'decision.withdrawn', by: { kind: 'person', id, name: person.name }, data: { gate: gate.id, via } },
    ])
  }
  if (
    !stands ||
    toldBy !== undefined || // a runner that lies would open any gate
    isRed(pull, seen.head) || // whoever approves a change whose checks failed does so where that is said
    seen.rebased === 'unknown' || // what stands already is not taken back each time that the forge is silent
    gate.state !== 'open' ||
    changeDigest(pushed!.change) !== shownBy(gate) ||
    !canVote(state, gate, person)
  )
    return yes([])
  return decideGate(state, {
    do: 'decide',
    at,
    gate: gate.id,
    verdict: 'approve',
    digest: gate.digest,
    person,
    via,
    comment: last.text.trim() === '' || last.edited ? null : last.text,
    lines: [],
    answer: null,
  })
}

const isRed = ({ checks }: PullState, head: string): boolean => checks?.head === head && checks.outcome === 'failed'

const via = { surface: 'forge', auth: 'account' } as const
const canVote = (state: RunState, gate: GateState, person: Decider): boolean => mayNot(state, gate, person) === null
const shownBy = ({ subject }: GateState): string | null =>
  subject.kind === 'change' ? changeDigest(subject.change) : null

/** The last gate of the workflow about the change of this pull request. */
const changeGate = (state: RunState, pull: PullState): GateState | undefined =>
  Object.values(state.gates).findLast(
    (gate) =>
      gate.gateStep !== null && gate.kind === 'change' && gate.step === pull.of && stepSpec(state, gate.gateStep),
  )
