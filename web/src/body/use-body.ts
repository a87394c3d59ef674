/**
 * How does a page get the bytes it shows, checked?
 * The query gives bytes that have the named digest, or fails with why; progress is kept beside it. Checked bytes never change.
 */
import { useQuery } from '@tanstack/react-query'
import type { BodyRef } from '@viewportai/core/digest/body'
import { useSyncExternalStore } from 'react'
import { bodyRange } from '../api/call.ts'
import { asProblem, Problem } from '../api/problem.ts'
import { readBody } from './read.ts'

export type Evidence =
  | { state: 'none' } // there is no body to show
  | { state: 'loading'; checked: number; of: number }
  | { state: 'away'; problem: Problem } // somewhere else, and not reachable now
  | { state: 'wrong'; why: string } // bytes came, and they are not the named ones
  | {
      state: 'here'
      /** the same object as long as the bytes are the same */ shown: { bytes: Uint8Array; digest: string }
    }

/** The bytes that came are not the ones the reference names. Nothing is decided on them. */
class WrongBytes extends Error {}

const progress = new Map<string, number>()
const listeners = new Set<() => void>()
const note = (digest: string, checked: number): void => {
  progress.set(digest, checked)
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const againMillis = 15_000 // a runner that is away is asked again; no bytes are asked twice

/** The bytes of a body of a run. `again` asks once more when they were away or wrong. */
export const useBody = (run: string, ref: BodyRef | null): Evidence & { again: () => void } => {
  const digest = ref?.digest ?? ''
  const checked = useSyncExternalStore(subscribe, () => progress.get(digest) ?? 0)
  const query = useQuery({
    queryKey: ['body', run, digest],
    enabled: ref !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    retry: false,
    refetchInterval: (asked) => (asked.state.error && !(asked.state.error instanceof WrongBytes) ? againMillis : false),
    queryFn: async () => {
      const read = await readBody(ref!, bodyRange(run, digest), (bytes) => note(digest, bytes))
      if (!read.ok) throw new WrongBytes(read.why)
      return { bytes: read.bytes, digest: read.digest }
    },
  })
  const again = () => void query.refetch()
  if (!ref) return { state: 'none', again }
  if (query.data) return { state: 'here', shown: query.data, again }
  if (query.error instanceof WrongBytes) return { state: 'wrong', why: query.error.message, again }
  if (query.error) return { state: 'away', problem: asProblem(query.error), again }
  return { state: 'loading', checked, of: ref.bytes, again }
}
