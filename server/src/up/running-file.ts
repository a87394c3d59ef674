/**
 * Where does the Viewport of this user run now?
 * `~/.viewport/running.json`, written when it answers and removed when it ends, read by the command line and by `vpd`.
 * What a killed Viewport left there is recognised and not believed.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { birthOf, isSameProcess } from './birth.ts'

const RunningViewport = z.object({
  url: z.url(),
  pid: z.int().positive(),
  birth: z.string(),
  dataFolder: z.string(),
  startedAt: z.int(),
  version: z.string(),
})
type RunningViewport = z.infer<typeof RunningViewport>

export const runningFile = (home = os.homedir()): string => path.join(home, '.viewport', 'running.json')

/** What runs now; null when nothing does, or when the one that wrote the file has ended. */
export const readRunning = (file = runningFile()): RunningViewport | null => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return null
  }
  try {
    const found = RunningViewport.parse(JSON.parse(text))
    return isSameProcess(found.pid, found.birth) ? found : null
  } catch {
    return null // half written or of another version
  }
}

/** Says that this process is the one. Gives back what takes the word back, when it is still ours. */
export const writeRunning = (about: Omit<RunningViewport, 'pid' | 'birth'>, file = runningFile()): (() => void) => {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const mine: RunningViewport = { ...about, pid: process.pid, birth: birthOf(process.pid) ?? '' }
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${JSON.stringify(mine, null, 2)}\n`, { mode: 0o600 })
  renameSync(fresh, file)
  return () => {
    if (readRunning(file)?.pid === process.pid) rmSync(file, { force: true })
  }
}
