/**
 * What would work on this repository use on this machine?
 * Asked of the runner's own program (`vpd look`): which agents with which models, the wall, the repository's checks, about what it costs.
 */
import { execFile } from 'node:child_process'
import { z } from 'zod'
import { DetectedAgent } from '@viewportai/core/wire/messages'
import { Isolation } from '@viewportai/core/run/facts'
import { Stop } from '../cli/exit.ts'
import { inLine } from '../cli/terminal.ts'
import type { RunnerProgram } from '../sample/pair-runner.ts'

const Hosts = z.union([z.literal('open'), z.array(z.string())])
const LookedAgent = z.object({
  ...DetectedAgent.shape,
  model: z.discriminatedUnion('way', [
    z.object({ way: z.literal('gateway'), providers: z.array(z.object({ name: z.string(), url: z.url() })) }),
    z.object({ way: z.literal('login') }),
    z.object({ way: z.literal('own') }),
    z.object({ way: z.literal('none'), why: z.string() }),
  ]),
  estimate: z
    .object({
      low: z.number(),
      high: z.number(),
      models: z.tuple([z.string(), z.string()]),
      pricesOf: z.string().nullable(),
    })
    .nullable(),
})
export type LookedAgent = z.infer<typeof LookedAgent>
const Looked = z.object({
  event: z.literal('look'),
  agents: z.array(LookedAgent),
  isolation: Isolation,
  network: z.object({ agents: Hosts, checks: Hosts }),
  reckoned: z.object({ input: z.number(), cached: z.number(), output: z.number() }),
  checks: z.object({ commands: z.array(z.string()), from: z.string().nullable() }),
})
export type Looked = z.infer<typeof Looked>

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
  const looked = Looked.safeParse(jsonOf(said))
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
