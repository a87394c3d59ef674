/**
 * How does a runner that this program starts become known?
 * By the real pairing: `vpd pair` shows a code and three words; they are looked up, compared and approved as the admin who started all this.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Api } from '../cli/connect.ts'

export type RunnerProgram = {
  readonly command: readonly [string, ...string[]]
  readonly env: Record<string, string>
  readonly home: string
}

/** As what it is let in. */
export type LetIn = { readonly name: string; readonly pool: string; readonly repositories: readonly string[] }

/** Pairs it unless it is paired already; gives its id. Throws with the runner's own words. */
export const pairRunner = async (
  api: Api,
  { command: [program, ...words], env, home }: RunnerProgram,
  as: LetIn,
  signal: AbortSignal,
): Promise<string> => {
  const { runners } = await api.runners()
  const paired = pairingFiles(env['VPD_HOME']!).find(({ id }) => runners.some((runner) => runner.id === id))
  if (paired) {
    pointTo(paired.file, api.url)
    return paired.id
  }
  const child = spawn(
    program,
    [
      ...words,
      'pair',
      '--worker',
      '--transport=polling',
      '--json',
      '--server',
      api.url,
      '--name',
      as.name,
      '--pool',
      as.pool,
    ],
    { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'], signal },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`The runner could not be started: ${error.message}`, { cause: error })),
    )
    child.once('close', resolve)
  })
  ended.catch(() => {}) // handled below; the loop may throw first
  let runner: string | null = null
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const event = readEvent(line)
      if (event?.event === 'error') said += event.message ?? ''
      if (event?.event === 'code') runner = await approve(api, as, event.code!, event.words!)
    }
    const code = await ended
    if (code !== 0 || runner === null)
      throw new Error(`The runner could not be paired: ${said.trim().split('\n').at(-1) || `vpd ended with ${code}`}`)
  } finally {
    child.kill('SIGTERM')
  }
  return runner
}

type PairEvent = { event: string; code?: string; words?: string[]; message?: string }

const readEvent = (line: string): PairEvent | null => {
  try {
    return JSON.parse(line) as PairEvent
  } catch {
    return null
  }
}

const approve = async (api: Api, as: LetIn, code: string, words: string[]): Promise<string | null> => {
  const pairing = await api.findPairing({ body: { code } })
  if (pairing.words.join(' ') !== words.join(' '))
    throw new Error('The words of the pairing differ from those the runner shows; it was not approved.')
  const { runner } = await api.decidePairing({
    params: { pairing: pairing.id },
    body: {
      verdict: 'approve',
      name: as.name,
      pool: as.pool,
      repositories: [...as.repositories],
      words: pairing.words,
    },
  })
  return runner
}

const pairingFiles = (vpdHome: string): { id: string; file: string }[] => {
  const runners = path.join(vpdHome, 'runners')
  try {
    return readdirSync(runners)
      .filter((name) => !name.startsWith('.'))
      .map((id) => ({ id, file: path.join(runners, id, 'pairing.json') }))
  } catch {
    return []
  }
}

/** The port of this Viewport may be another one than last time, and the runner belongs to it: its pairing is told so. */
const pointTo = (file: string, url: string): void => {
  const pairing = JSON.parse(readFileSync(file, 'utf8')) as { server: string }
  if (pairing.server === url) return
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...pairing, server: url }, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
