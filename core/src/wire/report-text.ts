/**
 * Which exact text does a runner sign when it reports?
 * RFC 8785 form, so that both sides build the same bytes from the same message. It never signs.
 */
import { canonical } from '../digest/canonical.ts'
import type { Report } from './messages.ts'

/** The `typ` of a report's signature: a compact JWS with detached payload (RFC 7515 appendix F), alg EdDSA, the runner's key. */
export const reportType = 'viewport-report+jws'

/** The text a report's signature covers: the report and its place, so that it cannot be moved to another lease, epoch or number. */
export const reportText = (place: { lease: string; epoch: number; seq: number }, report: Report): string =>
  canonical({ v: 1, lease: place.lease, epoch: place.epoch, seq: place.seq, report })
