/**
 * What happens when the control plane says "look now"?
 * One stream of notes; each makes the right answers stale. A lost note costs latency only: a new connection makes everything stale once.
 * A stream that misses two beats has died without a word, and is ended and opened anew.
 * A page that nobody sees has none: a browser opens six connections to one server over HTTP/1.1, so the seventh tab would never be answered.
 */
import { StreamBeat, StreamNote } from '@viewportai/core/api/stream'
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { now } from './clock.ts'
import { lookAgain } from './look-again.ts'
import { touched } from './topics.ts'

type LiveState = {
  on: boolean
  /** when the stream was heard last, by the control plane's clock */ heard: number | null
  /** since when it is down, by the control plane's clock */ downSince: number | null
}
/** Ends a stream that stands; null: nobody listens. */
let prove: (() => void) | null = null
/** Nobody answered a question: a stream that stands may be dead without a word, and is opened anew, which shows it. */
export const doubt = (): void => prove?.()

const waits = [500, 1_000, 2_000, 4_000, 8_000, 15_000]
/** How often the stream is believed to speak until it says so itself. */
const beatMillis = 20_000
/** So long a page that nobody sees keeps its stream: who comes back soon finds it as it was. */
const keptMillis = 3_000
const together = 60 // milliseconds in which notes are gathered into one look

let state: LiveState = { on: false, heard: null, downSince: now() }
const listeners = new Set<() => void>()
const set = (next: LiveState): void => {
  state = next
  for (const listener of listeners) listener()
}

/** Connects and stays connected until the returned function is called. */
export const listen = (queries: QueryClient): (() => void) => {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let gathering: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined
  let rests = false
  let everyMillis = beatMillis
  let failures = 0
  let stopped = false
  const words = new Set<string>()

  const look = () => {
    gathering = undefined
    const stale = new Set(words)
    words.clear()
    void lookAgain(queries, stale)
  }
  const hear = () => {
    set({ on: true, heard: now(), downSince: null })
    listenFor()
  }
  const listenFor = () => {
    clearTimeout(silence)
    silence = setTimeout(lost, 2.5 * everyMillis)
  }
  const beat = (event: MessageEvent<string>) => {
    everyMillis = beatIn(event.data) ?? everyMillis
    hear()
  }
  const note = (event: MessageEvent<string>) => {
    hear()
    const read = noteIn(event.data)
    if (!read) return
    for (const word of touched[read.topic]) words.add(word)
    gathering ??= setTimeout(look, together)
  }
  const connect = () => {
    source = new EventSource('/api/stream')
    listenFor()
    source.addEventListener('open', () => {
      // Whatever happened while nobody listened is asked for now, except on the very first connection.
      if (failures > 0) void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
      failures = 0
      hear()
    })
    source.addEventListener('message', note)
    source.addEventListener('note', note)
    source.addEventListener('beat', beat)
    source.addEventListener('error', lost)
  }
  const lost = () => {
    source?.close()
    clearTimeout(silence)
    clearTimeout(timer)
    if (stopped) return
    set({ on: false, heard: state.heard, downSince: state.downSince ?? now() })
    const wait = waits[Math.min(failures, waits.length - 1)]!
    failures += 1
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2))
  }
  const again = () => {
    if (state.on || stopped || rests) return
    clearTimeout(timer)
    source?.close()
    connect()
  }
  const rest = () => {
    rests = true
    source?.close()
    clearTimeout(timer)
    clearTimeout(silence)
  }
  const seen = () => {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(rest, keptMillis)
    else if (rests) {
      rests = false
      failures = Math.max(failures, 1) // what happened meanwhile is asked for
      if (!state.on) set({ ...state, downSince: now() }) // nobody was asked until now
      connect()
    }
  }
  if (document.hidden) rests = true
  else connect()
  prove = () => {
    if (state.on && !rests) lost()
  }
  window.addEventListener('online', again)
  document.addEventListener('visibilitychange', seen)
  return () => {
    stopped = true
    prove = null
    source?.close()
    clearTimeout(timer)
    clearTimeout(silence)
    clearTimeout(gathering)
    clearTimeout(hiding)
    window.removeEventListener('online', again)
    document.removeEventListener('visibilitychange', seen)
    set({ on: false, heard: null, downSince: now() })
  }
}

/** A line that is no note (a newer server's) is not worth an error: the next look shows the truth. */
const noteIn = (line: string): StreamNote | null => {
  try {
    return StreamNote.parse(JSON.parse(line))
  } catch {
    return null
  }
}

const beatIn = (line: string): number | null => {
  try {
    return StreamBeat.parse(JSON.parse(line)).everyMillis
  } catch {
    return null
  }
}

export const useLive = (): LiveState =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
