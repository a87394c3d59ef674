/**
 * How does the sample's runner become known?
 * By the real pairing: `vpd pair` shows a code and three words; the sample's admin looks the code up, compares the words and approves.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Api } from '../cli/connect.ts'
import { sampleRepository, sampleRunner } from './cast.ts'

export type RunnerProgram = {
  readonly command: readonly [string, ...string[]]
  readonly env: Record<string, string>
  readonly home: string
}

/** Pairs it unless it is paired already. Throws with the runner's own words. */
export const pairRunner = async (
  api: Api,
  { command: [program, ...words], env, home }: RunnerProgram,
  signal: AbortSignal,
): Promise<void> => {
  const { runners } = await api.runners()
  const paired = pairingFiles(env['VPD_HOME']!)
  if (paired.length > 0 && runners.some((runner) => paired.some((file) => file.includes(runner.id))))
    return paired.forEach((file) => pointTo(file, api.url))
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
      sampleRunner.name,
      '--pool',
      sampleRunner.pool,
    ],
    { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'], signal },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`The sample's runner could not be started: ${error.message}`, { cause: error })),
    )
    child.once('close', resolve)
  })
  ended.catch(() => {}) // handled below; the loop may throw first
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const event = readEvent(line)
      if (event?.event === 'code') await approve(api, event.code!, event.words!)
    }
    const code = await ended
    if (code !== 0)
      throw new Error(
        `The sample's runner could not be paired: ${said.trim().split('\n').at(-1) ?? `vpd ended with ${code}`}`,
      )
  } finally {
    child.kill('SIGTERM')
  }
}

type PairEvent = { event: string; code?: string; words?: string[] }

const readEvent = (line: string): PairEvent | null => {
  try {
    return JSON.parse(line) as PairEvent
  } catch {
    return null
  }
}

const approve = async (api: Api, code: string, words: string[]): Promise<void> => {
  const pairing = await api.findPairing({ body: { code } })
  if (pairing.words.join(' ') !== words.join(' '))
    throw new Error('The words of the pairing differ from those the runner shows; it was not approved.')
  await api.decidePairing({
    params: { pairing: pairing.id },
    body: {
      verdict: 'approve',
      name: sampleRunner.name,
      pool: sampleRunner.pool,
      repositories: [sampleRepository],
      words: pairing.words,
    },
  })
}

const pairingFiles = (vpdHome: string): string[] => {
  const runners = path.join(vpdHome, 'runners')
  try {
    return readdirSync(runners)
      .filter((name) => !name.startsWith('.'))
      .map((name) => path.join(runners, name, 'pairing.json'))
  } catch {
    return []
  }
}

/** The port of this Viewport may be another one than last time, and the sample's runner belongs to it: its pairing is told so. */
const pointTo = (file: string, url: string): void => {
  const pairing = JSON.parse(readFileSync(file, 'utf8')) as { server: string }
  if (pairing.server === url) return
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...pairing, server: url }, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
