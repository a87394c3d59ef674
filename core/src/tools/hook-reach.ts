/** From where can something be sent to the address of a webhook? By its form alone: nobody is asked, and a name that is public may still lead nowhere. */
import { kindOf } from '../policy/addresses.ts'
import { URL } from './url.ts'

/**
 * A sentence where only this machine or its network can send there, with what would do instead; null: by its form anybody can.
 * `url`: the address of the webhook, as `http://127.0.0.1:7171/hooks/src_…`.
 */
export const hookReach = (url: string): string | null => {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : ''
  const from = fromWhere(host)
  return from === null
    ? null
    : `Only from ${from} can anything be sent to ${host}. For tools elsewhere put an https address in front of this Viewport, and start it with that in VIEWPORT_PUBLIC_URL.`
}

const fromWhere = (host: string): string | null => {
  if (/^127\.|^::1$|(^|\.)localhost$/.test(host)) return 'this machine'
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  if (isAddress ? kindOf(host) !== 'public' : !host.includes('.') || /\.(local|internal|lan|home|test)$/.test(host))
    return 'this network'
  return null
}
