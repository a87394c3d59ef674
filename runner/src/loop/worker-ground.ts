/** What do all loops of one worker share? */
import type { EvidenceStore } from '../evidence/store.ts'
import type { Ledger } from '../egress/ledger.ts'
import type { Redactor } from '../egress/redact.ts'
import type { OwnKey } from '../identity/key.ts'
import type { Pairing } from '../identity/pairing.ts'
import type { UsedGrants } from '../journal/used-grants.ts'
import type { LookAt } from '../look/look.ts'
import type { Policy } from '../policy/policy.ts'
import type { Port, Setup } from '../work/port.ts'
import type { Lease } from '@viewportai/core/wire/messages'
import type { Wire } from '../wire/wire.ts'

export type WorkerGround = {
  readonly folder: string
  readonly pairing: Pairing
  readonly key: OwnKey
  /** Asks how the control plane's key was changed, and pins what the pinned ones vouch for. False: nothing new. */
  readonly learnKeys: () => Promise<boolean>
  readonly policy: Policy
  readonly wire: Wire
  readonly evidence: EvidenceStore
  readonly ledger: Ledger
  readonly redactor: Redactor
  readonly grants: UsedGrants
  readonly setup: Setup
  /** Does one job. Injected, so that the loops know nothing of agents and git. */
  readonly work: (port: Port, setup: Setup) => Promise<void>
  /** Looks at a repository that nobody works on yet. Injected for the same reason. */
  readonly lookAt: LookAt
  /** Ends every process of a lease whose work did not end by itself. The last resort: the work ends its own. */
  readonly sweep: (lease: Lease) => Promise<void>
  /** How often to beat, as the control plane last said. */
  readonly beatMs: () => number
  /** A line for whoever watches the worker. */
  readonly say: (line: string) => void
  /** Fires when the worker ends and nothing more is sent. */
  readonly closing: AbortSignal
}
