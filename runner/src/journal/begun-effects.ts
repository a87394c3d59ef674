/**
 * Was this effect begun on this machine before?
 * An empty file for each, on disk before anything is asked of a tool: whoever signs the work may say "first attempt" twice, and what was begun
 * here is looked for first all the same. Kept for a year.
 */
import { createHash } from 'node:crypto'
import { access, mkdir, open, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder } from '../disk/durable.ts'

const keptMonths = 12

/** Notes an effect as begun; true when it was noted before. `folder`: the runner's. Throws when it cannot be kept: then it is not begun. */
export const wasBegun = async (folder: string, intent: string, at = new Date()): Promise<boolean> => {
  const all = path.join(folder, 'begun-effects')
  const name = createHash('sha256').update(intent).digest('hex')
  const month = at.toISOString().slice(0, 7)
  await mkdir(path.join(all, month), { recursive: true, mode: 0o700 })
  const months = (await readdir(all)).toSorted()
  await Promise.all(
    months
      .slice(0, Math.max(0, months.length - keptMonths - 1))
      .map((old) => rm(path.join(all, old), { recursive: true, force: true })),
  )
  const found = await Promise.all(
    months.map((one) =>
      access(path.join(all, one, name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  const file = await open(path.join(all, month, name), 'a', 0o600)
  await file.sync().finally(() => file.close())
  await syncFolder(path.join(all, month))
  return found.includes(true)
}
