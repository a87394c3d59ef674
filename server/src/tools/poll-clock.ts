/**
 * Which time does an asking go by, when a tool's clock may be wrong or somebody set a time by hand?
 * Its server's, so that both count alike, as long as it is near ours. What is said to have changed later than that is not believed: asking from then on would hear nothing until then.
 */

/** A server's clock may differ so much (ms) from ours. */
const apartAtMost = 3_600_000

/** `now` (ms). `problem`: why the server's time is not taken, a sentence. */
export type PollClock = { readonly now: number; readonly problem: string | null }

/** By the `date` of an answer and our own time (ms). */
export const clockOf = (date: string | undefined, ours: number): PollClock => {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return { now: ours, problem: null }
  return Math.abs(theirs - ours) <= apartAtMost
    ? { now: theirs, problem: null }
    : {
        now: ours,
        problem: `The server says that it is ${said(theirs)}; by our clock it is ${said(ours)}. Set the one that is wrong: ours is gone by.`,
      }
}

/** The time (ISO), or now where it lies after it. */
export const notAfter = (time: string, now: number): string =>
  Date.parse(time) > now ? new Date(now).toISOString() : time

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
