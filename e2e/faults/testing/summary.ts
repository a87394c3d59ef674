// What is told at the end of many runs?
import type { Played } from './play.ts'
import { nameOf } from './conductor.ts'

/** What came of many runs. `broke`: what did not hold, in words; `byRelay`: messages about work that came by relay. */
export type Came = { played: Played[]; broke: string[]; byRelay: number; millis: number }

/** A table of what was planned and what fell, and everything that broke. */
export function summaryOf({ played, broke, byRelay, millis }: Came): string {
  const planned = counted(played.flatMap(({ plan }) => plan.blows.map(nameOf)))
  const fell = counted(played.flatMap((one) => one.fell))
  const rows = [...planned.keys()]
    .toSorted()
    .map(
      (name) =>
        `  ${name.padEnd(22)} ${String(planned.get(name)).padStart(7)} ${String(fell.get(name) ?? 0).padStart(6)}`,
    )
  const seeds = played.map(({ seed }) => seed)
  const slowest = played.toSorted((a, b) => b.millis - a.millis).slice(0, 3)
  return [
    `  ${'fault'.padEnd(22)} ${'planned'.padStart(7)} ${'fell'.padStart(6)}`,
    ...rows,
    `${played.length} runs in ${(millis / 1_000).toFixed(0)} s, seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}; ${played.reduce((sum, one) => sum + one.attempts, 0)} attempts, ${played.reduce((sum, one) => sum + one.asked, 0)} questions answered`,
    `${played.filter(({ plan }) => plan.way === 'relay').length} of the runs by relay, with ${byRelay} messages that came by it; ${played.filter(({ plan }) => plan.agent !== 'hand').length} with a real agent`,
    `slowest: ${slowest.map((one) => `seed ${one.seed} ${(one.millis / 1_000).toFixed(0)} s (${one.fell.join(', ')})`).join('; ')}`,
    broke.length === 0
      ? 'Everything held.'
      : `${broke.length} things did not hold:\n${broke.map((words) => `- ${words}`).join('\n')}`,
  ].join('\n')
}

const counted = (names: readonly string[]): Map<string, number> =>
  names.reduce((map, name) => map.set(name, (map.get(name) ?? 0) + 1), new Map<string, number>())
