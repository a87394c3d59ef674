/**
 * What does a report of CI say of the commit that this run pushed, where CI tells it by its own token and no forge shows it?
 * A failure counts as a failed check does; a pass only takes back a failure, for the code under test holds that token too and could say it. The words of
 * a report are outside text: a test prints what it wants. It never says what follows, but where no forge is looked at.
 */
import { plainName } from '../tools/forge-sight.ts'
import { yes, type Answer } from './answer.ts'
import type { Command } from './command.ts'
import type { Draft, FactOf } from './facts.ts'
import { taintAskedAnew } from './holds.ts'
import { toldChars } from './moved-words.ts'
import { lastPush, openFor } from './pull-standing.ts'
import { revealed } from '../policy/hidden.ts'
import { bothEnds } from './shown-event.ts'
import { cardGap, outsideRoom, shownWords } from './shown-words.ts'
import type { RunState } from './state.ts'

type Told = FactOf<'check.told'>
export type ToldFailure = FactOf<'checks.heard'>['failed'][number] & { readonly told: true }

/** So many jobs of one commit are kept by name. */
const namesAtMost = 50
/** So often it is told of one commit; after that only that one more job failed, so that nothing is taken back any more. */
const changesAtMost = 200

/** Why the report is no check of this run, as a sentence begins after "That run"; null: it is one. */
export const whyNoCheck = (state: RunState, commit: string): string | null => {
  const push = lastPush(state)
  if (push === null) return 'has not pushed anything yet, so it is no check of it.'
  if (!push.commit.startsWith(commit))
    return `pushed ${push.commit.slice(0, 7)} last, so what is told of ${commit.slice(0, 7)} is no check of it.`
  if (state.finished !== null && state.finished.outcome !== 'succeeded') return 'has ended, so nothing follows there.'
  if (state.pull !== null && state.pull.state !== 'open')
    return `had its pull request ${state.pull.ref} ${state.pull.state}, so nothing follows there.`
  if (state.pull === null && state.change !== null && state.change.state !== 'open')
    return `had its change ${state.change.state}, so nothing follows there.`
  return null
}

/** The fact of one report. The same said again brings none, nor an earlier attempt that comes late. */
export const tellCheck = (state: RunState, { told }: Extract<Command, { do: 'tellCheck' }>): Answer => {
  const push = lastPush(state)
  if (push === null || whyNoCheck(state, told.commit) !== null) return yes([])
  const head = push.commit
  const name = `${plainName(told.name)}, told by ${plainName(told.connection.name)}`
  const known = state.told?.head === head ? state.told : null
  const before = known?.checks[name] ?? null
  const { number, attempt } = told
  if (before !== null && (before.state === told.state || isEarlier({ number, attempt }, before))) return yes([])
  if (before === null && Object.keys(known?.checks ?? {}).length >= namesAtMost) return yes([])
  if ((known?.changes ?? 0) >= changesAtMost && (told.state === 'passed' || before?.state === 'failed')) return yes([])
  const data: Told = {
    head,
    connection: told.connection.id,
    name,
    state: told.state,
    url: told.url,
    text: bothEnds(told.text, 7_000, 2_500).slice(0, 10_000).toWellFormed(),
    number,
    attempt,
  }
  const by = { kind: 'outside', id: `ci:${told.connection.id}`, name: told.connection.name } as const
  return yes([{ type: 'check.told', by, data }, ...heardWithoutForge(state, data)])
}

/** A change that stands open in Viewport is looked at nowhere: what CI tells of it is all that is heard. */
const heardWithoutForge = (state: RunState, told: Told): Draft[] => {
  const isActedBefore = state.told?.head === told.head && state.told.acted
  if (state.pull !== null || state.change === null || openFor(state) === null) return []
  if (told.state !== 'failed' || isActedBefore) return []
  const { failed, tainted } = withRoom([told], 0, state)
  return [
    {
      type: 'checks.heard',
      by: { kind: 'system' },
      data: {
        tool: 'viewport',
        ref: state.change.id,
        head: told.head,
        outcome: 'failed',
        total: 1,
        failed,
        acted: true,
      },
    },
    ...tainted,
    ...(tainted.length === 0 ? [] : taintAskedAnew(state)),
  ]
}

/** Of a build that came before the one that is known, or an earlier attempt at it. */
const isEarlier = (one: Pick<Told, 'number' | 'attempt'>, known: Pick<Told, 'number' | 'attempt'>): boolean => {
  if (one.number === null || known.number === null) return false
  return one.number < known.number || (one.number === known.number && (one.attempt ?? 1) < (known.attempt ?? 1))
}

/** What CI told of this head, in the order of names. */
export const toldOf = (state: Pick<RunState, 'told'>, head: string, how: Told['state']): Told[] =>
  state.told?.head === head ? Object.values(state.told.checks).filter((one) => one.state === how) : []

/** Failures as they count beside the forge's own, without their words. */
export const toldFailures = (state: Pick<RunState, 'told'>, head: string): ToldFailure[] =>
  toldOf(state, head, 'failed').map(bare)

const bare = ({ name }: Told): ToldFailure => ({ name, conclusion: 'failed', url: null, text: '', told: true })

/**
 * Failures that go back to an agent, with as much of their words as a person can read on one card before, and the fact that asks for that.
 * `used`: how many characters other text takes there already.
 */
export const withRoom = (
  failures: readonly Told[],
  used: number,
  state: Pick<RunState, 'cleared' | 'taint' | 'pending' | 'steps'>,
): { failed: ToldFailure[]; tainted: Draft[] } => {
  const held = state.cleared || !state.taint ? 0 : revealed(state.taint.text).length
  let room = outsideRoom - used - held - toldChars(state)
  const failed = failures.map((one) => {
    const words = one.text === '' ? null : shownWords({ text: one.text, lines: [] }, room - cardGap.length - 400)
    if (words === null) return bare(one)
    room -= revealed(words.text).length + cardGap.length + one.name.length
    return { ...bare(one), text: words.text }
  })
  const said = failed.filter(({ text }) => text !== '')
  if (said.length === 0) return { failed, tainted: [] }
  return {
    failed,
    tainted: [
      {
        type: 'run.tainted',
        by: { kind: 'system' },
        data: {
          why: 'CI told of a build that failed, with words that whatever ran in it may have printed.',
          account: `ci:${failures[0]!.connection}`.slice(0, 200),
          text: said.map(({ name, text }) => `${name}:\n${text}`).join(cardGap),
        },
      },
    ],
  }
}

/** The fold: what CI told last of the commit that was pushed last. */
export const checkTold = (state: RunState, data: Told): RunState => {
  const known = state.told?.head === data.head ? state.told : { head: data.head, checks: {}, changes: 0, acted: false }
  return {
    ...state,
    told: { ...known, checks: { ...known.checks, [data.name]: data }, changes: known.changes + 1 },
  }
}
