/**
 * What went wrong with a request, in words for a person?
 * Reads problem documents (RFC 9457). A failure without one (no network, a proxy's page) becomes one of ours; it never shows a raw page.
 */
import { Problem as ProblemShape } from '@viewportai/core/api/problem'
import { z } from 'zod'

const ProblemDocument = ProblemShape.partial() // any server's problem document is better than none

/** A request that was answered with a no, or not answered. `code` is a refusal code, or `unreachable`, `unreadable`. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  /** What to do about it. */
  readonly next: string
  readonly facts: Readonly<Record<string, unknown>>
  /** What is not valid, by path: `body.title`. */
  readonly errors: readonly { path: string; message: string }[]

  constructor(
    code: string,
    status: number,
    words: string,
    next: string,
    facts: Record<string, unknown> = {},
    errors: readonly { path: string; message: string }[] = [],
    cause?: unknown,
  ) {
    super(words, { cause })
    this.name = 'Problem'
    this.code = code
    this.status = status
    this.next = next
    this.facts = facts
    this.errors = errors
  }
}

/** Nobody answered: the words say so and nothing else. */
export const unreachable = (cause: unknown): Problem =>
  new Problem(
    'unreachable',
    0,
    'Viewport does not answer.',
    'What is shown stays as it was. It is asked again by itself.',
    {},
    [],
    cause,
  )

/** The problem in a response that is not a success. Never throws. */
export const problemOf = async (response: Response): Promise<Problem> => {
  const text = await response.text().catch(() => '')
  const document = parsed(text)
  if (!document) {
    const away = response.status >= 502 && response.status <= 504
    return new Problem(
      away ? 'unreachable' : 'unreadable',
      response.status,
      away ? 'Viewport does not answer.' : `The answer was ${response.status} without a reason.`,
      away ? 'It is asked again by itself.' : 'Look at the log of the server.',
    )
  }
  return new Problem(
    document.code ?? 'unreadable',
    response.status,
    document.detail ?? document.title ?? `The answer was ${response.status}.`,
    document.next ?? '',
    document.facts,
    document.errors,
  )
}

const parsed = (text: string): z.infer<typeof ProblemDocument> | null => {
  try {
    return ProblemDocument.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** Any thrown value as a problem, so that every page can show it. */
export const asProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof z.ZodError)
    return new Problem(
      'unreadable',
      200,
      'The answer does not have the agreed form.',
      'The page and the server may be of different versions: load the page again.',
      { issues: error.issues.slice(0, 3) },
      [],
      error,
    )
  return new Problem(
    'fault',
    0,
    error instanceof Error ? error.message : String(error),
    'Load the page again.',
    {},
    [],
    error,
  )
}
