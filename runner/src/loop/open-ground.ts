/** What has to be opened before a worker can live, and closed after it? */
import { isRefusal } from '@viewportai/core/refusal'
import { openEvidence } from '../evidence/store.ts'
import { openLedger } from '../egress/ledger.ts'
import { redactorFor } from '../egress/redact.ts'
import { knownSecrets } from '../egress/secrets.ts'
import { runnerFolder } from '../identity/home.ts'
import { readKey } from '../identity/key.ts'
import { keyFileOf, savePairing } from '../identity/pairing.ts'
import { withSuccessors } from '../identity/successors.ts'
import { openUsedGrants } from '../journal/used-grants.ts'
import { Ended } from '../wire/exchange.ts'
import { openWire } from '../wire/wire.ts'
import type { WorkerGround } from './worker-ground.ts'

/** What the caller brings: who we are, what is allowed, and who does the work. */
export type Brought = Pick<WorkerGround, 'pairing' | 'policy' | 'setup' | 'work' | 'lookAt' | 'sweep' | 'say'> & {
  home: string
  /** The address of the socket of a relay; null: polling. */
  relay: string | null
  /** Told when the relay cannot be used (why), and null when it can again. */
  onRelay?(why: string | null): void
  onTrouble(why: string | null): void
}
export type OpenGround = {
  ground: WorkerGround
  setBeat(ms: number): void
  /** Ends everything that still sends. */
  close(): void
  /** Closes the files, after the worker has ended. */
  end(): Promise<void>
}

/** How long it is tried to learn of a new key: work waits for it, and is offered again when it fails. */
const learningMs = 10_000

/** Opens the key, wire, evidence, ledger and lists of a runner. The lock of its folder must be held. */
export const openGround = async ({ home, relay, onTrouble, onRelay, ...brought }: Brought): Promise<OpenGround> => {
  const { pairing, policy } = brought
  const folder = runnerFolder(home, pairing.runner)
  const key = await readKey(keyFileOf(home, pairing.runner))
  const redactor = redactorFor(await knownSecrets({ policy, key, home, folder }))
  const closing = new AbortController()
  /** What is vouched for is pinned from now on. True: it was new. */
  const pin = async (successions: readonly string[]): Promise<boolean> => {
    const keys = await withSuccessors(pairing.serverKeys, successions)
    if (keys.length === pairing.serverKeys.length) return false
    pairing.serverKeys = keys
    await savePairing(home, pairing)
    brought.say('The control plane signs with another key now; the one that was pinned vouches for it.')
    return true
  }
  const wire = openWire({
    server: pairing.server,
    runner: pairing.runner,
    key,
    onTrouble,
    relay:
      relay === null
        ? null
        : {
            url: relay,
            async believed(successions) {
              await pin(successions)
              return pairing.serverKeys
            },
            onChange: onRelay ?? (() => {}),
          },
  })
  let beatMs = 10_000 // until the hello says it
  const { model } = brought.setup
  const ledger = await openLedger(folder, new URL(pairing.server).origin)
  const ground: WorkerGround = {
    ...brought,
    setup: {
      ...brought.setup,
      ...(brought.setup.tools && { tools: { ...brought.setup.tools, learn: (more) => redactor.learn(more) } }),
      ...(brought.setup.provider && {
        provider: { ...brought.setup.provider, learn: (more) => redactor.learn(more) },
      }),
      ...(model && {
        model: {
          ...model,
          // A key that was set while the worker runs is kept out of texts from its first use on.
          learn: (more) => redactor.learn(more),
          // What an agent asks a model leaves this machine too, by another way.
          secrets: () => redactor.secrets(),
          leaves: ({ to, bytes, masked = 0, ...place }) => ledger.note({ ...place, elsewhere: { to, bytes, masked } }),
        },
      }),
    },
    folder,
    key,
    wire,
    learnKeys: async () => {
      const answer = await wire.keys({ signal: AbortSignal.timeout(learningMs) }).catch((error: unknown) => {
        if (error instanceof Ended) return null
        throw error
      })
      return answer === null || isRefusal(answer) ? false : pin(answer.successions)
    },
    redactor,
    evidence: openEvidence(folder, redactor),
    ledger,
    grants: await openUsedGrants(folder, wire.clock.seconds),
    beatMs: () => beatMs,
    closing: closing.signal,
  }
  return {
    ground,
    setBeat: (ms) => void (beatMs = ms),
    close() {
      closing.abort()
      wire.close()
    },
    async end() {
      await ground.ledger.close()
      await ground.grants.close()
    },
  }
}
