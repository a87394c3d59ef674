/**
 * How is work started at once in this process, without waiting for a queue's next look?
 * One at a time per kind and key: who asks while it runs gets one more run at its end, so that nothing stored meanwhile is missed.
 */
import type { Kind } from './port.ts'

type Direct = {
  start(kind: Kind, arg: string): void
  /** From now on starts run; those asked for before begin. */
  begin(): void
  /** Starts nothing more. */
  end(): void
}

/** `run` does the work durably and resolves when it is done; `failed` is told when it did not end well. */
export const makeDirect = (
  run: (kind: Kind, arg: string) => Promise<void>,
  failed: (kind: Kind, error: Error) => void,
): Direct => {
  const running = new Map<string, { again: boolean }>()
  const asked = new Map<string, { kind: Kind; arg: string }>() // before the engine works
  let going = false

  const go = (kind: Kind, arg: string): void => {
    const id = `${kind} ${arg}`
    const held = running.get(id)
    if (held) {
      held.again = true
      return
    }
    const mine = { again: false }
    running.set(id, mine)
    run(kind, arg)
      .catch((error: Error) => failed(kind, error))
      .finally(() => {
        running.delete(id)
        if (mine.again && going) go(kind, arg)
      })
  }

  return {
    start(kind, arg) {
      if (going) go(kind, arg)
      else asked.set(`${kind} ${arg}`, { kind, arg })
    },
    begin() {
      going = true
      for (const { kind, arg } of asked.values()) go(kind, arg)
      asked.clear()
    },
    end() {
      going = false
    },
  }
}
