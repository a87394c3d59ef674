// How do the tests of one vitest project become a stage, and what counts as failed?
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import { command } from './command.ts'
import { FILE_TIMES } from './file-times.ts'
import { red, type Outcome, type Stage } from './stage.ts'

/** The part of vitest's JSON report that is read here. */
export type Report = {
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { fullName: string; status: string; duration?: number | null; failureMessages?: string[] }[]
  }[]
}

/**
 * What the tests of a project mostly do. `compute`: a file for each processor. `wait`, for programs, databases and leases: two for each, as one
 * file alone leaves a processor idle for two thirds of its time. `both`: three for two, where one file alone nearly fills a processor and its
 * leases of five seconds must not starve. No more than eight: each has connections and programs of its own.
 */
export type Tests = 'compute' | 'both' | 'wait'

const filesForProcessor = { compute: 1, both: 1.5, wait: 2 }

const atOnce = (tests: Tests): number =>
  Math.min(8, Math.max(2, Math.floor(availableParallelism() * filesForProcessor[tests])))

/** A stage that runs one project of vitest.config.ts. No test at all is red: a stage that finds none proves nothing. */
export const vitestStage = (project: string, tests: Tests = 'compute'): Stage => ({
  name: project,
  run: async ({ root, env, live }) => {
    const folder = await mkdtemp(join(tmpdir(), 'viewport-check-'))
    const [file, times] = [join(folder, 'report.json'), join(folder, 'times.json')]
    try {
      const words = [
        'run',
        `--project=${project}`,
        `--maxWorkers=${atOnce(tests)}`,
        `--reporter=${live && process.stdout.isTTY ? 'dot' : 'minimal'}`,
        '--reporter=json',
        `--reporter=${join(import.meta.dirname, 'file-times.ts')}`,
        `--outputFile.json=${file}`,
      ]
      const { code, output } = await command('vitest', words, {
        cwd: root,
        env: { ...env, [FILE_TIMES]: times },
        live,
      })
      const text = await readFile(file, 'utf8').catch(() => undefined)
      const said = live ? {} : { said: output }
      if (text === undefined) return red(`vitest ended with ${code} and left no report.\n${output}`.trim())
      const took = JSON.parse(await readFile(times, 'utf8').catch(() => '{}')) as Record<string, number>
      const files = Object.entries(took).map(([path, milliseconds]) => ({ file: relative(root, path), milliseconds }))
      return { ...outcome(JSON.parse(text) as Report, code, root), files, ...said }
    } finally {
      await rm(folder, { recursive: true })
    }
  },
})

/**
 * Counts a report. A file that could not even be read counts as one failure, and so does an end that vitest itself
 * calls a failure without naming a test, such as a promise rejected after the last test.
 */
export function outcome({ testResults }: Report, code: number, root: string): Outcome {
  const runs = testResults.flatMap((file) => file.assertionResults.map((test) => ({ file, test })))
  const count = (status: string) => runs.filter(({ test }) => test.status === status).length
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const passed = count('passed')
  let failed = count('failed') + broken.length
  const complaints = broken.map(
    ({ name, message }) => `${relative(root, name)}: ${message ?? 'failed before any test'}`,
  )
  if (runs.length === 0 && broken.length === 0) complaints.push('There is not one test here.')
  else if (failed === 0 && code !== 0) complaints.push(`All tests passed, but vitest ended with ${code}.`)
  if (failed === 0 && complaints.length > 0) failed = 1
  const named = (wanted: (test: (typeof runs)[number]['test']) => boolean) =>
    runs.filter(({ test }) => wanted(test)).map(({ file, test }) => `${relative(root, file.name)}: ${test.fullName}`)
  return {
    passed,
    failed,
    skipped: named(({ status }) => status !== 'passed' && status !== 'failed'),
    again: named(({ status, failureMessages = [] }) => status === 'passed' && failureMessages.length > 0),
    words: `${testResults.length} files`,
    ...(complaints.length > 0 ? { complaint: complaints.join('\n') } : {}),
    tests: runs.map(({ file, test }) => ({
      name: test.fullName,
      file: relative(root, file.name),
      milliseconds: test.duration ?? 0,
    })),
  }
}
