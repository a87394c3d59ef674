/**
 * Which one-time token is in this text?
 * It stands behind the # of a link, so that it never reaches a server's log; a person may paste the link or the token alone.
 */

/** The token in a fragment (`#abc`), a whole link or a bare token; null when there is none. */
export const tokenIn = (text: string): string | null => {
  const trimmed = text.trim()
  const at = trimmed.indexOf('#')
  const token = at < 0 ? trimmed : trimmed.slice(at + 1)
  return /^[\w.~-]{10,200}$/.test(token) ? token : null
}

/** Where to go after signing in: a path of this app, never another site. */
export const safePath = (to: string | undefined): string =>
  to !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(to) && !to.startsWith('/sign-in') ? to : '/inbox'
