/** What did an earlier vpd leave behind, and how does it go away? */
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Setup } from './port.ts'
import { removeFolder } from './step-folder.ts'

/**
 * Ends processes and removes step folders, half made caches and sessions, and git's stale locks that a killed vpd left.
 * Call once at start, before any lease, with the home locked: nothing of this home may be at work. Sessions and caches stay.
 */
export const sweepLeftovers = async (setup: Setup): Promise<void> => {
  const work = path.join(setup.home, 'work')
  for (const marker of await names(work)) await removeFolder(path.join(work, marker), marker)
  const cache = path.join(setup.home, 'cache')
  for (const name of await names(cache)) {
    if (name.endsWith('.draft')) await rm(path.join(cache, name), { recursive: true, force: true })
    else await removeLocks(path.join(cache, name))
  }
  const sessions = path.join(setup.home, 'sessions')
  for (const run of await names(sessions))
    for (const name of await names(path.join(sessions, run)))
      if (name.endsWith('.draft')) await rm(path.join(sessions, run, name), { recursive: true, force: true })
}

/** git leaves `*.lock` and temporary objects when it is killed; they would block or fill the cache. Whole objects are left alone. */
const removeLocks = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) await removeLocks(file)
    else if (entry.name.endsWith('.lock') || /^tmp_(obj|pack|idx|rev)_/.test(entry.name))
      await rm(file, { force: true })
  }
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
