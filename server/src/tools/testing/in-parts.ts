/** The deliveries that become of one webhook that tells of several things, as they are stored. Only tests import it. */
import { readPayload } from '../payload.ts'
import type { StoredDelivery } from '../port.ts'
import type { z } from 'zod'

/** One delivery for each part; one without a part when nothing can listen to it. */
export const inParts = <T>(told: object, schema: z.ZodType<T>, partsOf: (payload: T) => string[]): StoredDelivery[] => {
  const body = Buffer.from(JSON.stringify(told))
  const read = readPayload(body, schema, 'the tool')
  if (typeof read === 'string') throw new Error(read)
  const parts = partsOf(read)
  return (parts.length > 0 ? parts : [null]).map((part) => ({ headers: {}, body, part }))
}
