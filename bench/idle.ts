/** What does a control plane cost that does nothing? */
import { against, megabytes, type Figure } from './figures.ts'
import { pss, treeOf } from './memory.ts'
import { pause } from './until.ts'
import type { Place } from './place.ts'

/** Memory (proportional set size) after ten quiet seconds. */
export const idleFigures = async (place: Place): Promise<Figure[]> => {
  await pause(10_000)
  const own = pss(treeOf(place.child.pid!))
  const database = pss(treeOf(place.postgres.pid))
  return [
    against('idle control plane with its database (PSS)', own + database, 200 * 1_048_576, megabytes, {
      note: `program ${megabytes(own)}, PostgreSQL ${megabytes(database)}`,
    }),
  ]
}
