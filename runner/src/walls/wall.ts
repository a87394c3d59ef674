/**
 * What holds the programs of a step?
 * One wall per step, for its agent and its checks alike. How it is built is the machine's business; what it holds is in `isolation`, and is said.
 */
import type { Isolation } from '@viewportai/core/run/facts'

/** What of a program a wall has to know. */
export type Inside = {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** The step's folder. Behind a wall around files it is all that can be written. */
  readonly folder: string
  /** Files and folders beside the system's that the program itself needs to run, e.g. its own installation. They can be read. */
  readonly reads?: readonly string[]
}

/** How the program is started so that it is behind the wall. */
export type Enclosure = {
  readonly argv: readonly string[]
  readonly cwd: string
  /** The environment of what is started first; a sandbox brings the program's own in another way. */
  readonly env: Readonly<Record<string, string>>
  /** What the started process has open from descriptor 4 on: what it reads, `'says'` (it writes there), or a descriptor of vpd's. */
  readonly open: readonly (string | Uint8Array | 'says' | number)[]
  /** How its processes are held, and so how its end is told. */
  readonly held: 'sandbox' | 'pid-namespace' | 'sweep'
}

/** What the wall of one step lets through. */
export type Openings = {
  /** The runner's home, with its keys and other people's work: never seen. */
  readonly home: string
  /** Folders and files that the owner of the machine lets steps read. */
  readonly reads: readonly string[]
  /** Folders of vpd that the step's clones borrow objects from. */
  readonly borrows: readonly string[]
  /** Loopback ports of vpd that are reached inside at the same address. */
  readonly doors: readonly number[]
  readonly network: Isolation['network']
  /** What programs are told beside their own environment. */
  readonly env: Readonly<Record<string, string>>
}

/** A wall around one step. */
export type Wall = {
  readonly isolation: Isolation
  /** A folder in memory that each program behind it has to itself and that ends with it; left out: there is none. */
  readonly inMemory?: string
  /** Says how a program is started behind it. Throws WorkFailed when the wall cannot be built. */
  enclose(program: Inside): Promise<Enclosure>
  /** Frees what the wall has open. Programs behind it have ended before. */
  close(): Promise<void>
}
