/**
 * How do two deliveries tell of one event when the tool gives it no id?
 * By names of what happened and when. A webhook and an answer of the API may put the same thing some seconds apart.
 */

/**
 * Two names for something that happened at `at` (ms): of two overlapping rows of windows, times that lie within `withinMillis` of each
 * other share a name in one of them. Times more than twice as far apart share none.
 */
export const around = (name: string, at: number, withinMillis: number): [string, string] => [
  `${name}:${Math.floor(at / (2 * withinMillis))}`,
  `${name}:${Math.floor((at + withinMillis) / (2 * withinMillis))}'`,
]
