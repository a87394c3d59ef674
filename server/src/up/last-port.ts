/** On which port did this data folder's Viewport listen last? Runners that are paired with it look for it there. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const fileIn = (dataFolder: string): string => path.join(dataFolder, 'port')

export const portOfLastTime = (dataFolder: string): number | null => {
  try {
    const port = Number(readFileSync(fileIn(dataFolder), 'utf8').trim())
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
  } catch {
    return null
  }
}

export const rememberPort = (dataFolder: string, port: number): void =>
  writeFileSync(fileIn(dataFolder), `${port}\n`, { mode: 0o600 })

/** What a person should know when it listens elsewhere than last time; null when nothing changed. */
export const movedWords = (lastTime: number | null, now: number): string | null =>
  lastTime === null || lastTime === now
    ? null
    : `Last time it was on port ${lastTime}. Runners that were paired there, and old links, do not find it on ${now}. When port ${lastTime} is free, --port ${lastTime} brings it back.`
