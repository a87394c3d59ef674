/**
 * Which exact text does a runner sign when it reports?
 * RFC 8785 form, so that both sides build the same bytes from the same message. It never signs.
 */
import { canonical } from '../digest/canonical.ts'
import type { Report } from './messages.ts'

/** The `typ` of a report's signature: a compact JWS with detached payload (RFC 7515 appendix F), alg EdDSA, the runner's key. */
export const reportType = 'viewport-report+jws'

/** Where a report belongs. Run, step and attempt stand in the facts as well, so that an auditor without the lease table can tell. */
export type ReportPlace = { run: string; step: string; attempt: number; lease: string; epoch: number; seq: number }

/** The text a report's signature covers: the report and its place, so that it cannot be moved to another run, step, lease, epoch or number. */
export const reportText = ({ run, step, attempt, lease, epoch, seq }: ReportPlace, report: Report): string =>
  canonical({ v: 1, run, step, attempt, lease, epoch, seq, report })
