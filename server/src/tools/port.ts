/**
 * What must an outside tool be able to do to be connected?
 * One folder per tool fills this in: take its webhooks, be asked regularly, read what came into events, do actions. What is common to all
 * tools (secrets, storage, dedupe, matching, the order of an effect) is never in a tool's folder.
 */
import type { EventActor, FieldValue, TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { Refusal } from '@viewportai/core/refusal'
import type { z } from 'zod'
import type { Reason } from '../whispers/reason.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Place } from '@viewportai/core/tools/place'
import type {
  Account,
  Action,
  ConnectField,
  Connection as Opened,
  KnownConnection,
  Sees,
  StatusKeeper,
  StatusMarks,
} from '@viewportai/core/tools/port'

/** A connection of a workspace, opened for one piece of work. The secrets are in memory only. */
export type Connection = Opened & { readonly workspace: string }

/** What a sender delivered: exact bytes, headers in lower case, the time by our clock (ms). */
export type Arrived = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly at: number
  /** What stood behind the question mark of the address. */
  readonly query: string
}

/** What the sender hears. */
export type Words = { readonly media: string; readonly body: string }
/**
 * How a delivery stands a moment after it came; `stood` null: it is not worked on yet. `page`: where it says why. `stranger`: whoever sent it is nobody whom
 * the workspace knows, so that the verdict, which names workflows, is not theirs to read: only why nothing began (null: something did).
 */
export type Stood = {
  readonly page: string
  readonly stood: {
    readonly verdict: string
    readonly stranger: {
      readonly account: string
      readonly isGuest: boolean
      readonly reason: Reason | null
    } | null
    readonly runs: readonly { readonly number: number; readonly page: string }[]
  } | null
}
/** A button of ours that somebody pressed. `value`: what we put into it. `by`: the account, as `EventActor.id` without the tool's name. */
export type Click = {
  readonly value: string
  readonly by: string
  /** The message it stands in, as `Said.subject.ref` would name it. */
  readonly on: string | null
  /** With what the tool lets a dialog be opened for them, for a moment; null: it lets none. */
  readonly opens: string | null
  /** What they chose and wrote in a dialog of ours; null: it was a button in a message. */
  readonly said: { readonly choice: string; readonly words: string } | null
}
/** A gate as a dialog shows it to one person who may decide. `value`: what the dialog carries back; `page`: the same in the inbox. */
export type Dialog = {
  readonly verb: string
  readonly whole: readonly string[]
  readonly choices: readonly { readonly id: string; readonly label: string }[]
  readonly value: string
  readonly page: string
}

/**
 * A delivery that is genuine and fresh. `id`: the sender's id of it, the same delivery again has the same. `parts`: what it tells
 * of, when that is more than one thing; each is stored as a delivery of its own. `body`: kept in place of the exact bytes, when those
 * hold what opens something. `words`: the sender shows a person what came of it. `plainly`: the sender wants 200 and no words. `note`: what whoever set the sender up
 * should know of it, in the answer (a sentence).
 * `answer`: it wants an answer now and is not stored. `click`: nothing comes in, somebody pressed a button of ours.
 */
export type Taken =
  | {
      readonly id: string
      readonly parts?: readonly string[]
      readonly body?: Buffer
      readonly words?: (stood: Stood) => Words
      readonly plainly?: true
      readonly note?: string
    }
  | { readonly answer: Words }
  | { readonly click: Click }

/** Under which name a part is kept among a delivery's headers. */
export const partHeader = 'viewport-part'
/** Under which name the query of a delivery's address is kept among its headers, where its tool reads it. No sender can bring this header. */
export const queryHeader = 'viewport-query'

/** With what the id of everything begins that was found by asking. No webhook's id does: theirs have no blanks. */
export const polledBy = 'poll '

export type Hook = {
  readonly media: readonly string[]
  /** Names of the headers that the reader needs; no other is kept. */
  readonly keeps: readonly string[]
  /** The reader needs what stood behind the question mark of the address, too. */
  readonly keepsQuery?: true
  /** Neither a time is signed nor the secret itself sent: whoever recorded a delivery can send it again for ever, and it is genuine. */
  readonly undated?: true
  /** Judges the signature over the exact bytes before anything else. */
  take(arrived: Arrived, connection: Connection): Taken | Refusal
}

/**
 * How far a tool's own word about somebody goes. Whether they are a member of the workspace, or we ourselves, is decided outside. `source`: nobody
 * but the connection itself, for which the admin vouches who made it.
 */
export type Standing = 'collaborator' | 'outsider' | 'bot' | 'source' | 'unknown'
export type Somebody = { readonly id: string; readonly name: string; readonly standing: Standing }

/** How it went to say something to one person. `over`: it was not said and will not be, or nobody knows; `later`: it was not said for sure. */
export type Whispered =
  | { readonly is: 'said' }
  | { readonly is: 'over'; readonly why: string }
  | { readonly is: 'later'; readonly why: string; readonly afterMillis: number }
/** How somebody who called on us hears, alone, that it began nothing. */
export type Aside = {
  readonly marks: StatusMarks
  /** Does this connection say such words at all? */
  isOn(connection: Pick<KnownConnection, 'settings'>): boolean
  /** Who called on us by this event (`by`: as `EventActor.id` without the tool's name) and where they would hear it; null: nobody did, or they hear nothing. */
  called(
    event: Pick<TriggerEvent, 'event' | 'actor' | 'fields' | 'subject'>,
    connection: Pick<KnownConnection, 'settings' | 'account'>,
  ): { readonly by: string; readonly on: string } | null
  /** Says it. `words`: the line for somebody of the tool's workspace or for a guest there. Throws NotSent where nothing was said. */
  say(
    called: { readonly by: string; readonly on: string },
    words: (who: 'member' | 'guest') => string,
    connection: Connection,
    outside: Outside,
  ): Promise<Whispered>
}

/** What a delivery says, read. */
export type Said = {
  /** Which event of core/event/tool/*.ts. */
  readonly event: string
  /** The event's own id, the same however it came: by a webhook or by asking. At most 180 characters. */
  readonly id: string
  /** More names of the same event, for tools that tell no id of it: two deliveries with any name in common tell of one event. */
  readonly also?: readonly string[]
  /** When it happened by the tool's word (ms), or null. */
  readonly at: number | null
  /** The latest time in what a webhook tells (ms), where that is not `at`: an issue that was moved here is made long before it is told. */
  readonly toldAt?: number | null
  readonly actor: Somebody
  /** Who wrote the text, when that is not (only) the actor: a label of a member on a stranger's issue. */
  readonly authors: readonly Somebody[]
  readonly subject: {
    readonly label: string
    readonly title: string
    readonly url: string | null
    readonly ref: string
    /** When the thing was made by the tool's word (ms), or null; left out where it is of no use (`core/event/beginning`). */
    readonly made?: number | null
  }
  /** Undefined: what it is was not told, or not whole; null and an empty list: told, and nothing is there. */
  readonly fields: Readonly<Record<string, z.infer<typeof FieldValue> | undefined>>
  readonly text: string
  /** The repository that it is of, where the tool has such. */
  readonly place?: Place
  /** True when our marker is in it. It is ours when our own account did it; by anybody else nobody can tell what it is, and it starts nothing. */
  readonly ours?: boolean
  /** True when code of a fork was built: that is an outsider's doing, whoever set it going (a member who runs it again vouches for nothing). */
  readonly fork?: boolean
}
/**
 * `partial`: the delivery tells only a part of what can be matched on, so it is fetched again before it is matched. `ignored`: a sentence; nothing
 * can listen to this. `unreadable`: a sentence; it should have been an event and could not be read.
 */
export type Reading =
  | { readonly said: Said; readonly partial?: boolean }
  | { readonly ignored: string }
  | { readonly unreadable: string }

/** A delivery as it was stored. `part`: of `Taken.parts`. */
export type StoredDelivery = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly part: string | null
  /** What `Tool.again` found, as it gave it. */
  readonly again?: unknown
}
/**
 * What was found when the object was fetched again: `found` in the tool's own form (a JSON value); `note`: why it, or a part of it, was not (a sentence).
 * `who`: why it is not known what whoever did it may do now, where that was to be asked (a sentence).
 */
export type FetchedAgain =
  | { readonly found: unknown; readonly note?: string; readonly who?: string }
  | { readonly note: string }

/** What asking once brought: deliveries in order, from where the next asking goes on, and when it should be (ms from now). */
export type Polled = {
  readonly found: readonly {
    readonly id: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }[]
  readonly cursor: unknown
  readonly nextMillis: number
  /** What is left out each time, a sentence: the rest goes on without it. */
  readonly problem?: string | null
  /** What happened and will not be told by asking any more, in sentences: kept for the admin to see after later askings went well. */
  readonly lost?: string | null
  /** The repository that was asked about, as it was found. */
  readonly place?: Place
}
export type Poll = {
  /** Names of what is asked about (repositories, teams), from the connection's settings. */
  streams(connection: Connection): readonly string[]
  /** Throws when the tool cannot be asked or says no: it is asked again later, less often each time. */
  ask(
    connection: Connection,
    stream: string,
    cursor: unknown,
    outside: Outside,
    /** Events of the tool that workflows listen to: what costs more than the rest is asked for these alone. */
    listened?: ReadonlySet<string>,
  ): Promise<Polled>
}

/** What a message over a line says. `answer`: what the tool hears once it is stored, with the words it shows a person. */
export type LineSaid =
  /** The line works; `problem`: it is not the one that was meant. */
  | { readonly is: 'ready'; readonly problem: string | null }
  /** The tool ends it. `anew`: another one may be opened at once; else `why` stands on the connection. */
  | { readonly is: 'ending'; readonly anew: boolean; readonly why: string }
  | { readonly is: 'nothing' }
  | {
      readonly is: 'delivery'
      readonly taken: Taken | Refusal
      readonly body: Buffer
      answer(words: Words | null): string
    }
/** A WebSocket that we open and over which the tool tells: nobody outside must reach us. */
export type Line = {
  /** Has the connection what a line needs? */
  wanted(connection: Connection): boolean
  /** Where it is opened now. Throws in words. */
  address(connection: Connection, outside: Outside): Promise<string>
  read(text: string, connection: Connection): LineSaid
}

/** A delivery in the form in which the tool sends it, to try a workflow with: of nobody and about nothing that exists. */
export type Sample = {
  /** `issue-assigned`: with the tool's name its id. */
  readonly name: string
  /** What happened, a few words. */
  readonly says: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  /** As in `StoredDelivery.part`. */
  readonly part?: string
  /** As in `StoredDelivery.again`: what the tool would tell of it when asked. */
  readonly again?: unknown
  /** Who we are there, where the delivery names us. */
  readonly us?: Account
}

/**
 * What a tool says of a name by which somebody means a channel, a team, a project or a repository there. `called`: how its events name it; `also`: how actions and settings may, besides.
 * `near`: it shows none of this name, and which of those that it shows comes nearest. `unasked`: why it could not be looked at (no full stop at its end).
 */
export type LookedUp =
  | { readonly called: string; readonly also: readonly string[] }
  | { readonly near: string | null }
  | { readonly unasked: string }
export type LookUp = {
  /** What is named: "channel". */
  readonly what: string
  /** Why it may show none although there is one, a sentence. */
  readonly hidden: string
  /** One answer for each name, in order. Throws when the tool cannot be asked. Changes nothing there. */
  names(
    names: readonly string[],
    connection: Omit<Connection, 'account'>,
    outside: Outside,
  ): Promise<readonly LookedUp[]>
}

/** By which setting which values of a field are let in. */
export type Narrowed = { readonly setting: string; readonly field: string; readonly values: readonly string[] }

export type Tool = {
  /** How people call it on the connect page; null: as its triggers do. */
  readonly title: string | null
  readonly fields: readonly ConnectField[]
  /** How its webhook is set up at the tool, in words with `{url}`; null: it has none. */
  readonly hookWords: string | null
  /** What is made at the tool before it can be connected: how, in words, where, and what is pasted there. */
  readonly make?: { readonly words: string; readonly link: string; readonly text: string }
  /** Asks the tool who we are and whether the secrets do. Changes nothing there. */
  check(
    connection: Omit<Connection, 'account'>,
    outside: Outside,
  ): Promise<{ readonly account: Account | null; readonly notes: readonly string[] } | { readonly problem: string }>
  readonly hook: Hook | null
  /** The server (`ghe.acme.dev`) whose ids its accounts have, where not all have ids of one service; null: the tool's own service. */
  accountsAt?(connection: KnownConnection): string | null
  /** Its events are named by numbers that each server counts from the same beginning, and the names do not say whose. */
  readonly numbersAlike?: true
  /** Its events are named by whoever sends them, not by a server: two connections never tell of one event. */
  readonly sendersName?: true
  read(delivery: StoredDelivery, connection: KnownConnection): Reading
  /**
   * Fetches what a delivery is about once more, before it starts anything. What is found goes into `read` again. Never throws, and
   * takes a few seconds at most. It is asked outside of every transaction. A tool that cannot has none.
   */
  again?(delivery: StoredDelivery, connection: Connection, outside: Outside): Promise<FetchedAgain>
  /**
   * What its settings let in, where they narrow it: of these fields of events only these values ever come. A setting whose values cannot be
   * compared with a field is left out.
   */
  narrows?(connection: Pick<Connection, 'settings'>): readonly Narrowed[]
  /** Looks up what people name of it. A tool of which nobody names such things has none. */
  readonly lookUp?: LookUp
  readonly poll: Poll | null
  readonly line?: Line
  /** A tool that cannot look at pull requests has none, and nothing of it is watched. */
  readonly sight?: Sees
  /** What a delivery is about, as watched things are named: `acme/shop#12`, `acme/shop@COMMIT`. It only says where to look. */
  touches?(delivery: StoredDelivery): readonly string[]
  /** Every tool whose events can start something gives some, in `samples.ts` of its folder. */
  readonly samples?: readonly Sample[]
  readonly actions: Readonly<Record<string, Action>>
  readonly status?: StatusKeeper
  /** Shows a gate to whoever pressed a button, and to nobody else; words when it could not. Never throws. */
  show?(click: Click, dialog: Dialog, connection: Connection, outside: Outside): Promise<string | null>
  /** Says something to whoever pressed a button, and to nobody else. Never throws. */
  whisper?(click: Click, words: string, connection: Connection, outside: Outside): Promise<void>
  readonly aside?: Aside
}

/** A person of the workspace by an account at a tool (`github:583231`, `github:ghe.acme.dev/7`), or null. */
export type ByAccount = (
  account: string,
) => { readonly person: string; readonly name: string; readonly teams: string[] } | null
export type { EventActor }
