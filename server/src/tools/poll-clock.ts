/**
 * Which time does an asking go by, when a tool's clock may be wrong or somebody set a time by hand?
 * Its server's, so that both count alike, as long as it is near ours. What is said to have changed later than that is not believed: asking from then on would hear nothing until then. Where a
 * clock is set back, what was kept by it goes back as far: it would lie ahead, and what happens until then would never be told.
 */
import { z } from 'zod'

/** A server's clock may differ so much (ms) from ours. */
const apartAtMost = 3_600_000
/** An answer takes its time and tells whole seconds: a clock that seems to have gone back by less (ms) has not. What an asking overlaps with the one before is longer. */
const noiseMillis = 5_000

/** `now`: what is gone by, `ours`: our own time (ms). `problem`: why the server's time is not taken, a sentence. */
export type PollClock = { readonly now: number; readonly ours: number; readonly problem: string | null }

/** The two times of an asking, kept with its place: by them the next one sees that the clock went back meanwhile. */
export const ClockThen = z.object({ now: z.number(), ours: z.number() })
export type ClockThen = z.infer<typeof ClockThen>

/** By the `date` of an answer and our own time (ms). */
export const clockOf = (date: string | undefined, ours: number): PollClock => {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return { now: ours, ours, problem: null }
  return Math.abs(theirs - ours) <= apartAtMost
    ? { now: theirs, ours, problem: null }
    : {
        now: ours,
        ours,
        problem: `The server says that it is ${said(theirs)}; by our clock it is ${said(ours)}. Set the one that is wrong: ours is gone by.`,
      }
}

/** The time (ISO), or now where it lies after it. */
export const notAfter = (time: string, now: number): string =>
  Date.parse(time) > now ? new Date(now).toISOString() : time

/** As it is kept with a place. */
export const thenOf = ({ now, ours }: PollClock): ClockThen => ({ now, ours })

/**
 * A time (ISO) that an asking before kept to go on from, by the clock of now: as much earlier as that went back since. Where nobody knows how much, an hour before now. What is
 * told twice for it counts once, by its name. `before`: undefined in a place that an older version kept.
 */
export const markBy =
  ({ now, ours }: Pick<PollClock, 'now' | 'ours'>, before?: ClockThen) =>
  (mark: string): string => {
    const back = before === undefined ? 0 : ours - before.ours - (now - before.now)
    const at = Date.parse(mark) - (back > noiseMillis ? back : 0)
    // Both clocks went back, or it is not known what the mark was made by.
    if (at > now + noiseMillis) return new Date(now - apartAtMost).toISOString()
    return at === Date.parse(mark) ? notAfter(mark, now) : new Date(at).toISOString()
  }

/** A sentence about things whose time lies more than `apartAtMost` ahead; null: there is none. */
export const aheadOf = (
  things: readonly { readonly name: string; readonly updatedAt: string }[],
  now: number,
): string | null => {
  const ahead = things.filter((one) => Date.parse(one.updatedAt) > now + apartAtMost)
  return ahead.length === 0
    ? null
    : `${ahead
        .slice(0, 3)
        .map((one) => `${one.name} (${moment(one.updatedAt)})`)
        .join(
          ', ',
        )} ${ahead.length === 1 ? 'is' : `and ${ahead.length > 3 ? 'others' : 'these'} are`} said to have changed in the future, which is not believed.`
}

/** A time (ISO) as people read it in a sentence. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`
const said = (at: number): string => moment(new Date(at).toISOString())
