/**
 * Which reports of CI are kept of one commit, and what does one more change?
 * A failure is never dropped for a pass; a pass takes back only what is of an earlier build or attempt. It never says what follows.
 */
import { sha256Hex } from '../digest/canonical.ts'
import { plainName } from '../tools/forge-sight.ts'
import type { FactOf } from './facts.ts'

export type Told = FactOf<'check.told'>
/** One report, as it came. `commit`: 7 digits or more of its id. */
export type Telling = {
  readonly connection: { readonly id: string; readonly name: string }
  readonly commit: string
  /** As CI calls the job, and the leg of a matrix; null: it says none. */
  readonly job: string | null
  readonly leg: string | null
  /** What was built, as CI told it: the builds of one commit for a branch and for a pull request are two. */
  readonly of: string
  readonly state: 'passed' | 'failed'
  readonly url: string | null
  readonly text: string
  readonly number: number | null
  readonly attempt: number | null
}
/** `changes`: how many facts each connection has brought, by its id. */
export type Book = { checks: Record<string, Told>; changes: Record<string, number> }
type Build = Pick<Told, 'number' | 'attempt'>

/** Of each connection so many jobs of one commit are kept by name that failed, and as many that passed. */
const namesAtMost = 50
/** So often each connection tells of one commit; after that only what failed and had not, so that nothing is taken back any more. */
const changesAtMost = 200

/** Where failures stand for which there is no room by name. No job is called so, so no pass takes it back. */
export const furtherJobs = 'further'

export const emptyBook: Book = { checks: {}, changes: {} }

/** Under which its job is found again: of this connection, by what CI itself calls it. What is shown of its name decides nothing. */
export const bookKey = ({ connection, job, name, head, early }: Told): string =>
  `${early === undefined ? '' : `${head} `}${connection} ${job ?? name}`

/** The report as it is kept, with its name as people read it: whoever names a job writes no sentence, and two odd names are told apart. */
export const toldAs = ({ connection, job, leg, of, ...told }: Telling, head: string): Told => {
  const digest = sha256Hex(JSON.stringify([job, leg, of]))
  const [said, odd] = [[job ?? 'build', leg].filter((part) => part !== null).join(' '), plainName('')]
  const shown = plainName(said)
  return {
    head,
    connection: connection.id,
    job: digest,
    name: `${shown === odd ? `${odd} (${digest.slice(0, 6)})` : shown}, told by ${plainName(connection.name)}`,
    state: told.state,
    url: told.url,
    text: told.text,
    number: told.number,
    attempt: told.attempt,
  }
}

/** What one more report changes: the fact of it, or why there is none, a sentence. */
export type Entry = { readonly told: Told } | { readonly why: string }

export const entryOf = (book: Book, one: Told): Entry => {
  const known = book.checks[bookKey(one)]
  const isSpent = (book.changes[one.connection] ?? 0) >= changesAtMost
  return one.state === 'failed' ? failure(book, one, known, isSpent) : pass(book, one, known, isSpent)
}

const failure = (book: Book, one: Told, known: Told | undefined, isSpent: boolean): Entry => {
  // Of several failures the latest build is kept: a pass is held against that one.
  if (known?.state === 'failed')
    return isSpent || isCovered(one, known)
      ? { why: 'That run had heard of a failure of this job before.' }
      : { told: one }
  if (countOf(book, one) < namesAtMost) return { told: one }
  if (known) return { told: { ...one, text: '' } }
  const by = one.name.slice(one.name.lastIndexOf(', told by '))
  const further: Told = { ...one, job: furtherJobs, name: `further jobs${by}`, text: '', number: null, attempt: null }
  return book.checks[bookKey(further)] === undefined
    ? { told: further }
    : { why: `It counts there among further jobs that failed: ${namesAtMost} of this connection are kept by name.` }
}

const pass = (book: Book, one: Told, known: Told | undefined, isSpent: boolean): Entry => {
  if (known?.state === 'passed') return { why: 'That run had heard before that this job passed.' }
  if (known && !isEarlier(known, one))
    return {
      why: 'A failure of the same job stands there that is not of an earlier build or attempt as far as `build` (digits) and `attempt` say, so this pass takes nothing back.',
    }
  if (isSpent)
    return {
      why: `This connection has told of that commit ${changesAtMost} times, so no pass is heard of it any more.`,
    }
  if (known) return { told: { ...one, takesBack: true } }
  return countOf(book, one) < namesAtMost
    ? { told: one }
    : {
        why: `${namesAtMost} jobs of this connection that passed are kept by name there; this one had not failed, so nothing is lost.`,
      }
}

const countOf = ({ checks }: Book, { connection, state }: Told): number =>
  Object.values(checks).filter((one) => one.connection === connection && one.state === state).length

/** Of a build that came before the other one, or an earlier attempt at it. Where that cannot be told it is not. */
const isEarlier = (one: Build, other: Build): boolean => {
  if (one.number === null || other.number === null) return false
  return one.number < other.number || (one.number === other.number && (one.attempt ?? 1) < (other.attempt ?? 1))
}

/** Does what is known keep a pass back as long as this failure would? */
const isCovered = (one: Build, known: Build): boolean =>
  known.number === null || (one.number !== null && !isEarlier(known, one))

/** The fold: the book with this report in it. */
export const inBook = ({ checks, changes }: Book, data: Told): Book => ({
  checks: { ...checks, [bookKey(data)]: data },
  changes: { ...changes, [data.connection]: (changes[data.connection] ?? 0) + 1 },
})
