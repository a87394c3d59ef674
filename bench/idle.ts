/** What does a control plane cost that does nothing, and how long does it take to start? */
import { against, ms, type Figure } from './figures.ts'
import { pss, treeOf } from './memory.ts'
import type { Place } from './place.ts'

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`

/** Start time and memory (proportional set size) after ten quiet seconds. */
export const idleFigures = async (place: Place): Promise<Figure[]> => {
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const own = pss(treeOf(place.child.pid!))
  const database = pss(treeOf(place.postgres.pid))
  return [
    against('start until the URL answers, database running', place.startMillis, 3_000, ms),
    against('idle control plane with its database (PSS)', own + database, 200 * 1_048_576, megabytes, {
      note: `program ${megabytes(own)}, PostgreSQL ${megabytes(database)}`,
    }),
  ]
}
