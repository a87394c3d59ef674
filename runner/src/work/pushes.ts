/** What becomes of a push that the gateway took in? It is made into a change by vpd itself, kept, and reported; nothing is published. */
import { bringTree, pushedTree, type Quarantine } from '../git/quarantine.ts'
import type { Served, Verdict } from '../git/gateway.ts'
import { makeChange } from '../git/make-change.ts'
import { withLock } from '../git/cache.ts'
import type { PinnedRepo } from './job-repos.ts'
import { WorkFailed } from './failure.ts'
import { keepPatch } from './keep-patch.ts'
import type { Port } from './port.ts'

/** Pushes one attempt may have recorded, and refusals it may have reported, before the rest is only answered. */
const most = 20

export type Recorder = {
  readonly port: Port
  readonly pinned: PinnedRepo
  readonly base: string
  readonly branch: string
  readonly quarantine: Quarantine
  readonly scratch: string
  readonly message: string
}

/** What the gateway needs to record pushes of one repository. `allowed` false: the step may not push at all. */
export const recordPushes = (recorder: Recorder, allowed: boolean): Served => {
  const { port, pinned, branch } = recorder
  const repo = pinned.repo.name
  const trees = new Set<string>()
  let reported = 0
  const refuse = async (ref: string, commit: string, why: string): Promise<Verdict> => {
    port.log.own(`[push] refused: ${why}`)
    if (reported++ < most)
      await port.report({ type: 'refused', code: 'push_refused', words: why, about: { repo, ref, commit } })
    return { recorded: false, words: why }
  }
  return {
    name: repo,
    quarantine: recorder.quarantine,
    branch: allowed ? branch : null,
    refused: async (command, why) => void (await refuse(command.ref, command.new, why)),
    pushed: async ({ ref, new: commit }) => {
      const tree = await pushedTree(recorder.quarantine, commit)
      if (tree === null) return refuse(ref, commit, `${commit.slice(0, 12)} is not a commit`)
      if (trees.has(tree))
        return { recorded: true, words: 'these files were recorded already; a reviewer decides, nothing was published' }
      if (trees.size >= most) return refuse(ref, commit, `more than ${most} pushes in one step`)
      try {
        await withLock(pinned.cache, () => bringTree(recorder.quarantine, pinned.cache, commit))
        const made = await makeChange(
          pinned.cache.dir,
          pinned.repo.use,
          recorder.base,
          tree,
          recorder.message,
          recorder.scratch,
        )
        if (!made) return await refuse(ref, commit, 'there is nothing in it that the base does not have')
        const patch = await keepPatch(port, pinned.cache.dir, made)
        trees.add(tree)
        // The argv is ours: what would be published, not what the agent's processes call themselves.
        await port.report({
          type: 'push',
          repo,
          ref,
          change: { ...made.change, repo },
          patch,
          argv: ['git', 'push', 'origin', `HEAD:${ref}`],
        })
        port.log.own(`[push] recorded ${ref}: ${made.change.files.length} files`)
        return {
          recorded: true,
          words: `recorded ${ref} with ${made.change.files.length} changed ${made.change.files.length === 1 ? 'file' : 'files'}; a reviewer decides, nothing was published`,
        }
      } catch (error) {
        if (error instanceof WorkFailed) return refuse(ref, commit, error.failure.summary)
        throw error
      }
    },
  }
}
