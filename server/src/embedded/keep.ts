/**
 * What when the embedded server ends while Viewport runs?
 * It is started again on the same port, so that every pool finds it where it was. When that cannot be, the program is told to end.
 */
import { isOurs } from './postmaster.ts'
import { startEmbedded, type Running, type StartOptions } from './start.ts'
import { stopEmbedded } from './stop.ts'

export type Kept = {
  /** As it runs now: the pid changes with a restart, the URL does not. */
  readonly running: Running
  /** Stops looking after it, and stops the server unless others use it; answers whether it was stopped. */
  stop(): Promise<boolean>
  /** Stops looking after it and lets it run: it is somebody else's. */
  leave(): void
}
type KeepOptions = StartOptions & {
  readonly everyMillis?: number
  readonly warn: (words: string, about: Record<string, unknown>) => void
  /** The server cannot be had again where it was: the program must end with these words. */
  readonly lost: (words: string) => void
}

/** Starts or adopts the server and looks after it. */
export const keepEmbedded = async (
  dataFolder: string,
  { everyMillis = 500, warn, lost, ...options }: KeepOptions,
): Promise<Kept> => {
  let running = await startEmbedded(dataFolder, options)
  let stopped = false
  let reviving: Promise<void> | null = null

  const revive = async (): Promise<void> => {
    const { pid, port } = running
    warn('The embedded PostgreSQL ended; it is started again.', { pid })
    try {
      running = await startEmbedded(dataFolder, { ...options, port })
      warn('The embedded PostgreSQL runs again.', { pid: running.pid })
    } catch (error) {
      lost((error as Error).message)
    }
  }

  const timer = setInterval(() => {
    if (stopped || reviving || isOurs(running.pid, running.place.data)) return
    reviving = revive().finally(() => (reviving = null))
  }, everyMillis)
  timer.unref()

  return {
    get running() {
      return running
    },
    leave() {
      stopped = true
      clearInterval(timer)
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await reviving
      return stopEmbedded(running)
    },
  }
}
