/**
 * Is the relay there now, and if not, when is it tried again?
 * While it is there, requests go by it; while it is not, they go by polling over HTTPS, so nothing waits for it. Whoever uses it
 * notices nothing of the change but a request without an answer, which is tried again as always.
 */
import { Duplex } from 'node:stream'
import { relayLimits } from '@viewportai/core/wire/relay'
import { pause, pauseBefore, retryAfter, type Pace } from '../wire/retry.ts'
import { Ended } from '../wire/exchange.ts'
import { dial, NoRelay, type Dialled, type DialOptions } from './dial.ts'

export type LinkState = {
  /** Do requests go by it now? */
  readonly open: boolean
  /** Why not, or null; since when it is as it is (wall clock, milliseconds). */
  readonly why: string | null
  readonly since: number
}
export type Link = {
  /** A new connection to the control plane, or null: there is no relay now. */
  connect(): Duplex | null
  open(): boolean
  /** An answer did not come in time: is anybody there at all? Until that is known, nothing more is sent by it. */
  doubt(): void
  state(): LinkState
  /** Resolves when it was tried for the first time, well or not. */
  readonly tried: Promise<void>
  close(): void
}
export type LinkOptions = Omit<DialOptions, 'signal'> & {
  /** Told when it changes whether the relay can be used: why not, or null. */
  onChange(why: string | null): void
  /** The control plane's time, in seconds. */
  now(): number
  pace?: Pace
}

const usualPace: Pace = { firstMs: 1_000, maxMs: 300_000 }
/** A socket that lived so long was a good one: what ends it is no reason to wait. */
const steadyMs = 60_000
/** The other end retires it: it is replaced without a word to anybody. */
const retired = 'it had its time'
/** Asked in doubt, it has so long to answer. */
const doubtMs = 2_000

/** Keeps a socket open until it is closed. */
export const keepLink = (options: LinkOptions): Link => {
  const closing = new AbortController()
  const alive = new Set<Dialled>()
  let dialled: Dialled | null = null
  let doubted = false
  let told = false
  let state: LinkState = { open: false, why: null, since: Date.now() }
  let wasTried = (): void => {}
  const tried = new Promise<void>((resolve) => (wasTried = resolve))

  const live = async (): Promise<void> => {
    for (let failures = 0; ;) {
      let why: string
      let asked: string | undefined
      let steady = false
      try {
        const next = await dial({ ...options, signal: closing.signal })
        const from = performance.now()
        why = await used(next)
        steady = performance.now() - from > steadyMs
      } catch (error) {
        if (!(error instanceof NoRelay)) throw error
        why = error.message
        asked = error.retryAfter
      }
      if (closing.signal.aborted) return wasTried()
      failures = steady ? 1 : failures + 1
      down(why, !steady && why !== retired)
      wasTried()
      await pause(pauseBefore(failures, options.pace ?? usualPace, retryAfter(asked, options.now())), closing.signal)
    }
  }
  /** Resolves with why a socket is to be used no more. Streams that still run on one that retires may end. */
  const used = async (of: Dialled): Promise<string> => {
    alive.add(of)
    void of.gone.then(() => alive.delete(of))
    dialled = of
    doubted = false
    up()
    wasTried()
    const asking = setInterval(() => probe(of, relayLimits.pongSeconds * 1_000), relayLimits.pingSeconds * 1_000)
    const retires = new Promise<string>((resolve) => of.session.once('goaway', () => resolve(retired)))
    try {
      return await Promise.race([of.gone, retires])
    } finally {
      clearInterval(asking)
      dialled = null
    }
  }
  /** Cuts a socket unless it answers in time. */
  const probe = (of: Dialled, ms: number): void => {
    const limit = setTimeout(() => of.cut('it does not answer any more'), ms)
    void of.gone.then(() => clearTimeout(limit))
    if (of.session.destroyed) return
    of.session.ping((error) => {
      if (error) return
      clearTimeout(limit)
      if (dialled === of) doubted = false
    })
  }
  const up = (): void => {
    state = { open: true, why: null, since: Date.now() }
    if (told) options.onChange(null)
    told = false
  }
  const down = (why: string, tell: boolean): void => {
    state = { open: false, why, since: state.open ? Date.now() : state.since }
    if (!tell || told) return
    told = true
    options.onChange(why)
  }
  const usable = (): Dialled | null =>
    dialled === null || doubted || dialled.session.closed || dialled.session.destroyed ? null : dialled

  void live().catch((error: unknown) => {
    if (!(error instanceof Ended)) throw error
  })
  return {
    open: () => usable() !== null,
    connect() {
      const stream = usable()?.session.request({ ':method': 'CONNECT', ':authority': 'viewport' }, { endStream: false })
      if (!stream) return null
      const line = Duplex.from({ readable: stream, writable: stream })
      return line.on('error', () => {}) // who uses it hears of it; afterwards nobody may
    },
    doubt() {
      if (dialled === null || doubted) return
      doubted = true
      probe(dialled, doubtMs)
    },
    state: () => (state.open && usable() === null ? { ...state, open: false, why: 'it does not answer now' } : state),
    tried,
    close() {
      closing.abort()
      for (const one of alive) one.cut('it was closed')
    },
  }
}
