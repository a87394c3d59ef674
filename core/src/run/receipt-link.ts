/**
 * Which address of a receipt may be passed on: into a status, a message, an agent's prompt?
 * The receipt itself stays as it was signed. What a runner reports that holds the credential is its word alone, and is written elsewhere
 * with an account of somebody else: it must lie at the tool the credential is for, and hold nothing that any reader takes for markup.
 */
import { credentialFor } from './held-tools.ts'
import type { RunSpec } from './spec.ts'
import type { IntentState } from './state.ts'

/** The address, or null: there is none, or none that may be passed on. */
export const linkOf = (
  spec: Pick<RunSpec, 'pins'>,
  intent: Pick<IntentState, 'at' | 'action' | 'target' | 'receipt'>,
): string | null => {
  const url = intent.receipt?.url ?? null
  if (url === null || !isPlain(url)) return null
  const held = credentialFor(spec, intent)
  return held === null || liesAt(held.at, url) ? url : null
}

/** A path or an address of at most 500 characters, none of which means anything in Markdown, HTML or Slack's text. */
const isPlain = (url: string): boolean =>
  url.length <= 500 &&
  /^(https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~%/-]*)?|\/(?!\/)[A-Za-z0-9._~%/-]*)([?#][A-Za-z0-9._~%=&/-]*)*$/.test(
    url,
  )

/** Pages lie at the host of the API, at it without `api.`, or below that (`acme.slack.com`). */
const liesAt = (at: string, url: string): boolean => {
  const [tool, page] = [placeOf(at), placeOf(url)]
  if (tool === null || page === null || tool.scheme !== page.scheme) return false
  const host = tool.host.replace(/^api\./, '')
  return page.host === host || page.host.endsWith(`.${host}`)
}

const placeOf = (address: string): { scheme: string; host: string } | null => {
  const [, scheme, host] = /^(https?):\/\/([^/?#@]+)/.exec(address) ?? []
  return scheme && host ? { scheme, host: host.toLowerCase() } : null
}
