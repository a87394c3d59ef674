// In which order do the files of a project begin? What may take longest first, so that it does not begin when the others are done.
import { readFileSync } from 'node:fs'

import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest time in milliseconds that a test or hook of this text says it may take: `timeout: 2_400_000`, or `}, 240_000)` at its end; 0 when none says so. */
export const patienceOf = (text: string): number =>
  Math.max(
    0,
    ...[...text.matchAll(/(?:\btimeout: |^\s*\}, )([\d_]+)\b/gm)].map(([, digits]) =>
      Number(digits!.replaceAll('_', '')),
    ),
  )

/** Vitest's own order, from what it remembers of an earlier run or by size, except that files with more patience come first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const patience = new Map(files.map((file) => [file, patienceOf(readFileSync(file.moduleId, 'utf8'))]))
    return (await super.sort(files)).toSorted((a, b) => patience.get(b)! - patience.get(a)!)
  }
}
