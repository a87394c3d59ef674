/** What has to be opened before a worker can live, and closed after it? */
import { openEvidence } from '../evidence/store.ts'
import { openLedger } from '../egress/ledger.ts'
import { redactorFor } from '../egress/redact.ts'
import { knownSecrets } from '../egress/secrets.ts'
import { readKey } from '../identity/key.ts'
import { keyFileOf, type Pairing } from '../identity/pairing.ts'
import { openUsedGrants } from '../journal/used-grants.ts'
import type { WorkerGround } from '../loop/worker-ground.ts'
import type { Policy } from '../policy/policy.ts'
import { doJob } from '../work/do-job.ts'
import { sweepLeftovers } from '../work/sweep-leftovers.ts'
import { openWire } from '../wire/wire.ts'
import { setupOf } from './capabilities.ts'

type Asked = {
  home: string
  folder: string
  policy: Policy
  pairing: Pairing
  say(line: string): void
  onTrouble(why: string | null): void
}

/** Opens key, wire, evidence, ledger and lists of a runner, and sweeps what an earlier vpd left. The folder's lock must be held. */
export const openGround = async ({
  home,
  folder,
  policy,
  pairing,
  say,
  onTrouble,
}: Asked): Promise<{ ground: WorkerGround; setBeat(ms: number): void; close(): void }> => {
  const setup = setupOf(folder, policy)
  await sweepLeftovers(setup)
  const key = await readKey(keyFileOf(home, pairing.runner))
  const redactor = redactorFor(await knownSecrets({ policy, key, folder }))
  const closing = new AbortController()
  const wire = openWire({ server: pairing.server, runner: pairing.runner, key, onTrouble })
  let beatMs = 10_000
  const ground: WorkerGround = {
    folder,
    pairing,
    key,
    policy,
    wire,
    redactor,
    evidence: openEvidence(folder, redactor),
    ledger: await openLedger(folder, new URL(pairing.server).origin),
    grants: await openUsedGrants(folder, Math.floor(Date.now() / 1_000)),
    setup,
    work: doJob,
    sweep: async () => {},
    beatMs: () => beatMs,
    say,
    closing: closing.signal,
  }
  return {
    ground,
    setBeat: (ms) => void (beatMs = ms),
    close() {
      closing.abort()
      wire.close()
    },
  }
}
