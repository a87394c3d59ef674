/**
 * How does a command of `viewport` end, and what does its exit code say?
 * Commands throw `Stop` for an expected end; only cli.ts turns it into words and a code.
 */

/** The exit codes, as `viewport --help` prints them. */
export const exitCodes = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
} as const

export const exitCodeHelp = `Exit codes:
  0  done
  1  refused, or it failed
  2  used wrongly, or the input is not valid
  3  the control plane cannot be reached`

type ExitKind = keyof typeof exitCodes

/**
 * An expected end with words for people: what happened, and what to do next. With --json `facts` stand in the error, and `result`
 * (what the command found all the same) beside it.
 */
export class Stop extends Error {
  readonly kind: ExitKind
  readonly next: string | null
  readonly facts: Readonly<Record<string, unknown>>
  readonly result: Readonly<Record<string, unknown>>
  constructor(
    kind: ExitKind,
    message: string,
    next: string | null = null,
    facts: Readonly<Record<string, unknown>> = {},
    result: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
    this.kind = kind
    this.next = next
    this.facts = facts
    this.result = result
  }
}
