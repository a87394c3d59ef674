/**
 * How much of what changed does one asking take?
 * A server may tell more than fits into the time of an asking, and may belong to anybody: things are taken whole, in their order, while there is time and room. The rest
 * is for the next asking, which goes on behind the last one that was finished.
 */
import type { Outside } from '@viewportai/core/tools/outside'
import {
  asideAtMost,
  givenUp,
  Gone,
  isForgotten,
  isGivenUp,
  isOfOne,
  isWaiting,
  setAside,
  type Aside,
} from './poll-aside.ts'
import type { Polled } from './port.ts'

/** No new thing is begun so long (ms) after the first: what was begun is finished in the rest of the time that an asking has. */
export const takingMillis = 30_000
/** Of one event, as of a webhook; and of one asking, in characters. */
const eventAtMost = 5_242_880
const askingAtMost = 33_554_432

/** An event that was found, before its words are made. `about`: how people call what it is of. */
export type Tellable = {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: unknown
}
export type Room = {
  /** May another thing be begun? */
  isLeft(): boolean
  /** So many characters of answers are held until the end. */
  read(characters: number): void
  /** The events of one thing as they are stored, or null when they do not fit beside what is held. The first thing always does: of it `lost` tells what does not fit. */
  keep(
    events: readonly Tellable[],
    about: string,
    lost: (what: string) => void,
  ): readonly Polled['found'][number][] | null
}

/** The room of one asking that begins now. */
export const roomOf = ({ now }: Pick<Outside, 'now'>): Room => {
  const until = now() + takingMillis
  let held = 0
  let answers = 0
  let isFirst = true
  return {
    isLeft: () => now() < until && held < askingAtMost && answers < askingAtMost,
    read: (characters) => void (answers += characters),
    keep(events, about, lost) {
      const kept: Polled['found'][number][] = []
      let long = 0
      let left = 0
      let size = 0
      for (const { id, headers, payload } of events) {
        const body = JSON.stringify(payload)
        if (body.length > eventAtMost) {
          long++
          continue
        }
        if (held + size + body.length > askingAtMost) {
          if (!isFirst) return null
          left++
          continue
        }
        size += body.length
        kept.push({ id, headers, body })
      }
      held += size
      isFirst = false
      if (long > 0) lost(`Of ${about} ${long} ${long === 1 ? 'event is' : 'events are'} longer than 5 MB and left out.`)
      if (left > 0) lost(`Of ${about} ${left} events are left out: they are longer than 32 MB in all.`)
      return kept
    },
  }
}

type Changed = { readonly name: string; readonly key: string; readonly updatedAt: string }
/** From where an asking goes on: what changed at or after `since`, of which `done` (names) were finished at that very time; only what happened at or after `news` is told. */
type Since = {
  readonly since: string
  readonly news: string
  readonly done: readonly string[]
  readonly aside: readonly Aside[]
}
/** How far an asking came. `until`: the time of the last thing that was finished; `done`: all of that time that were; null: none was. `isCut`: there is more. `aside`: what waits to be read again. */
export type TakenInTurn = {
  readonly found: Polled['found'][number][]
  readonly isCut: boolean
  readonly until: string | null
  readonly done: readonly string[]
  readonly aside: readonly Aside[]
}
/** How one thing is read. `inParts`: what of it cannot be read is left out, and said. Throws. */
export type Reading<T> = {
  tell(thing: T, news: string, inParts: boolean): Promise<readonly Tellable[]>
  /** One that was set aside, by its key, as it is now. */
  again(aside: Aside): Promise<T>
}

/**
 * Takes things in the order of their change, each whole. One that fails ends the asking, where others were finished before; where it is the first it is set aside, and so the next
 * asking goes on behind it. What concerns all of them is thrown.
 */
export const takeInTurn = async <T extends Changed>(
  things: readonly T[],
  { since, news, done, aside }: Since,
  {
    room,
    now,
    reading,
    lost,
  }: { readonly room: Room; readonly now: number; readonly reading: Reading<T>; lost(what: string): void },
): Promise<TakenInTurn> => {
  const known = new Set(done)
  const waiting = new Map(aside.filter((one) => !isForgotten(one, now)).map((one) => [one.name, one]))
  const turn = things
    .filter((one) => !(one.updatedAt === since && known.has(one.name)))
    .toSorted((a, b) => (a.updatedAt < b.updatedAt ? -1 : a.updatedAt > b.updatedAt ? 1 : 0))
  const found: Polled['found'][number][] = []
  let finished = 0
  let hasFailed = false
  for (const one of turn) {
    if (finished > 0 && !room.isLeft()) break
    // All that happened to it is told when it can be read.
    const held = waiting.get(one.name)
    if (held && (isWaiting(held) || held.over === one.updatedAt)) {
      finished++
      continue
    }
    let kept: ReturnType<Room['keep']>
    try {
      kept = room.keep(await reading.tell(one, news, false), one.name, lost)
    } catch (error) {
      if (finished > 0) break // asked again it has all the time
      if (!isOfOne(error) || [...waiting.values()].filter(isWaiting).length >= asideAtMost) throw error
      waiting.set(one.name, setAside({ name: one.name, key: one.key, news, times: 0 }, error, now))
      hasFailed = true
      finished++
      break
    }
    if (kept === null) break
    found.push(...kept)
    finished++
  }
  const due = [...waiting.values()].filter((one) => isWaiting(one) && one.at <= now).toSorted((a, b) => a.at - b.at)[0]
  if (due !== undefined && !hasFailed && room.isLeft()) {
    const isLast = isGivenUp(due)
    let updatedAt = ''
    try {
      const one = await reading.again(due)
      updatedAt = one.updatedAt
      const kept = room.keep(await reading.tell(one, due.news, isLast), due.name, lost)
      if (kept !== null) {
        found.push(...kept)
        if (isLast) waiting.set(due.name, givenUp(due, updatedAt, now))
        else waiting.delete(due.name)
      }
    } catch (error) {
      if (!isOfOne(error)) throw error
      if (!isLast && !(error instanceof Gone)) waiting.set(due.name, setAside(due, error, now))
      else {
        waiting.set(due.name, givenUp(due, updatedAt, now))
        lost(`What happened to ${due.name} could not be read (${error.message.slice(0, 200)}): it was left out.`)
      }
    }
  }
  const until = turn[finished - 1]?.updatedAt ?? null
  return {
    found,
    isCut: finished < turn.length,
    until,
    done: [
      ...(until === null || until === since ? known : []),
      ...turn.slice(0, finished).flatMap((one) => (one.updatedAt === until ? [one.name] : [])),
    ],
    aside: [...waiting.values()],
  }
}
