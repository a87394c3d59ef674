/**
 * Did this request come from our own pages, or from no browser at all?
 * Looks at host, origin and fetch metadata; it never looks at who asks.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { OwnAddress } from './own-address.ts'

/** Refuses a host that is not ours. Load balancers ask `/healthz` by address; it says nothing worth guarding. */
export const foreignHost = (own: OwnAddress, headers: IncomingHttpHeaders, path: string): Refusal | null =>
  own.isHost(headers.host) || path === '/healthz'
    ? null
    : refuse('wrong_host', { host: (headers.host ?? 'none').slice(0, 200), own: own.url })

/** Refuses what another site made a browser send. `safe`: the request only reads. */
export const foreignSite = (own: OwnAddress, headers: IncomingHttpHeaders, safe: boolean): Refusal | null => {
  const { origin } = headers
  if (origin !== undefined && !own.isOrigin(origin)) return refuse('cross_origin', { origin: origin.slice(0, 200) })
  const site = headers['sec-fetch-site']
  // `same-site` is another port or subdomain, so not us; `none` is the address bar, which only reads.
  if (site === undefined || site === 'same-origin' || (safe && site === 'none')) return null
  return refuse('cross_origin', { origin: `${String(origin ?? site).slice(0, 200)}` })
}
