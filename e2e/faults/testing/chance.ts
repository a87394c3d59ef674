// What does chance say, so that it says the same again for the same seed?

/** Draws of one seed. */
export type Chance = {
  /** From 0 up to, not including, 1. */
  part(): number
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  /** True in so many of a hundred draws. */
  percent(of: number): boolean
  /** One of these, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T
  pick<T>(choices: readonly T[]): T
}

/** The draws of a seed: mulberry32, which is enough for choosing and the same on every machine. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const part = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (least: number, most: number): number => least + Math.floor(part() * (most - least + 1))
  return {
    part,
    whole,
    percent: (of) => part() * 100 < of,
    pick: (choices) => choices[whole(0, choices.length - 1)]!,
    weighted(choices) {
      let rest = part() * choices.reduce((sum, [weight]) => sum + weight, 0)
      return (choices.find(([weight]) => (rest -= weight) < 0) ?? choices.at(-1)!)[1]
    },
  }
}
