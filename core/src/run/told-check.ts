/**
 * What does a report of CI say of the commit that this run pushed, where CI tells it by its own token and no forge shows it?
 * A failure counts as a failed check does; a pass only takes back a failure, for the code under test holds that token too and could say it. The words of
 * a report are outside text: a test prints what it wants. It never says what follows, but where no forge is looked at.
 */
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
import { emptyBook, entryOf, inBook, toldAs, type Book, type Entry, type Telling, type Told } from './told-book.ts'
import { earlyBook, heardNow, keptEarly, pushAwaited } from './told-early.ts'

export type ToldFailure = FactOf<'checks.heard'>['failed'][number] & { readonly told: true }

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

/** The fact of one report, or why there is none, a sentence. The same said again brings none. */
export const toldEntry = (state: RunState, raw: Telling): Entry => {
  const told = { ...raw, text: bothEnds(raw.text, 7_000, 2_500).slice(0, 10_000).toWellFormed() }
  const why = whyNoCheck(state, told.commit)
  if (why === null) {
    const head = lastPush(state)!.commit
    return entryOf(bookOf(state, head), toldAs(told, head))
  }
  const push = state.finished === null && !isShut(state) ? pushAwaited(state, told.commit) : null
  return push === null
    ? { why: `That run ${why}` }
    : entryOf(earlyBook(state, push), { ...toldAs(told, told.commit), early: push })
}

/** Was what the run published merged or closed? Then nothing that is pushed any more is looked at. */
const isShut = ({ pull, change }: RunState): boolean =>
  pull === null ? change !== null && change.state !== 'open' : pull.state !== 'open'

const bookOf = ({ told }: Pick<RunState, 'told'>, head: string): Book => (told?.head === head ? told : emptyBook)

export const tellCheck = (state: RunState, { told }: Extract<Command, { do: 'tellCheck' }>): Answer => {
  const entry = toldEntry(state, told)
  return yes('why' in entry ? [] : [said(entry.told, told.connection.name)])
}

const said = (data: Told, name: string): Draft => ({
  type: 'check.told',
  by: { kind: 'outside', id: `ci:${data.connection}`, name },
  data,
})

/** What follows by itself from what CI told: reports that waited for a push are heard, and a change that stands open in Viewport is sent back. */
export const toldFollows = (state: RunState): Draft[] => {
  const [first] = heardNow(state)
  if (first === undefined || whyNoCheck(state, first.head) !== null) return heardWithoutForge(state)
  let book = bookOf(state, first.head)
  return heardNow(state).flatMap((one) => {
    const entry = entryOf(book, one)
    if ('why' in entry) return []
    book = inBook(book, entry.told)
    return [said(entry.told, connectionName(one))]
  })
}

/** As it stands behind the name of the job. */
const connectionName = ({ name }: Told): string => name.slice(name.lastIndexOf(', told by ') + ', told by '.length)

/** A change that stands open in Viewport is looked at nowhere: what CI tells of it is all that is heard. */
const heardWithoutForge = (state: RunState): Draft[] => {
  if (state.pull !== null || state.change === null || openFor(state) === null) return []
  const head = lastPush(state)?.commit ?? null
  if (head === null || state.told?.head !== head || state.told.acted || whyNoCheck(state, head) !== null) return []
  const all = toldOf(state, head, 'failed')
  if (all.length === 0) return []
  const { failed, tainted } = withRoom(all, 0, state)
  return [
    {
      type: 'checks.heard',
      by: { kind: 'system' },
      data: {
        tool: 'viewport',
        ref: state.change.id,
        head,
        outcome: 'failed',
        total: all.length,
        failed: failed.slice(0, 50),
        acted: true,
      },
    },
    ...tainted,
    ...(tainted.length === 0 ? [] : taintAskedAnew(state)),
  ]
}

/** What CI told of this head, in the order in which each job was first told of. */
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

/** The fold: what CI told last of the commit that was pushed last, or of one whose push is not known yet. */
export const checkTold = (state: RunState, data: Told): RunState => {
  if (data.early !== undefined) return keptEarly(state, data, data.early)
  const acted = state.told?.head === data.head && state.told.acted
  const told = { head: data.head, acted, ...inBook(bookOf(state, data.head), data) }
  return { ...state, told, toldEarly: state.toldEarly?.head === data.head ? null : state.toldEarly }
}
