/**
 * What would work on this repository use on this machine?
 * Asked of the runner's own program (`vpd look`): which agents with which models, the wall, the repository's checks, about what it costs.
 */
import { execFile } from 'node:child_process'
import { z } from 'zod'
import { Looked } from '@viewportai/core/try/looked'
import { Stop } from '../cli/exit.ts'
import { inLine } from '../cli/terminal.ts'
import type { RunnerProgram } from '../sample/pair-runner.ts'

const Said = z.object({ ...Looked.shape, event: z.literal('look') })

/** Looks. Throws a `Stop` with the runner's own words. */
export const lookWithRunner = async (program: RunnerProgram, gitDir: string, commit: string): Promise<Looked> => {
  const said = await askRunner(program, ['look', gitDir, '--commit', commit], 'cannot look at this machine')
  const looked = Said.safeParse(jsonOf(said))
  if (looked.success) return looked.data
  throw new Stop(
    'refused',
    'The runner (`vpd`) is of another version than this program.',
    'Install both in the same version.',
  )
}

/** Has the runner's own program write these hosts into its policy, for checks and agents. Throws a `Stop` with its words when it cannot. */
export const allowHosts = async (program: RunnerProgram, hosts: readonly string[]): Promise<void> => {
  await askRunner(program, ['network', 'allow', ...hosts], 'cannot write its policy')
}

const Running = z.object({ runners: z.array(z.object({ runner: z.string(), running: z.boolean() })) })

/** Does a worker of this runner run here? */
export const workerRuns = async (program: RunnerProgram, runner: string): Promise<boolean> => {
  const said = Running.safeParse(jsonOf(await askRunner(program, ['status'], 'cannot tell what runs')))
  return said.success && said.data.runners.some((one) => one.runner === runner && one.running)
}

/** Runs one of its commands with --json and gives its answer. `cannot`: what is said when it ends badly. */
const askRunner = (
  { command: [program, ...words], env, home }: RunnerProgram,
  asked: readonly string[],
  cannot: string,
): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(
      program,
      [...words, ...asked, '--json'],
      { env, cwd: home, timeout: 120_000, maxBuffer: 8_000_000 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout)
        reject(
          new Stop('refused', `The runner ${cannot}: ${inLine(errorIn(stdout) ?? (stderr.trim() || error.message))}`),
        )
      },
    )
  })

const errorIn = (stdout: string): string | null => {
  const said = jsonOf(stdout) as { message?: unknown } | null
  return typeof said?.message === 'string' ? said.message : null
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
