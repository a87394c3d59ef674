/**
 * How is an outside tool asked, and what can come of it?
 * The seam: whoever carries out an action brings a way to ask over HTTP and a clock. Nothing here opens a connection.
 */

export type Asked = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMillis?: number
}
export type Answered = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}
/** Nothing was sent, so nothing can have happened there. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}
/** It was sent, or may have been, and no whole answer came: it may have happened. */
export class NoWholeAnswer extends Error {
  override readonly name = 'NoWholeAnswer'
}
/** Its answer was longer than is taken. A question may be asked again for less. */
export class TooLong extends NoWholeAnswer {}

export type Outside = {
  /** Throws NotSent or NoWholeAnswer; every answer, also an error, is given back. */
  ask(asked: Asked): Promise<Answered>
  /** The time (ms since 1970), by the clock of whoever asks. */
  now(): number
}
