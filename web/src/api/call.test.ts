/** Is a question given up that nobody answers, and only then? */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { QueryClient } from '@tanstack/react-query'
import { api } from './call.ts'
import { listen } from './live.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A server that takes the question and answers after so long (ms). */
const answersAfter = (millis: number): void =>
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal | null }) => {
    return new Promise<Response>((resolve, reject) => {
      setTimeout(() => resolve(Response.json({ effects: [], more: null })), millis)
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
    })
  })

test('a question that nobody answers for half a minute is one that nobody answers', async () => {
  answersAfter(600_000)
  const asked = api.effects({ query: {} }).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(29_000)
  await expect(Promise.race([asked, Promise.resolve('open')])).resolves.toBe('open')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await asked).toMatchObject({ code: 'unreachable' })
})

test('one that is answered late, but in time, is answered', async () => {
  answersAfter(25_000)
  const asked = api.effects({ query: {} })
  await vi.advanceTimersByTimeAsync(26_000)
  expect(await asked).toEqual({ effects: [], more: null })
  expect(vi.getTimerCount()).toBe(0)
})

test('a no is what was said, and not that nobody answers', async () => {
  const said = { code: 'forbidden', detail: 'Only an admin sees this.', next: 'Ask an admin.', status: 403 }
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(said, { status: 403 })))
  await expect(api.effects({ query: {} })).rejects.toMatchObject({ code: 'forbidden', next: 'Ask an admin.' })
})

test('a question without an answer makes the stream of notes be opened anew: it may be as dead', async () => {
  const streams: EventTarget[] = []
  vi.stubGlobal(
    'EventSource',
    class extends EventTarget {
      constructor() {
        super()
        streams.push(this)
      }
      close(): void {}
    },
  )
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }))
  const stop = listen(new QueryClient())
  streams[0]!.dispatchEvent(new Event('open'))
  answersAfter(25_000)
  const answered = api.effects({ query: {} })
  await vi.advanceTimersByTimeAsync(26_000)
  await answered
  const before = streams.length
  answersAfter(600_000)
  const asked = api.effects({ query: {} }).catch(() => null)
  await vi.advanceTimersByTimeAsync(29_999)
  streams.at(-1)!.dispatchEvent(new Event('open'))
  const standing = streams.length
  await vi.advanceTimersByTimeAsync(2)
  await asked
  await vi.advanceTimersByTimeAsync(600)
  expect(before).toBeGreaterThan(0)
  expect(streams.length).toBe(standing + 1)
  stop()
})
