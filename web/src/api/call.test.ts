/** Is a question given up that nobody answers, and only then? */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { api } from './call.ts'

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
