/** A change as an agent's step leaves it: files written over the base, and what is made of them. */
import type { Cache } from '../git/cache.ts'
import { makeChange } from '../git/make-change.ts'
import { readWorkTree } from '../git/read-work-tree.ts'
import { writeFiles, type Files } from '../git/remote.fixture.ts'
import { cloneForStep } from '../git/step-clone.ts'

/** `work`: a folder that does not exist yet. */
export const madeChange = async (cache: Cache, base: string, branch: string, work: string, files: Files) => {
  await cloneForStep(cache, work, base, branch, null)
  await writeFiles(work, files)
  const made = await makeChange(
    cache.dir,
    { name: 'acme/shop', access: 'write', write: ['**'] },
    base,
    await readWorkTree(cache.dir, work, base, `${work}-scratch`),
    'm',
    `${work}-scratch`,
  )
  if (!made) throw new Error('nothing changed')
  return made
}
