/**
 * How does a person let this machine in?
 * A new key, its public part to the control plane, a code and three words for the person, and waiting until someone has decided.
 */
import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { formatPairingCode, readPairingCode } from '@viewportai/core/wire/pairing-code'
import { PairAnswer, PairState, PublicJwk, type Capabilities } from '@viewportai/core/wire/messages'
import { privateFolder } from '../disk/durable.ts'
import { openLedger } from '../egress/ledger.ts'
import { call, type Ground } from '../wire/call.ts'
import { introducedAs } from '../wire/refused.ts'
import { openLines } from '../wire/exchange.ts'
import { pause } from '../wire/retry.ts'
import { serverClock } from '../wire/server-clock.ts'
import { runnerFolder } from './home.ts'
import { makeKey } from './key.ts'
import { savePairing, type Pairing } from './pairing.ts'

export type PairOptions = {
  home: string
  server: string
  name: string | null
  pool: string | null
  capabilities: Capabilities
  /** What the worker shall use; pairing itself is by HTTPS. */
  transport: Pick<Pairing, 'transport' | 'relay'>
  /** Told once, when a person can act. */
  onCode(shown: { page: string; code: string; words: [string, string, string]; expiresInSeconds: number }): void
  onTrouble(why: string | null): void
  signal: AbortSignal
}

/** Pairs this machine. Resolves with the saved pairing or the refusal; throws Ended when the signal fires. Nothing is left behind unless it was approved. */
export const pair = async (options: PairOptions): Promise<Pairing | Refusal> => {
  const draft = path.join(options.home, 'runners', `.new-${randomBytes(6).toString('hex')}`)
  await privateFolder(options.home)
  await privateFolder(draft)
  const lines = openLines()
  try {
    const key = await makeKey(path.join(draft, 'key.json'))
    let troubled = false
    const ground: Ground = {
      server: options.server,
      key,
      lines,
      clock: serverClock(),
      closed: options.signal,
      trouble(why) {
        if (troubled !== (why !== null)) options.onTrouble(why)
        troubled = why !== null
      },
    }
    const ledger = await openLedger(draft, new URL(options.server).origin)
    const request = { key: key.public, name: options.name, pool: options.pool, capabilities: options.capabilities }
    await ledger.note({ run: null, what: 'pair', message: { of: 'pair', value: request } })
    await ledger.close()
    const asked = await call(ground, {
      path: '/wire/pairings',
      body: request,
      answer: z.object(PairAnswer.shape),
      tokens: null,
    })
    if (asked === null) return refuse('pairing_unknown')
    if (isRefusal(asked)) return introducedAs(asked, request.capabilities.vpd, options.server)
    if (asked.words.join(' ') !== key.words.join(' '))
      return refuse('proof_invalid', { why: 'the control plane saw another key than this machine has' })
    const code = readPairingCode(asked.code)
    options.onCode({
      page: asked.page,
      code: code === null ? asked.code : formatPairingCode(code),
      words: key.words,
      expiresInSeconds: asked.expiresInSeconds,
    })

    const state = await decided(ground, asked.pairing, asked.pollSeconds, options.signal)
    if (isRefusal(state)) return state
    if (state.state === 'refused')
      return refuse('not_allowed', { who: 'This machine', why: `the pairing was refused: ${state.why}` })
    const pairing: Pairing = {
      v: 1,
      server: options.server,
      runner: state.runner,
      name: state.name,
      pool: state.pool,
      workspace: state.workspace,
      repositories: state.repositories,
      serverKeys: z.array(PublicJwk).min(1).parse(state.serverKeys),
      ...options.transport,
    }
    await rename(draft, runnerFolder(options.home, safeId(pairing.runner)))
    await savePairing(options.home, pairing)
    return pairing
  } finally {
    lines.close()
    await rm(draft, { recursive: true, force: true })
  }
}

type Decided = Exclude<z.infer<typeof PairState>, { state: 'waiting' }>

const decided = async (
  ground: Ground,
  pairing: string,
  pollSeconds: number,
  signal: AbortSignal,
): Promise<Decided | Refusal> => {
  for (;;) {
    const state = await call(ground, {
      path: '/wire/pairings/poll',
      body: { pairing },
      answer: PairState,
      tokens: null,
      signal,
    })
    if (isRefusal(state)) return state
    if (state !== null && state.state !== 'waiting') return state
    await pause(Math.max(pollSeconds, 0.2) * 1_000, signal)
  }
}

// It becomes the name of a folder.
const safeId = (runner: string): string => {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/.test(runner))
    throw new Error(`The control plane sent an unusable runner id: ${JSON.stringify(runner)}.`)
  return runner
}
