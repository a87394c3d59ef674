/**
 * What may a piece of work touch outside itself?
 * The seam between the loops that talk to the control plane and the code that does a job on this machine.
 */
import type { AcpAgent } from '../agent/acp-config.ts'
import type { BodyRef } from '@viewportai/core/digest/body'
import type { Lease, Report } from '@viewportai/core/wire/messages'
import type { ModelSetup } from '../model/model-setup.ts'
import type { ProviderSetup } from '../credentials/provider-setup.ts'
import type { ToolSetup } from '../credentials/tool-setup.ts'
import type { Policy } from '../policy/policy.ts'

/** Content-addressed store of bodies on this machine (files below the runner's home, retention by run). Redaction has happened before. */
export type Evidence = {
  /** Stores bytes and returns their reference. The same bytes twice are one file. */
  put(run: string, kind: BodyRef['kind'], media: string, bytes: Uint8Array): Promise<BodyRef>
  /** The bytes, or null when this machine does not hold them (any more). */
  get(digest: string): Promise<Uint8Array | null>
  /** Names of the secrets this runner knows whose values are in the bytes. */
  secretsIn(bytes: Uint8Array): string[]
}

/** The live log of one attempt: appended as it is produced, closed once; then it is a body. */
export type StepLog = {
  /** What programs of the step wrote. */
  write(bytes: Uint8Array | string): void
  /** Words of vpd's own, marked so that no program can imitate them. */
  own(words: string): void
  close(): Promise<BodyRef>
}

/** What a piece of work gets from the loops. */
export type Port = {
  readonly lease: Lease
  /** Aborted on cancel, lost lease or shutdown; the reason says which: 'cancelled' | 'lease lost' | 'shutdown'. */
  readonly signal: AbortSignal
  readonly evidence: Evidence
  readonly log: StepLog
  /** Writes a report to the journal (fsync) and sends it in order; resolves when it is on disk. Reports survive a crash of vpd. */
  report(report: Report): Promise<void>
  /** Resolves when everything reported so far was accepted by the control plane; rejects with a Refusal when it was refused (stale epoch). Effects call it before they start. */
  settled(): Promise<void>
  /** Notes that bytes go to another place than the control plane: a remote, a host that a step reached. */
  left(what: string, to: string, bytes: number): Promise<void>
  /** One line of what is going on now, for the next beat. */
  now(line: string): void
}

/** Folders and settings of this runner that work needs. */
export type Setup = {
  /** runner's home, e.g. ~/.viewport/runner/<id>: cache/ (bare repositories), work/ (step folders), sessions/, evidence/ */
  readonly home: string
  /** environment names passed on to agents and checks besides the fixed allow-list */
  readonly passEnvironment: readonly string[]
  /** agents configured on this machine beside the built-in ones: name -> program and arguments ("{prompt}" is replaced, else stdin) */
  readonly commands: Readonly<
    Record<
      string,
      {
        argv: string[]
        promptAs: 'stdin' | 'argument'
        modes: ('plan' | 'read' | 'edit' | 'review')[]
        /** providers whose models it uses */
        models?: string[]
        /** arguments that are added when a step asks for a model */
        model?: readonly string[]
      }
    >
  >
  /** agents of the Agent Client Protocol that the owner wrote down */
  readonly acp?: Readonly<Record<string, AcpAgent>>
  /** Repositories whose own settings agents may load: patterns of the policy. Default: none. */
  readonly trust?: readonly string[]
  /** Where keys of models are and what is set about them. Without it no agent gets a model. */
  readonly model?: ModelSetup
  /** Secrets of tools, and who is handed each. */
  readonly tools?: ToolSetup
  /** Credentials of tools that effects are carried out with. Without it: none. */
  readonly provider?: ProviderSetup
  /** What holds the programs of steps, and which hosts they may reach. Without them: the strongest wall there is, and none. */
  readonly walls?: Policy['walls']
  readonly network?: Policy['network']
}
