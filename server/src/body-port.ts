/**
 * How does the API get the bytes of a body or a log, wherever they live?
 * The wire answers this port: from the store, or in transit from the runner that holds them. Bytes touch no table on the way.
 */
import type { Refusal } from '@viewportai/core/refusal'
import type { LeftSummary } from '@viewportai/core/wire/left'

/** A range of a body that a fact of this run names. `length` null: to the end. `signal` aborts when the reader has left. */
export type BodyAsk = {
  readonly workspace: string
  readonly run: string
  readonly digest: string
  readonly offset: number
  readonly length: number | null
  readonly signal: AbortSignal
}

/** The log of one attempt of a step from a byte offset on. `follow`: stay until the step ends or the reader leaves. */
export type LogAsk = {
  readonly workspace: string
  readonly run: string
  readonly step: string
  readonly attempt: number
  readonly offset: number
  readonly follow: boolean
  readonly signal: AbortSignal
}

/** What left about a run. */
export type LeftAsk = { readonly workspace: string; readonly run: string; readonly signal: AbortSignal }

/**
 * Those of bytes resolve when the first bytes are there (or the range is empty), so that a runner that does not answer is a refusal
 * (`body_away`, `not_found`, `offset_gap`) and not an empty answer. An iteration that throws means: the rest did not come.
 */
export type BodyPort = {
  /** What left the run's runner, by its own ledger. */
  askLeft(ask: LeftAsk): Promise<LeftSummary | Refusal>
  fetchBody(ask: BodyAsk): Promise<AsyncIterable<Uint8Array> | Refusal>
  followLog(ask: LogAsk): Promise<AsyncIterable<Uint8Array> | Refusal>
}
