/**
 * What may the rest of the program ask of the durable engine?
 * Four verbs: start, enqueue, schedule, cancel, and the registration of what they run. Nothing else knows which engine it is.
 *
 * A piece of work has a kind and a key. It runs at least once, on any replica, and again after a crash; its function must
 * do nothing twice that was done (look first, unique rows). The row in vp.due is the memory, not the engine.
 */
import type { Tx } from '../database/tenant.ts'

/** Kinds of work. `intake`: take stored deliveries in, key = workspace. `effect`: an action of the control plane, key = INTENT:ATTEMPT. `task`: anything else of later rooms, key free. */
export const kinds = ['intake', 'effect', 'task'] as const
export type Kind = (typeof kinds)[number]

export type Work = {
  readonly workspace: string
  readonly key: string
  /** From 1; grows when the function threw before. */ readonly attempt: number
}

export type Engine = {
  /** Registers what a kind does. Before `launch`. `gaveUp` is called when every attempt threw, with the last error; again only when a crash came between. */
  on(kind: Kind, run: (work: Work) => Promise<void>, gaveUp?: (work: Work, error: unknown) => Promise<void>): void
  /**
   * Registers a sweep: on one replica of all, every so many milliseconds, never two at once. `beside`: the next one begins although one before is still at work, as for
   * all that goes by workOff. Before or after `launch`.
   */
  schedule(name: string, everyMillis: number, sweep: () => Promise<unknown>, beside?: boolean): void
  /** Begins to work. Needs seconds at the first start, about 0.2 s later; requests can be answered before. */
  launch(): Promise<void>
  /** Does it now, in this process, durably: another replica finishes it when this one dies. Two starts of one key while it runs are one, and it runs once more at the end. */
  start(kind: Kind, workspace: string, key: string): void
  /** Writes the due row and tells the engine in the caller's transaction: nothing when it rolls back, once when it is asked twice. `at`: not before (ms by the database's clock). */
  enqueue(tx: Tx, kind: Kind, key: string, options?: { readonly run?: string; readonly at?: number }): Promise<void>
  /** Stops what has not begun and marks it done. What runs now is told to stop at its next step. */
  cancel(workspace: string, kind: Kind, key: string): Promise<void>
  /** How it goes: what waits, what runs, the oldest waiting in milliseconds. */
  state(): Promise<{
    readonly executor: string
    readonly leads: boolean
    readonly waiting: number
    readonly running: number
    readonly oldestMillis: number
  }>
  /** Stops taking work, lets what runs finish for a while, and disconnects. */
  close(patienceMillis?: number): Promise<void>
}
