/**
 * How is an agent started that talks JSON-RPC with vpd?
 * Its program runs behind the step's wall; what vpd says before it runs waits for it; a line that is no message is output; when the program ends, so does the talk.
 */
import { startProgram, type Ended, type Program, type Running } from '../process/start-program.ts'
import type { AgentTask } from './driver.ts'
import { peer, type Peer, type PeerSide } from './peer.ts'

export type Talk = {
  readonly peer: Peer
  /** Starts the program. Rejects when the operating system cannot. `signal` ends it. */
  start(program: Pick<Program, 'argv' | 'env' | 'reads'>, signal: AbortSignal): Promise<Started>
}
export type Started = { readonly program: Running; readonly ended: Promise<Ended> }

/** The talk of one attempt. `version`: as for `peer`. */
export const talkFor = (
  task: AgentTask,
  side: Pick<PeerSide, 'request' | 'notification'>,
  version: { version: boolean },
): Talk => {
  let running: Running | null = null
  const unsent: string[] = []
  const talk = peer(
    {
      ...side,
      write: (text) => void (running ? running.write(text) : unsent.push(text)),
      noise: (line) => task.on({ event: 'output', bytes: Buffer.from(`${line}\n`), from: 'out' }),
    },
    version,
  )
  return {
    peer: talk,
    start: async (program, signal) => {
      const started = await startProgram({
        ...program,
        cwd: task.cwd,
        input: 'open',
        wall: task.wall,
        folder: task.folder,
        seconds: task.seconds,
        signal,
        onOutput: (bytes, from) => (from === 'out' ? talk.read(bytes) : task.on({ event: 'output', bytes, from })),
      })
      running = started
      for (const text of unsent) started.write(text)
      return { program: started, ended: started.ended.finally(() => talk.end()) }
    },
  }
}
