/** Is it the database that is away, or is it what was asked of it? By SQLSTATE (PostgreSQL, appendix A) or the system's error code. */

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code

/** Nothing can be done now, whatever it is: no connection, no room, shutting down. */
export const isAway = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === undefined
    ? /connection|connect |terminated|timeout/i.test((error as Error | null)?.message ?? '')
    : /^(08|53|57P|58|E[A-Z])/.test(code)
}

/** The same may succeed a moment later: the database is away, or others were in the way. */
export const isPassing = (error: unknown): boolean => isAway(error) || /^(40|55|57)/.test(codeOf(error) ?? '')
