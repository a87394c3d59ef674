/**
 * What does an action at an outside tool work with, and how does it end?
 * The code that talks to a tool for an action is the same wherever the credential lies: it is given a connection with its secrets open and
 * a way to ask (`Outside`). It never reads a secret from anywhere, and keeps none.
 */
import type { Change } from '../gate/subject.ts'
import type { PullSeen } from '../run/pull-seen.ts'
import type { Outside } from './outside.ts'

/** One thing that a person fills in to connect a tool. */
export type ConnectField = {
  readonly name: string
  readonly title: string
  /** What it is and where it is found, one sentence. */
  readonly says: string
  /** Sealed, never shown again. */
  readonly secret: boolean
  readonly required: boolean
  /** Used when nothing is said; a secret may be `made`: random, shown once. */
  readonly otherwise: string | 'made' | null
  /** It says to whom the secrets are sent: another one gets none that was given for this one. */
  readonly host?: true
  /** It holds several lines, such as a key in a file. */
  readonly lines?: true
  /** What comes in is signed with it: the one before may be taken for a while after a change. One field of a tool at most. */
  readonly signs?: true
  /** What goes out is signed with it: the one before signs as well for a while after a change. One field of a tool at most. */
  readonly sends?: true
}

/** Who the tool says we are: what it does is our own echo. `id` as in `EventActor.id`, without the tool's name. */
export type Account = {
  readonly id: string
  readonly name: string
  /** The app that we are there, where the tool gives apps ids. */
  readonly app?: string
  /** Where people open the tool, where each customer of it has an address of its own: `https://acme.slack.com/`. */
  readonly site?: string
  /** Of an App's installation: whose things it sees, and nobody else's (`acme`). */
  readonly owner?: string
}

/** A connection, opened for one piece of work. The secrets are in memory only. */
export type Connection = {
  readonly id: string
  readonly name: string
  readonly settings: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly account: Account | null
}

/** A connection as a reader knows it: nothing that is secret. */
export type KnownConnection = Omit<Connection, 'secrets'>

/** An effect that a broker carries out now. */
export type Effect = {
  /** The intent's id: it is the marker by which the effect is found again. */
  readonly intent: string
  readonly run: string
  readonly target: string
  readonly params: Readonly<Record<string, unknown>>
  readonly change: Change | null
  /** The commit that the run pushed, for actions that carry a change. */
  readonly commit: string | null
  /** The pull request that this run opened before (`ref`): it is updated, and no second one is opened. */
  readonly opened?: string | null
  /** The repositories that the workflow names: nothing outside of them is touched. */
  readonly repos: readonly { readonly name: string; readonly url: string }[]
  /** What a text about a change may say of it. */
  readonly told: {
    readonly title: string
    /** Who approved it, by names. */
    readonly approvedBy: readonly string[]
    /** How its checks went, a sentence; null: there were none. */
    readonly checks: string | null
    /** Where the work came from. */
    readonly source: { readonly label: string; readonly url: string | null }
  }
  /** Address of the run's page. */
  readonly page: string
  /** How many runs woke each other up to this one and with it, as far as events carried it; left out: it is the first. */
  readonly depth?: number
  /** Channel, project and the like that a team set for itself; null: it set none. */
  readonly home: string | null
}
/** What was observed outside. `ref` in it: the thing as `Said.subject.ref` would name it. */
export type Receipt = {
  readonly id: string
  readonly url: string | null
  readonly observed: Readonly<Record<string, unknown>>
  readonly readBack: boolean
}
/**
 * How an effect went. `failed`: it did not happen and will not by itself. `unsure`: it may have happened. `later`: it did not
 * happen, the tool asks to come back in `afterMillis`.
 */
export type Went =
  | { readonly is: 'done'; readonly receipt: Receipt }
  | {
      readonly is: 'failed'
      readonly code: string
      readonly summary: string
      readonly check: string
      readonly retrySafe: boolean
    }
  | { readonly is: 'unsure'; readonly why: string }
  | { readonly is: 'later'; readonly why: string; readonly afterMillis: number }
/** What a look for an effect found. `unsure`: it cannot be told now. */
export type Found =
  | { readonly is: 'there'; readonly receipt: Receipt }
  | { readonly is: 'absent' }
  | { readonly is: 'unsure'; readonly why: string }
export type Action = {
  /** Nobody can be asked whether it happened: `look` says absent, because doing it again under the same id is what is expected. */
  readonly blind?: true
  /** Looks whether this very effect is there already (by our marker, by the head branch, by a client's id). Changes nothing. */
  look(effect: Effect, connection: Connection, outside: Outside): Promise<Found>
  /** Does it, and reads it back. Only called when a look (or a first attempt) says that it is not there. */
  carryOut(effect: Effect, connection: Connection, outside: Outside): Promise<Went>
}
/** By the names that workflows call them. */
export type Actions = Readonly<Record<string, Action>>

/**
 * What a look at a pull request showed. Accounts are the tool's own ids (`583231`), persons are not known here. `problem`: what could not be seen, a sentence.
 * `againMillis`: somebody may be writing still, and what they wrote in the last moment is not in it; look again in so long.
 */
export type Sight = { readonly seen: PullSeen; readonly problem: string | null; readonly againMillis?: number }
/**
 * Shows a pull request (its `ref`) as it stands now, with reviews and the checks of its head. Changes nothing. Throws when the tool
 * cannot be asked, or shows another thing than `url`.
 */
export type Sees = (
  about: { readonly ref: string; readonly url: string | null },
  connection: Connection,
  outside: Outside,
) => Promise<Sight>

/** How words are put into a text at the tool. `quote`: words from outside, of which nothing is made; `link`: an address and words of ours. */
export type StatusMarks = {
  quote(words: string): string
  link(url: string, words: string): string
}
/** A gate that stands in a message whole: its lines, and what the buttons carry. Or one that a button (`show`) shows to whoever may decide. */
export type StatusAsk =
  | { readonly whole: readonly string[]; readonly approve: string; readonly reject: string }
  | { readonly show: string }
/**
 * Keeps one message that says how a run goes, where its work came from. `params.text` of the effect: the text, made with `marks`; `params.ask`:
 * a `StatusAsk`, only where `asks`. Receipts hold under `observed.message` by what the message is changed later.
 */
export type StatusKeeper = {
  readonly marks: StatusMarks
  /** It has buttons whose sender is known by id. */
  readonly asks?: true
  /** It also says of a start that it waits for its turn, before there is a run. */
  readonly waits?: true
  /** So long (ms) a message is left as it is after a change: what happens meanwhile is told together. */
  readonly pauseMillis: number
  look(effect: Effect, connection: Connection, outside: Outside): Promise<Found>
  write(effect: Effect, connection: Connection, outside: Outside): Promise<Went>
  rewrite(effect: Effect, message: string, connection: Connection, outside: Outside): Promise<Went>
}

/** Who the secrets of a connection are, with what the tool told beside it; or why it does not say, a sentence. */
export type Who<Told> = { readonly account: Account; readonly told: Told } | { readonly problem: string }
