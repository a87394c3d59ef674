/**
 * When is what was stored worked on?
 * The first delivery after a quiet time almost at once. In a busy time those of a moment are gathered: together they cost less, and the
 * next answers do not wait behind them. A process that dies meanwhile loses nothing: the sweep finds what is stored.
 */

/** Not in the same breath: the answer goes out first. */
const quickMillis = 2
/** Between two beginnings in one workspace at least. */
const busyMillis = 50
const workspacesKept = 10_000

export type Pace = { soon(workspace: string): void; close(): void }

/** `begin` is called once for everything asked for until then. After `close` never again. */
export const makePace = (begin: (workspace: string) => void): Pace => {
  const timers = new Map<string, NodeJS.Timeout>()
  const begun = new Map<string, number>()
  return {
    soon(workspace) {
      if (timers.has(workspace)) return
      const rest = (begun.get(workspace) ?? -Infinity) + busyMillis - performance.now()
      timers.set(
        workspace,
        setTimeout(
          () => {
            timers.delete(workspace)
            if (begun.size >= workspacesKept) begun.clear()
            begun.set(workspace, performance.now())
            begin(workspace)
          },
          Math.max(quickMillis, rest),
        ),
      )
    },
    close: () => timers.forEach((timer) => clearTimeout(timer)),
  }
}
