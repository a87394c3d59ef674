/** What differs between the choices as they are and as they are wanted? Only that is sent, so that two admins at once change no more than each of them meant. */
import type { AnswerOf, CallOf } from '@viewportai/core/api/client'

export type Workspace = AnswerOf<'workspace', Response>

type Change = NonNullable<CallOf<'changeWorkspace'>['body']>
const names = ['bodies', 'leaves', 'defaultPool', 'defaultAgents', 'packetBodies', 'caps'] as const

/** Empty: nothing. */
export const differing = (now: Workspace, wanted: Workspace): Change =>
  Object.fromEntries(
    names.filter((name) => canonical(now[name]) !== canonical(wanted[name])).map((name) => [name, wanted[name]]),
  )

/** The same text for the same values, whatever the order of keys. */
const canonical = (value: unknown): string =>
  value !== null && typeof value === 'object'
    ? JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(value)
