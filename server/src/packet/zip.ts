// How do files become a zip with the same bytes everywhere and every time?
import { zipSync, type Zippable } from 'fflate'

// The first day that a zip can name. fflate reads the fields of local time, so this is the same date in every time zone.
const FIRST_DAY = new Date(1980, 0, 1)

/** A zip of these files in the order of their paths, deflated, without times, owners or comments. */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = {}
  for (const path of [...files.keys()].toSorted()) entries[path] = [files.get(path)!, { mtime: FIRST_DAY, level: 6 }]
  return zipSync(entries)
}
