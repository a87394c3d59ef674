/** How long is a secret of before taken, and what is known of those that are? The same for webhook sources and connections. */
import { z } from 'zod'
import { Millis } from '../ids.ts'

/** Hours for which the secret before goes on being taken: 0 ends it, and every older one, at once; a week at most. */
export const OldHours = z.int().min(0).max(168)
/** What is meant when nothing is said. */
export const oldHoursUsually = 24

/** Secrets of before that are still taken, the newest first. `since`: when it was replaced; `until`: when it ends by itself; `lastAt`: when something signed with it came last; null: nothing did since. */
export const OldSecrets = z.array(z.strictObject({ since: Millis, until: Millis, lastAt: Millis.nullable() }))
export type OldSecret = z.infer<typeof OldSecrets>[number]
