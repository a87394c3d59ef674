// Which stages, files and tests are slow, and which source files are long? Shown, never judged.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { isTest, sourceFiles } from './source-files.ts'
import type { FileRun, Outcome, Ran, TestRun } from './stage.ts'

const SHOWN = 10

const took = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1).padStart(8)} s`

/** Every stage with its wall time, in the order in which they ran. */
export const stageTimes = (ran: Ran[]): string =>
  ran.map(({ stage, milliseconds }) => `${took(milliseconds)}  ${stage.name}`).join('\n')

/** The files that took longest, each with the stage it ran in: one file may run in several. */
export const slowestFiles = (ran: Ran[]): string =>
  ran
    .flatMap(({ stage, found }) => (found.files ?? []).map((one: FileRun) => ({ ...one, stage: stage.name })))
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, SHOWN)
    .map(({ file, milliseconds, stage }) => `${took(milliseconds)}  ${file} (${stage})`)
    .join('\n')

export const slowestTests = (tests: TestRun[]): string =>
  tests
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, SHOWN)
    .map(({ name, file, milliseconds }) => `${took(milliseconds)}  ${file}: ${name}`)
    .join('\n')

/** What did not simply pass in a green check: what was left out, and what passed only when it was tried again. */
export const notPlainlyPassed = (outcomes: Pick<Outcome, 'skipped' | 'again'>[]): string =>
  [
    ...outcomes.flatMap(({ skipped }) => skipped.map((reason) => `  skipped: ${reason}`)),
    ...outcomes.flatMap(({ again = [] }) => again.map((test) => `  only at the second try: ${test}`)),
  ].join('\n')

/** The longest files that are not tests, below a line with the median and the third quarter of all of them. */
export function longestFiles(root: string): string {
  const lengths = sourceFiles(root)
    .filter((file) => !isTest(file))
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
    .toSorted((a, b) => b.lines - a.lines)
  const share = (part: number) => lengths.toReversed()[Math.floor(lengths.length * part)]?.lines ?? 0
  const top = lengths.slice(0, SHOWN).map(({ file, lines }) => `  ${String(lines).padStart(6)}    ${file}`)
  return [
    `  of ${lengths.length}: half have up to ${share(0.5)} lines, three quarters up to ${share(0.75)}`,
    ...top,
  ].join('\n')
}
