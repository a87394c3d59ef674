/**
 * Is a runner not understood because its vpd is of another version than the control plane?
 * Only then its words are about versions: a message that does not fit between equals is a fault of whoever wrote it.
 */
import { z } from 'zod'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import { invalidRequest } from '../http/problem.ts'
import { version } from '../version.ts'

/** What a runner says of itself when it is paired and when it comes online: the message, or why it is not taken. `ours`: the version of this control plane. */
export const introduced = <T>(schema: z.ZodType<T>, body: unknown, ours = version): T | Refusal => {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const invalid = invalidRequest([{ part: 'message', error: read.error }]).refusal
  const vpd = Said.safeParse(body).data?.capabilities.vpd
  const later = vpd === undefined ? 0 : compared(vpd, ours)
  if (later === 0) return invalid
  return refuse(later > 0 ? 'runner_newer' : 'runner_older', { ...invalid.facts, vpd, version: ours })
}

/** A version as npm names them; whatever else stands there is repeated to nobody. */
const Said = z.object({
  capabilities: z.object({
    vpd: z
      .string()
      .max(60)
      .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z.-]+)?$/),
  }),
})

/** Above 0: the first is later. Versions before a release are not told apart. */
const compared = (a: string, b: string): number => {
  const numbers = (text: string): number[] => text.split('-')[0]!.split('.').map(Number)
  const [left, right] = [numbers(a), numbers(b)]
  const at = left.findIndex((number, n) => number !== right[n])
  return at < 0 ? 0 : left[at]! - right[at]!
}
