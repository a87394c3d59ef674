/**
 * What time is it for the control plane?
 * Read from the `Date` of its answers and carried on by a clock that never jumps, so that a wrong or jumping clock of this machine changes nothing.
 */
export type ServerClock = {
  /** Notes an answer's Date header. `headAt`: monotonic milliseconds when it came. */
  note(date: string | undefined, headAt: number): void
  /** Seconds since 1970 by the control plane's clock; by this machine's until an answer told it. */
  seconds(): number
  /** How many seconds this machine's clock is ahead (negative: behind); null until an answer told it. */
  skew(): number | null
}

/** A clock without an answer yet. `wall` and `steady` give milliseconds; tests pass their own. */
export const serverClock = (
  wall: () => number = Date.now,
  steady: () => number = () => performance.now(),
): ServerClock => {
  let known: { server: number; steady: number } | null = null
  const now = (): number => (known ? known.server + (steady() - known.steady) : wall())
  return {
    note(date, headAt) {
      const server = Date.parse(date ?? '')
      // Date has whole seconds: its middle is the best guess.
      if (Number.isFinite(server)) known = { server: server + 500, steady: headAt }
    },
    seconds: () => Math.floor(now() / 1_000),
    skew: () => (known ? Math.round((wall() - now()) / 1_000) : null),
  }
}

/** A sentence about a clock that is off by more than `allowed` seconds, or null. */
export const skewWords = (skew: number | null, allowed = 60): string | null => {
  if (skew === null || Math.abs(skew) <= allowed) return null
  const span =
    Math.abs(skew) < 7_200
      ? `${Math.round(Math.abs(skew) / 60)} minutes`
      : `${(Math.abs(skew) / 3_600).toFixed(1)} hours`
  return `The clock of this machine is ${span} ${skew > 0 ? 'ahead of' : 'behind'} the control plane's. vpd goes by the control plane's; set this machine's clock all the same.`
}
