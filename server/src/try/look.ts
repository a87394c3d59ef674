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
export const lookWithRunner = async (
  { command: [program, ...words], env, home }: RunnerProgram,
  gitDir: string,
  commit: string,
): Promise<Looked> => {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(
      program,
      [...words, 'look', gitDir, '--commit', commit, '--json'],
      { env, cwd: home, timeout: 120_000, maxBuffer: 8_000_000 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout)
        reject(
          new Stop(
            'refused',
            `The runner cannot look at this machine: ${inLine(errorIn(stdout) ?? (stderr.trim() || error.message))}`,
          ),
        )
      },
    )
  })
  const looked = Said.safeParse(jsonOf(said))
  if (looked.success) return looked.data
  throw new Stop(
    'refused',
    'The runner (`vpd`) is of another version than this program.',
    'Install both in the same version.',
  )
}

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
