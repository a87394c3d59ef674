/**
 * Whose turn is it, where many workspaces want to work at once and there is not room for all?
 * Few of one workspace at a time, so that what is slow in one leaves places for the others; who waits is served in the order they came, but for those whose workspace has
 * all it gets. It never stops what has begun: whoever works bounds its own time.
 */

/** `atOnce`: so many pieces of work are in hand. `ofOne`: so many of them belong to one workspace. */
export type Room = { readonly atOnce: number; readonly ofOne: number }
/** Does the work when its turn has come, and gives what it gives. Throws what it throws. */
export type Turns = <T>(workspace: string, work: () => Promise<T>) => Promise<T>

/** Places of one process for one kind of work. */
export const workspaceTurns = ({ atOnce, ofOne }: Room): Turns => {
  const busy = new Map<string, number>()
  const waiting: { readonly workspace: string; readonly begin: () => void }[] = []
  let inHand = 0

  const callNext = (): void => {
    while (inHand < atOnce) {
      const at = waiting.findIndex(({ workspace }) => (busy.get(workspace) ?? 0) < ofOne)
      if (at === -1) return
      const [next] = waiting.splice(at, 1)
      inHand++
      busy.set(next!.workspace, (busy.get(next!.workspace) ?? 0) + 1)
      next!.begin()
    }
  }

  const leave = (workspace: string): void => {
    inHand--
    const left = busy.get(workspace)! - 1
    if (left > 0) busy.set(workspace, left)
    else busy.delete(workspace)
    callNext()
  }

  return async (workspace, work) => {
    await new Promise<void>((begin) => {
      waiting.push({ workspace, begin })
      callNext()
    })
    try {
      return await work()
    } finally {
      leave(workspace)
    }
  }
}
