/** What did earlier work of an agent cost in this workspace? The shape of the answer. */
import { z } from 'zod'

/** Of at most 200 runs. `medianUsdMicros`: in millionths of a dollar; null where there is no such run. */
export const PastCost = z.strictObject({
  runs: z.int().nonnegative(),
  medianUsdMicros: z.int().nonnegative().nullable(),
})
export type PastCost = z.infer<typeof PastCost>
