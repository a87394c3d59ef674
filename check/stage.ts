// What is a stage of the check, and what does it leave behind?

/** One test a stage ran. */
export type TestRun = { name: string; file: string; milliseconds: number }

/** A file of tests with all it took: reading it, its hooks and its tests. */
export type FileRun = { file: string; milliseconds: number }

/** What a stage found. A stage that is not made of tests counts as one. */
export type Outcome = {
  passed: number
  failed: number
  /** Tests or parts that did not run, each with its reason. */
  skipped: string[]
  /** Tests that failed first and passed when they were tried again. They count as passed, and are named. */
  again?: string[]
  /** A few words for the closing line of the stage, such as "7 programs". */
  words: string
  /** What its programs said, where that was not shown at once. */
  said?: string
  /** What to read when it is red. */
  complaint?: string
  tests?: TestRun[]
  files?: FileRun[]
}

export type Stage = { name: string; run: (context: StageContext) => Promise<Outcome> }

/** `milliseconds`: from its begin to its end, by a clock that nobody sets. */
export type Ran = { stage: Stage; found: Outcome; milliseconds: number }

/** What stages give each other, and how they tidy up after the last one. */
export type StageContext = {
  root: string
  /** Environment for the programs a stage runs. */
  env: NodeJS.ProcessEnv
  /** Whether what the programs say is shown at once. */
  live: boolean
  /** Registers something to do at the very end, whatever happens. */
  atEnd: (action: () => Promise<void>) => void
}

export const green = (words: string): Outcome => ({ passed: 1, failed: 0, skipped: [], words })

export const red = (complaint: string): Outcome => ({ passed: 0, failed: 1, skipped: [], words: '', complaint })

/** A part that cannot run on this machine: told here, a failure where everything must be present (CI=true). */
export const skipped = (reason: string, env: NodeJS.ProcessEnv): Outcome =>
  env['CI'] === 'true'
    ? red(`${reason}\nCI=true, so nothing may be left out.`)
    : { ...green(''), passed: 0, skipped: [reason] }
