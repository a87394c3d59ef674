/** What does the live stream say? Only "look now" with a topic and an id; a lost line costs latency, never truth. */
import { z } from 'zod'

export const StreamNote = z.strictObject({
  topic: z.enum(['run', 'gate', 'runner', 'workflow', 'delivery', 'pairing', 'look', 'connection']),
  id: z.string(),
  seq: z.int().nonnegative(),
})
export type StreamNote = z.infer<typeof StreamNote>

/** The data of `event: beat`: the stream lives, and says so again after so many milliseconds. The first comes at once. */
export const StreamBeat = z.strictObject({ everyMillis: z.int().positive() })
