/** How many tests passed and failed, as the runner's own output says it? Null where nothing known is found: never guessed. */
import type { TestCounts } from '@viewportai/core/run/facts'
import type { z } from 'zod'

type Counts = z.infer<typeof TestCounts>

const colours = /\u001b\[[0-9;]*m/g

/** A reader takes line after line and knows at the end. Several runs in one output (workspaces) are added up. */
export const testCounter = (): { line(text: string): void; counts(): Counts | null } => {
  const sums = new Map<string, Counts>()
  const add = (form: string, passed: number, failed: number): void => {
    const before = sums.get(form) ?? { passed: 0, failed: 0 }
    sums.set(form, { passed: before.passed + passed, failed: before.failed + failed })
  }
  let isTap = false
  return {
    line: (text) => {
      const line = text.replace(colours, '')
      isTap ||= /^(?:TAP version \d+|1\.\.\d+)$/.test(line) // `ok` alone is what go and others say of a whole package
      for (const read of forms) read(line, add)
    },
    // a summary is worth more than counted lines
    counts: () =>
      ['node', 'vitest', 'jest', 'pytest', 'cargo', 'go', 'tap']
        .map((form) => (form === 'tap' && !isTap ? undefined : sums.get(form)))
        .find(Boolean) ?? null,
  }
}

type Form = (line: string, add: (form: string, passed: number, failed: number) => void) => void

const numberBefore = (line: string, word: string): number =>
  Number(new RegExp(`(\\d+) ${word}\\b`).exec(line)?.[1] ?? 0)

const forms: readonly Form[] = [
  // node --test: "# pass 3" (tap) or "ℹ pass 3" (spec)
  (line, add) => {
    const hit = /^(?:#|ℹ) (pass|fail) (\d+)$/.exec(line.trim())
    if (hit) add('node', hit[1] === 'pass' ? Number(hit[2]) : 0, hit[1] === 'fail' ? Number(hit[2]) : 0)
  },
  // vitest: "      Tests  1 failed | 5 passed (6)"
  (line, add) => {
    if (/^\s*Tests\s{2,}\d+ (?:passed|failed|skipped)/.test(line))
      add('vitest', numberBefore(line, 'passed'), numberBefore(line, 'failed'))
  },
  // jest: "Tests:       1 failed, 5 passed, 6 total"
  (line, add) => {
    if (/^Tests:\s+.*\btotal$/.test(line.trim()))
      add('jest', numberBefore(line, 'passed'), numberBefore(line, 'failed'))
  },
  // pytest: "=== 1 failed, 5 passed, 1 error in 0.12s ===" or "5 passed in 0.12s"
  (line, add) => {
    if (/^(?:=+ )?\d+ [a-z]+(?:, \d+ [a-z]+)* in [\d.]+s\b/.test(line.trim()))
      add('pytest', numberBefore(line, 'passed'), numberBefore(line, 'failed') + numberBefore(line, 'errors?'))
  },
  // cargo: "test result: FAILED. 5 passed; 1 failed; 0 ignored; …"
  (line, add) => {
    if (/^test result: \w+\. \d+ passed; \d+ failed;/.test(line.trim()))
      add('cargo', numberBefore(line, 'passed'), numberBefore(line, 'failed'))
  },
  // go test -v: "--- PASS: TestX (0.00s)"; sub-tests are indented and belong to theirs
  (line, add) => {
    const hit = /^--- (PASS|FAIL): /.exec(line)
    if (hit) add('go', hit[1] === 'PASS' ? 1 : 0, hit[1] === 'FAIL' ? 1 : 0)
  },
  // TAP 13/14: outer points alone, skipped and todo ones left out
  (line, add) => {
    const hit = /^(ok|not ok)(?: \d+)?\b(?!.*#\s*(?:skip|todo))/i.exec(line)
    if (hit) add('tap', hit[1] === 'ok' ? 1 : 0, hit[1] === 'ok' ? 0 : 1)
  },
]
