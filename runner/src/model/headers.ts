/** Which headers pass between an agent and a provider? Lists of what may, both ways: what is not known stays behind. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Upstream } from './providers.ts'

/** Versions, betas, what programs say about themselves and their sessions. No credentials, cookies, accounts, addresses, methods or connections. */
const toProvider =
  /^(content-type|content-encoding|accept|accept-language|user-agent|anthropic-(version|beta|dangerous-direct-browser-access)|openai-beta|originator|version|(session|conversation|thread)[_-]id|idempotency-key|x-app|x-request-id|x-client-request-id|x-(stainless|claude-code|claude-remote|codex|openai-subagent|goog-api-client)[a-z0-9_-]*)$/
const toAgent =
  /^(content-type|cache-control|date|retry-after(-ms)?|x-should-retry|request-id|x-request-id|anthropic-ratelimit-[a-z0-9-]+|x-ratelimit-[a-z0-9-]+|openai-(model|processing-ms|version)|x-(codex|reasoning|models)-[a-z0-9-]+)$/

/** The keys that an agent showed: every one has to be the step's. */
export const shownKeys = (headers: IncomingHttpHeaders, target: string): string[] => [
  ...[headers['x-api-key'], headers['x-goog-api-key'], headers['api-key']].flatMap((one) => one ?? []),
  ...(headers.authorization === undefined ? [] : [headers.authorization.replace(/^Bearer +/i, '')]),
  ...[...(target.split('?')[1] ?? '').matchAll(/(?:^|&)key=([^&]*)/g)].map(([, key]) => key ?? ''),
]

/** Headers of the request to the provider, with the real key where it belongs. `clean` takes secrets out of the values that the agent gave. */
export const headersTo = (
  upstream: Upstream,
  from: IncomingHttpHeaders,
  length: number,
  clean: (text: string) => string,
): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(from))
    if (typeof value === 'string' && toProvider.test(name)) headers[name] = clean(value)
  // Nothing has to be unpacked to be counted; a provider that packs nevertheless is understood too.
  headers['accept-encoding'] = 'identity'
  if (length > 0) headers['content-length'] = String(length)
  if (upstream.dialect === 'anthropic') headers['x-api-key'] = upstream.key
  else if (upstream.dialect === 'google') headers['x-goog-api-key'] = upstream.key
  else headers['authorization'] = `Bearer ${upstream.key}`
  return headers
}

/** Headers of the answer to the agent. `clean` takes the key out of their values. */
export const headersFrom = (from: IncomingHttpHeaders, clean: (text: string) => string): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(from))
    if (typeof value === 'string' && toAgent.test(name)) headers[name] = clean(value)
  return headers
}
